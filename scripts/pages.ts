import { cp, readdir, readFile, writeFile } from "node:fs/promises"
import { extname, join, relative } from "node:path"
import type { Metafile } from "esbuild"
import { build } from "esbuild"
import * as ContentEncoding from "../src/Server/Pages/ContentEncoding.ts"
import * as PageBundle from "../src/Server/Pages/PageBundle.ts"
import { hashOf, withHashes } from "../src/Server/Pages/StaticFiles.ts"

const isScript = (file: string) => extname(file) === ".ts"
/** What a page loads: its script, and its sheet if that imports others. */
const isBundled = (file: string) => /(^|[\\/])main\.(ts|css)$/.test(file)
const isForTools = (file: string) => file.endsWith("tsconfig.json")

/**
 * Bundles each `main.ts` under `source` to a `main.js` in the same place under `target`, each `main.css` with the sheets that it imports,
 * and copies the other files that are no scripts. Returns which input esbuild put into which file.
 */
export const buildPages = async (source: string, target: string): Promise<Metafile> => {
  const files = (await readdir(source, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => relative(source, join(entry.parentPath, entry.name)))
  const { metafile } = await build({
    ...PageBundle.options,
    entryPoints: files.filter(isBundled).map((file) => join(source, file)),
    outbase: source,
    outdir: target,
    metafile: true,
    logLevel: "warning"
  })
  for (const file of files.filter((name) => !isScript(name) && !isBundled(name) && !isForTools(name))) {
    await cp(join(source, file), join(target, file))
  }
  await nameByHash(target)
  await compress(target)
  return metafile
}

const filesUnder = async (folder: string): Promise<ReadonlyArray<string>> =>
  (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))

/** Adds the hash of each file to its URL in the pages, so that browsers cache a file until it changes. */
const nameByHash = async (folder: string) => {
  const files = await filesUnder(folder)
  const hashes = new Map<string, string>()
  for (const file of files) hashes.set(file.replaceAll("\\", "/"), hashOf(await readFile(join(folder, file))))
  for (const page of files.filter((file) => extname(file) === ".html")) {
    const path = join(folder, page)
    await writeFile(path, withHashes(await readFile(path, "utf8"), hashes))
  }
}

const compress = async (folder: string) => {
  for (const file of (await filesUnder(folder)).filter((name) => extname(name) !== ".png")) {
    const path = join(folder, file)
    const variants = await ContentEncoding.compress(await readFile(path), true)
    for (const encoding of ContentEncoding.encodings) {
      const body = variants[encoding]
      if (body !== undefined) await writeFile(`${path}${ContentEncoding.suffixes[encoding]}`, body)
    }
  }
}
