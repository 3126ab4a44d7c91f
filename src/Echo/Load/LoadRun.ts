import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { FailureGroup, FailureLog } from "../Measure/Failure.ts"
import * as Monoid from "../Measure/Monoid.ts"
import type { Report } from "../Measure/Report.ts"
import type { Second } from "../Measure/TimeSeries.ts"

/** The scenario cannot be run with these options. `message` says what to change. */
export class PlanError extends Schema.TaggedError<PlanError>()("PlanError", { message: Schema.String }) {}

/** The state of a run, and of several processes together. `elapsed` is in milliseconds. `waiting` counts the clients that have not begun to connect. */
export const snapshots = Monoid.struct({
  elapsed: Monoid.max,
  clients: Monoid.sum,
  waiting: Monoid.sum,
  connecting: Monoid.sum,
  open: Monoid.sum,
  /** Clients that have lost their connection and will connect again. */
  away: Monoid.sum,
  peak: Monoid.sum,
  started: Monoid.sum,
  completed: Monoid.sum,
  failed: Monoid.sum,
  sent: Monoid.sum,
  received: Monoid.sum,
  failures: Monoid.list(FailureGroup, FailureLog.sum),
  /** The planned messages per second of all processes together. */
  rate: Monoid.optional(Schema.Number, (a) => a),
  /** Whether the user has stopped the run. */
  stopped: Monoid.some
})
export const LoadSnapshot = snapshots.schema
export type LoadSnapshot = typeof LoadSnapshot.Type

/** Whether a planned client has never begun to connect. A client between two conversations waits too, but has begun before. */
export const isConnecting = ({
  clients,
  started,
  waiting
}: Pick<LoadSnapshot, "clients" | "started" | "waiting">): boolean => waiting > 0 && started < clients

/** A change of the load: the number of `clients` of all processes, or the `rate` (messages per second) of a run with a planned rate. */
export const Steering = Schema.Union(Schema.Struct({ clients: Schema.Number }), Schema.Struct({ rate: Schema.Number }))
export type Steering = typeof Steering.Type

/** A running load test, in this process or in several. */
export interface LoadRun {
  readonly unsafeSnapshot: () => LoadSnapshot
  /** The seconds after second number `after` that have passed; 0 for all. */
  readonly unsafeSeconds: (after: number) => ReadonlyArray<Second>
  readonly steer: (to: Steering) => Effect.Effect<void>
  /** Opens no more connections and lets the running conversations end. */
  readonly stop: Effect.Effect<void>
  /** Ends all conversations now. */
  readonly abort: Effect.Effect<void>
  /** Waits for the end of the run and returns its report. */
  readonly report: Effect.Effect<Report>
}
