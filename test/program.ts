/** How tests start the command line: from the bundle that the run made, or else, outside of vitest, from its sources. */
import { fileURLToPath } from "node:url"
import { inject } from "vitest"

declare module "vitest" {
  export interface ProvidedContext {
    /** The script of the bundle, for plain Node. */
    readonly program: string
  }
}

const fromSources = ["--import", "tsx", fileURLToPath(new URL("../src/main.ts", import.meta.url))]

/** The arguments of Node before those of the command line. */
export const program = (): ReadonlyArray<string> =>
  process.env["VITEST"] === undefined ? fromSources : [inject("program")]
