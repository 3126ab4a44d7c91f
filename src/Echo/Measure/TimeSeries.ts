import * as Schema from "effect/Schema"
import { coarsen, HistogramData, sumOf } from "./Histogram.ts"
import * as Monoid from "./Monoid.ts"

/** What the row of a second counts: what happened since the row before, which may be more than one second ago. */
const counted = {
  sent: Monoid.sum,
  received: Monoid.sum,
  roundTrip: { schema: HistogramData, empty: { counts: [], min: 0, max: 0, sum: 0 }, combine: sumOf },
  /** The longest delay of the tool's own event loop, in milliseconds. */
  loopDelay: Monoid.max,
  /** The times and counts that have names of their own, as far as there were any. */
  times: Monoid.absent(Monoid.record(HistogramData, sumOf)),
  counts: Monoid.absent(Monoid.record(Schema.Number, Monoid.add))
}
const together = Monoid.struct(counted)

/** The same second of two processes. A process that is too busy leaves seconds out. */
const ofProcesses = Monoid.struct({
  /** The number of the second, from 1. */
  second: Monoid.max,
  // The states at its end.
  connecting: Monoid.sum,
  open: Monoid.sum,
  completed: Monoid.sum,
  failed: Monoid.sum,
  ...counted
})

/** One second of a run. */
export const Second = ofProcesses.schema
export type Second = typeof Second.Type

/** A second that a process did not record. Its connections stay open unless the process has ended. */
const silent = (before: Second | undefined, second: number, ended: boolean): Second => ({
  ...together.empty,
  second,
  connecting: ended ? 0 : (before?.connecting ?? 0),
  open: ended ? 0 : (before?.open ?? 0),
  completed: before?.completed ?? 0,
  failed: before?.failed ?? 0
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
  return [...seconds].toSorted((x, y) => x - y).map((second) => ofProcesses.combine(readA(second), readB(second)))
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

/** Two rows of one process as one row. */
const joined = (a: Second, b: Second): Second => ({ ...b, ...together.combine(a, b) })

const coarser = (row: Second): Second => ({
  ...row,
  roundTrip: coarsen(row.roundTrip),
  times: Object.fromEntries(Object.entries(row.times).map(([name, data]) => [name, coarsen(data)]))
})

/** The newest rows that stay as they are: ten minutes of a run, and a minute more, so that they are moved together. */
const FINE = 600
const BATCH = 60
/** The most rows for all of the time before. Above this, each two of them become one. */
const COARSE = 1200

/**
 * The rows of a run of any length, in bounded memory: the newest of one second each, and older ones of as many seconds as are
 * needed to be few. Nothing is lost but resolution: the counts of all rows are those of the run, and the histograms of the older
 * rows are accurate to 1.6 %.
 */
export class SeriesRows {
  #coarse: Array<Second> = []
  #fine: Array<Second> = []
  /** The length of a coarse row, in seconds. They end at multiples of it. */
  #width = 1

  get all(): ReadonlyArray<Second> {
    return this.#coarse.length === 0 ? this.#fine : [...this.#coarse, ...this.#fine]
  }

  get last(): Second | undefined {
    return this.#fine.at(-1)
  }

  since(second: number): ReadonlyArray<Second> {
    const [first] = this.#fine
    return since(first !== undefined && first.second <= second ? this.#fine : this.all, second)
  }

  add(row: Second): void {
    this.#fine.push(row)
    if (this.#fine.length < FINE + BATCH) return
    for (const old of this.#fine.slice(0, BATCH)) this.#age(coarser(old))
    this.#fine = this.#fine.slice(BATCH)
    while (this.#coarse.length > COARSE) {
      const rows = this.#coarse
      this.#coarse = []
      this.#width *= 2
      for (const old of rows) this.#age(old)
    }
  }

  #age(row: Second): void {
    const last = this.#coarse.at(-1)
    const place = ({ second }: Second) => Math.ceil(second / this.#width)
    if (last !== undefined && place(last) === place(row)) this.#coarse[this.#coarse.length - 1] = joined(last, row)
    else this.#coarse.push(row)
  }

  static of(rows: Iterable<Second>): SeriesRows {
    const all = new SeriesRows()
    for (const row of rows) all.add(row)
    return all
  }
}
