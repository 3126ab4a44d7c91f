import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Output } from "../../src/Cli/Output.ts"

const nobody = { isRedrawable: false, columns: () => 80, rows: () => 24, unsafeWrite: () => {} }

/** Standard output and error of a command that nobody reads. */
export const silentOutput = Layer.succeed(Output, { results: nobody, notes: nobody, broken: Effect.never })
