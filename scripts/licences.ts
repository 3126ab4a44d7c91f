import { readdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { Metafile } from "esbuild"

/** The folder of the package that contains a bundled file: the path including the last `node_modules/[@scope/]name`. */
const packageFolder = (file: string) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0]

const licenceOf = async (folder: string): Promise<string> => {
  const { license, name, version } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"))
  const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry))
  const text = file === undefined ? "" : `\n\n${(await readFile(join(folder, file), "utf8")).trim()}`
  return `${name} ${version} (${license})${text}\n`
}

/** Writes the licences of all packages in the bundles. The licences require this for copies. */
export const writeLicences = async (bundles: ReadonlyArray<Metafile>, target: string): Promise<void> => {
  const folders = bundles
    .flatMap(({ outputs }) => Object.values(outputs))
    .flatMap(({ inputs }) => Object.keys(inputs))
    .flatMap((file) => packageFolder(file) ?? [])
  const licences = await Promise.all([...new Set(folders)].sort().map(licenceOf))
  await writeFile(target, licences.join(`\n${"-".repeat(80)}\n\n`))
}
