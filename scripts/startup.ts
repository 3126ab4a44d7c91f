import type { Metafile } from "esbuild"

/** The most bytes that the command line may load before it knows the command. Nine tenths are @effect/cli and Effect. */
const budget = 1_000_000

type Kind = Metafile["outputs"][string]["imports"][number]["kind"]

/** Adds the files that Node loads with `entry`: those that it imports in one of the ways in `kinds`, and all that these import statically. */
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

/** The entry loads the command line by `import()`, after it has enabled the compile cache, so its dynamic imports count too. */
const loadedWith = (outputs: Metafile["outputs"], entry: string): ReadonlySet<string> =>
  addLoaded(outputs, entry, new Set(), ["import-statement", "dynamic-import"])

/** Returns how many bytes the start of `entry` loads. Over the budget, prints which of our modules are loaded and exits with status 1. */
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
    `${entry} loads ${bytes} bytes when it starts; expected at most ${budget}. Load modules that only one command needs with import():`
  )
  console.error(own.join("\n"))
  process.exit(1)
}
