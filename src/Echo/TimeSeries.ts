import * as Schema from "effect/Schema"
import { Histogram, HistogramData } from "./Histogram.ts"

/** One second of a run. The first five are states at its end, the others what happened within it. */
export const Second = Schema.Struct({
  /** Counted from 1. */
  second: Schema.Number,
  connecting: Schema.Number,
  open: Schema.Number,
  completed: Schema.Number,
  failed: Schema.Number,
  sent: Schema.Number,
  received: Schema.Number,
  roundTrip: HistogramData,
  /** The longest delay of the tool's own event loop, in milliseconds. */
  loopDelay: Schema.Number
})
export type Second = typeof Second.Type

const sum = (a: Second, b: Second): Second => {
  const roundTrip = Histogram.fromData(a.roundTrip)
  roundTrip.add(Histogram.fromData(b.roundTrip))
  return {
    second: a.second,
    connecting: a.connecting + b.connecting,
    open: a.open + b.open,
    completed: a.completed + b.completed,
    failed: a.failed + b.failed,
    sent: a.sent + b.sent,
    received: a.received + b.received,
    roundTrip: roundTrip.toData(),
    loopDelay: Math.max(a.loopDelay, b.loopDelay)
  }
}

/** What a process that has ended still counts for in the seconds after. */
const after = (last: Second | undefined, second: number): Second => ({
  second,
  connecting: 0,
  open: 0,
  completed: last?.completed ?? 0,
  failed: last?.failed ?? 0,
  sent: 0,
  received: 0,
  roundTrip: { counts: [], min: 0, max: 0, sum: 0 },
  loopDelay: 0
})

/** The series of several processes as one, second by second. */
export const merge = (a: ReadonlyArray<Second>, b: ReadonlyArray<Second>): ReadonlyArray<Second> =>
  Array.from({ length: Math.max(a.length, b.length) }, (_, i) =>
    sum(a[i] ?? after(a.at(-1), b[i]!.second), b[i] ?? after(b.at(-1), a[i]!.second))
  )
