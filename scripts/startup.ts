import type { Metafile } from "esbuild"
import { addLoaded, chunkOf, type Outputs } from "./bundleGraph.ts"

/** A start of the program, and the most bytes that it may load until it does what it is for. */
interface Start {
  readonly title: string
  /** The modules that it loads with `import()`. */
  readonly modules: ReadonlyArray<string>
  readonly budget: number
}

const starts: ReadonlyArray<Start> = [
  // Nine tenths are @effect/cli and Effect.
  { title: "the command line, until it knows the command,", modules: ["src/Cli/Main.ts"], budget: 1_000_000 },
  {
    title: "serve, until it listens,",
    modules: ["src/Cli/Main.ts", "src/Cli/Serve/Serve.ts", "src/Cli/Serve/ServeHandler.ts"],
    budget: 1_500_000
  }
]

const loadedBy = (outputs: Outputs, entry: string, { modules }: Start): ReadonlyArray<string> => {
  const loaded = addLoaded(outputs, entry, new Set())
  for (const module of modules) addLoaded(outputs, chunkOf(outputs, module), loaded)
  return [...loaded]
}

const check = (outputs: Outputs, entry: string, start: Start): string => {
  const { budget, title } = start
  const files = loadedBy(outputs, entry, start)
  const bytes = files.reduce((sum, file) => sum + (outputs[file]?.bytes ?? 0), 0)
  if (bytes <= budget) return `${title} loads ${Math.round(bytes / 1000)} kB`
  const own = files
    .flatMap((file) => Object.entries(outputs[file]?.inputs ?? {}))
    .filter(([input]) => !input.includes("node_modules"))
    .sort(([, a], [, b]) => b.bytesInOutput - a.bytesInOutput)
    .map(([input, { bytesInOutput }]) => `  ${input} ${bytesInOutput}`)
  console.error(
    `${title} loads ${bytes} bytes; expected at most ${budget}. Load with import() what it does not need by then:`
  )
  console.error(own.join("\n"))
  process.exit(1)
}

/**
 * Returns a line for each start of `entry`, with the bytes that it loads. Over a budget, prints which of our modules are loaded and exits
 * with status 1.
 */
export const checkStarts = ({ outputs }: Metafile, entry: string): ReadonlyArray<string> =>
  starts.map((start) => check(outputs, entry, start))
