import type * as Effect from "effect/Effect"
import type { Report } from "../../../Echo/Measure/Report.ts"
import type { Observation } from "../../../Echo/Report/Observer.ts"
import type { Output } from "../../Output.ts"
import type { UserError } from "../../UserError.ts"

export interface Sink {
  /** The value of `--stream`. */
  readonly name: string
  /** Writes what has happened since the last call. Called about once per second. `at` is in milliseconds since 1970. */
  readonly write: (observation: Observation, at: number) => Effect.Effect<void, UserError, Output>
  readonly end?: (report: Report, at: number) => Effect.Effect<void, UserError, Output>
}
