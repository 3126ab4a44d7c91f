/** Which files of a bundle load which, by esbuild's metafile. */
import type { Metafile } from "esbuild"

export type Outputs = Metafile["outputs"]

/** The files of the bundle that `file` imports: statically, or with `import()`. */
export const importsOf = (
  outputs: Outputs,
  file: string,
  kind: "import-statement" | "dynamic-import"
): ReadonlyArray<string> =>
  (outputs[file]?.imports ?? []).filter((each) => each.kind === kind && each.external !== true).map(({ path }) => path)

/** Adds the files that Node loads with `file`: itself, and all that it imports statically. */
export const addLoaded = (outputs: Outputs, file: string, loaded: Set<string>): Set<string> => {
  if (loaded.has(file)) return loaded
  loaded.add(file)
  for (const path of importsOf(outputs, file, "import-statement")) addLoaded(outputs, path, loaded)
  return loaded
}

/** The file of a module that is loaded with `import()`. */
export const chunkOf = (outputs: Outputs, module: string): string => {
  const file = Object.keys(outputs).find((each) => outputs[each]?.entryPoint === module)
  if (file === undefined) throw new Error(`${module} has no chunk of its own: expected that it is loaded with import()`)
  return file
}
