import { cp, readdir } from "node:fs/promises"
import { extname, join, relative } from "node:path"
import type { Metafile } from "esbuild"
import { build } from "esbuild"
import * as PageBundle from "../src/Server/Pages/PageBundle.ts"

const isScript = (file: string) => extname(file) === ".ts"
const isForTools = (file: string) => file.endsWith("tsconfig.json")

/** Bundles each `main.ts` under `source` to a `main.js` in the same place under `target`; copies what is no script.
 * Returns what esbuild put into which file. */
export const buildPages = async (source: string, target: string): Promise<Metafile> => {
  const files = (await readdir(source, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => relative(source, join(entry.parentPath, entry.name)))
  const { metafile } = await build({
    ...PageBundle.options,
    entryPoints: files.filter((file) => /(^|[\\/])main\.ts$/.test(file)).map((file) => join(source, file)),
    outbase: source,
    outdir: target,
    metafile: true,
    logLevel: "warning"
  })
  for (const file of files.filter((name) => !isScript(name) && !isForTools(name))) {
    await cp(join(source, file), join(target, file))
  }
  return metafile
}
