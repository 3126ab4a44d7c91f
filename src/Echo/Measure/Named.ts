import * as Schema from "effect/Schema"
import { Histogram, HistogramFromData } from "./Histogram.ts"

/** Times and counts that only some runs have, by the names of their figures: named steps, HTTP requests, ... */
export const Named = Schema.Struct({
  times: Schema.Record({ key: Schema.String, value: HistogramFromData }),
  counts: Schema.Record({ key: Schema.String, value: Schema.Number })
})
export type Named = typeof Named.Type

/** The names of a run's figures, before there are values. */
export interface Names {
  readonly times: ReadonlyArray<string>
  readonly counts: ReadonlyArray<string>
}

/** The figures that every run has. */
export const always: Names = { times: ["recovery"], counts: ["reconnects", "dropped", "unpaired"] }

export const empty = ({ counts, times }: Names): Named => ({
  times: Object.fromEntries(times.map((name) => [name, new Histogram()])),
  counts: Object.fromEntries(counts.map((name) => [name, 0]))
})

/** The exact sum of two. A missing name counts as empty. */
export const merge = (a: Named, b: Named): Named => {
  const sum = empty({
    times: [...new Set([...Object.keys(a.times), ...Object.keys(b.times)])],
    counts: [...new Set([...Object.keys(a.counts), ...Object.keys(b.counts)])]
  })
  for (const [name, histogram] of Object.entries(sum.times)) {
    for (const { times } of [a, b]) if (times[name] !== undefined) histogram.add(times[name])
  }
  const counts = Object.keys(sum.counts).map((name) => [name, (a.counts[name] ?? 0) + (b.counts[name] ?? 0)] as const)
  return { times: sum.times, counts: Object.fromEntries(counts) }
}

/** Records named times and counts during a run. */
export class NamedRecorder {
  readonly #times = new Map<string, Histogram>()
  readonly #counts = new Map<string, number>()

  constructor({ counts, times }: Names) {
    for (const name of times) this.#times.set(name, new Histogram())
    for (const name of counts) this.#counts.set(name, 0)
  }

  /** Records a time in milliseconds. */
  record(name: string, time: number): void {
    this.#times.get(name)?.record(time)
  }

  count(name: string, by = 1): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + by)
  }

  reset(): void {
    for (const histogram of this.#times.values()) histogram.reset()
    for (const name of this.#counts.keys()) this.#counts.set(name, 0)
  }

  get named(): Named {
    return { times: Object.fromEntries(this.#times), counts: Object.fromEntries(this.#counts) }
  }
}
