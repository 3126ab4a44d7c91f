import type { Metafile } from "esbuild"

/** What the command line may load before it knows the command, in bytes: @effect/cli and its part of Effect; a tenth is ours. */
const budget = 1_000_000

type Kind = Metafile["outputs"][string]["imports"][number]["kind"]

/** Adds the files that Node loads with `entry`: those it imports in the way of `kinds`, and what they import but not by `import()`. */
const addLoaded = (
  outputs: Metafile["outputs"],
  entry: string,
  loaded: Set<string>,
  kinds: ReadonlyArray<Kind> = ["import-statement"]
): Set<string> => {
  if (loaded.has(entry)) return loaded
  loaded.add(entry)
  for (const { external, kind, path } of outputs[entry]?.imports ?? []) {
    if (kinds.includes(kind) && external !== true) addLoaded(outputs, path, loaded)
  }
  return loaded
}

/** The entry itself loads the command line by `import()`, when the compile cache is there. */
const loadedWith = (outputs: Metafile["outputs"], entry: string): ReadonlySet<string> =>
  addLoaded(outputs, entry, new Set(), ["import-statement", "dynamic-import"])

/** The bytes that the start of `entry` loads; fails when they are over the budget, and names our modules among them. */
export const checkStartUp = ({ outputs }: Metafile, entry: string): number => {
  const files = [...loadedWith(outputs, entry)]
  const bytes = files.reduce((sum, file) => sum + (outputs[file]?.bytes ?? 0), 0)
  if (bytes <= budget) return bytes
  const own = files
    .flatMap((file) => Object.entries(outputs[file]?.inputs ?? {}))
    .filter(([input]) => !input.includes("node_modules"))
    .sort(([, a], [, b]) => b.bytesInOutput - a.bytesInOutput)
    .map(([input, { bytesInOutput }]) => `  ${input} ${bytesInOutput}`)
  console.error(
    `${entry} loads ${bytes} bytes when it starts, over ${budget}: load by import() what only a command needs:`
  )
  console.error(own.join("\n"))
  process.exit(1)
}
