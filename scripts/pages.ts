import { cp, readdir } from "node:fs/promises"
import { extname, join, relative } from "node:path"
import type { BuildOptions, Metafile } from "esbuild"
import { build } from "esbuild"

/** How a page's script becomes what a browser loads: one file beside its page, no inline script or style. */
const pageOptions = {
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: true,
  charset: "utf8",
  legalComments: "none",
  logLevel: "warning"
} as const satisfies BuildOptions

const isScript = (file: string) => extname(file) === ".ts"
const isForTools = (file: string) => file.endsWith("tsconfig.json")

/** Bundles each `main.ts` under `source` to a `main.js` in the same place under `target`; copies what is no script.
 * Returns what esbuild put into which file. */
export const buildPages = async (source: string, target: string): Promise<Metafile> => {
  const files = (await readdir(source, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => relative(source, join(entry.parentPath, entry.name)))
  const { metafile } = await build({
    ...pageOptions,
    entryPoints: files.filter((file) => /(^|[\\/])main\.ts$/.test(file)).map((file) => join(source, file)),
    outbase: source,
    outdir: target,
    metafile: true
  })
  for (const file of files.filter((name) => !isScript(name) && !isForTools(name))) {
    await cp(join(source, file), join(target, file))
  }
  return metafile
}
