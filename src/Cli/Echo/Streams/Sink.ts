import type * as Effect from "effect/Effect"
import type { Report } from "../../../Echo/Measure/Report.ts"
import type { Observation } from "../../../Echo/Report/Observer.ts"
import type { Output } from "../../Output.ts"
import type { UserError } from "../../UserError.ts"

/** Receives the figures of a run while it is running. */
export interface Sink {
  /** As `--stream` gave it. */
  readonly name: string
  /** Tells what has happened since the time before, about once a second; `at` in milliseconds since 1970. */
  readonly write: (observation: Observation, at: number) => Effect.Effect<void, UserError, Output>
  /** Tells the end. */
  readonly end?: (report: Report, at: number) => Effect.Effect<void, UserError, Output>
}
