import * as Schema from "effect/Schema"
import { Histogram, HistogramData } from "./Histogram.ts"

/**
 * One second of a run. The first five fields are states at its end. The others count what happened since the row before, which
 * may be more than one second ago, because a process that is too busy leaves seconds out.
 */
export const Second = Schema.Struct({
  /** The number of the second, from 1. */
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

const nothing: Second["roundTrip"] = { counts: [], min: 0, max: 0, sum: 0 }

/** A second that a process did not record. Its connections stay open unless the process has ended. */
const silent = (before: Second | undefined, second: number, ended: boolean): Second => ({
  second,
  connecting: ended ? 0 : (before?.connecting ?? 0),
  open: ended ? 0 : (before?.open ?? 0),
  completed: before?.completed ?? 0,
  failed: before?.failed ?? 0,
  sent: 0,
  received: 0,
  roundTrip: nothing,
  loopDelay: 0
})

/** Reads a series second by second, and fills in the seconds that it lacks. */
const reader = (series: ReadonlyArray<Second>): ((second: number) => Second) => {
  let index = 0
  return (second) => {
    const row = series[index]
    if (row?.second !== second) return silent(series[index - 1], second, index === series.length)
    index++
    return row
  }
}

/** Merges the series of two processes, second by second. */
export const merge = (a: ReadonlyArray<Second>, b: ReadonlyArray<Second>): ReadonlyArray<Second> => {
  const readA = reader(a)
  const readB = reader(b)
  const seconds = new Set([...a, ...b].map((row) => row.second))
  return [...seconds].toSorted((x, y) => x - y).map((second) => sum(readA(second), readB(second)))
}

/**
 * The seconds after `after` that all parts of a run have reported. Seconds that some parts have not reported yet are incomplete.
 * A part that has ended reports no more, so it is not waited for.
 */
export const knownToAll = (
  parts: ReadonlyArray<{ readonly seconds: ReadonlyArray<Second>; readonly ended: boolean }>,
  after: number
): ReadonlyArray<Second> => {
  const running = parts.filter((part) => !part.ended)
  const known = Math.min(...running.map((part) => part.seconds.at(-1)?.second ?? 0))
  return parts
    .reduce<ReadonlyArray<Second>>((all, part) => merge(all, since(part.seconds, after)), [])
    .filter(({ second }) => second <= known)
}

/** The seconds of a series after number `second`. */
export const since = (series: ReadonlyArray<Second>, second: number): ReadonlyArray<Second> =>
  series.slice(series.findLastIndex((row) => row.second <= second) + 1)
