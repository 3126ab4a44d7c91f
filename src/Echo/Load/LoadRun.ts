import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { FailureGroup } from "../Measure/Failure.ts"
import type { Report } from "../Measure/Report.ts"
import type { Second } from "../Measure/TimeSeries.ts"

/** The scenario cannot be run with these options; `message` says what to change. */
export class PlanError extends Schema.TaggedError<PlanError>()("PlanError", { message: Schema.String }) {}

/** The state of a run; `elapsed` in milliseconds, `waiting` the clients that have not begun to connect. */
export const Snapshot = Schema.Struct({
  elapsed: Schema.Number,
  clients: Schema.Number,
  waiting: Schema.Number,
  connecting: Schema.Number,
  open: Schema.Number,
  /** Without a connection, to connect again. */
  away: Schema.Number,
  peak: Schema.Number,
  started: Schema.Number,
  completed: Schema.Number,
  failed: Schema.Number,
  sent: Schema.Number,
  received: Schema.Number,
  failures: Schema.Array(FailureGroup),
  /** Messages a second that are planned over all processes. */
  rate: Schema.optional(Schema.Number),
  /** Whether the user asked it to come to its end. */
  stopped: Schema.Boolean
})
export type Snapshot = typeof Snapshot.Type

/** Another load from now on: `clients` over all processes, or the `rate` of a run that plans its messages. */
export const Steering = Schema.Union(Schema.Struct({ clients: Schema.Number }), Schema.Struct({ rate: Schema.Number }))
export type Steering = typeof Steering.Type

/** A load test that is going on, in this process or in several. */
export interface LoadRun {
  readonly unsafeSnapshot: () => Snapshot
  /** The seconds that have passed after the one of that number; 0 for all. */
  readonly unsafeSeconds: (after: number) => ReadonlyArray<Second>
  readonly steer: (to: Steering) => Effect.Effect<void>
  /** Opens no more connections and lets the conversations at hand come to their end. */
  readonly stop: Effect.Effect<void>
  /** Ends all conversations now. */
  readonly abort: Effect.Effect<void>
  /** Waits for the end. */
  readonly report: Effect.Effect<Report>
}
