/** How tests start the command line: from the bundle that the run made, or else, outside of vitest, from its sources. */
import { fileURLToPath } from "node:url"

/** In the environment of the run: the script of the bundle, for plain Node. */
export const BUNDLE = "EFFECT_C10K_TEST_BUNDLE"

const fromSources = ["--import", "tsx", fileURLToPath(new URL("../src/main.ts", import.meta.url))]

/** The arguments of Node before those of the command line. */
export const program = (): ReadonlyArray<string> => {
  const bundle = process.env[BUNDLE]
  return bundle === undefined ? fromSources : [bundle]
}
