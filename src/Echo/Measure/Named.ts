import * as Schema from "effect/Schema"
import { CutHistogram, Histogram, type HistogramData, HistogramFromData } from "./Histogram.ts"
import * as Monoid from "./Monoid.ts"

/** Times and counts that only some runs have, by the names of their figures: named steps, HTTP requests, ... */
const named = Monoid.struct({
  times: Monoid.record(HistogramFromData, Histogram.sum),
  counts: Monoid.record(Schema.Number, Monoid.add)
})
/** `merge`: the exact sum of two. A missing name counts as empty. */
export const { combine: merge, schema: Named } = named
export type Named = typeof Named.Type

/** The names of a run's figures, before there are values. */
export interface Names {
  readonly times: ReadonlyArray<string>
  readonly counts: ReadonlyArray<string>
}

/** The figures that every run has. */
export const always: Names = { times: ["recovery"], counts: ["reconnects", "dropped", "unpaired", "discarded"] }

export const empty = ({ counts, times }: Names): Named => ({
  times: Object.fromEntries(times.map((name) => [name, new Histogram()])),
  counts: Object.fromEntries(counts.map((name) => [name, 0]))
})

/** What was recorded since the last second of a run. Names without samples are absent. */
export interface NamedSecond {
  readonly times: Readonly<Record<string, HistogramData>>
  readonly counts: Readonly<Record<string, number>>
}

/** Adds the seconds of a run to one. */
export const ofSeconds = (seconds: Iterable<NamedSecond>): Named => {
  const times: Record<string, Histogram> = {}
  const counts: Record<string, number> = {}
  for (const second of seconds) {
    for (const [name, data] of Object.entries(second.times)) {
      times[name] ??= new Histogram()
      times[name].add(Histogram.fromData(data))
    }
    for (const [name, count] of Object.entries(second.counts)) counts[name] = (counts[name] ?? 0) + count
  }
  return { times, counts }
}

export class NamedRecorder {
  readonly #times = new Map<string, CutHistogram>()
  readonly #counts = new Map<string, number>()
  /** The counts at the last `cut`. */
  readonly #before = new Map<string, number>()

  constructor({ counts, times }: Names) {
    for (const name of times) this.#times.set(name, new CutHistogram())
    for (const name of counts) this.#counts.set(name, 0)
  }

  /** Records a time in milliseconds. */
  record(name: string, time: number): void {
    this.#times.get(name)?.record(time)
  }

  count(name: string, by = 1): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + by)
  }

  /** Returns what was recorded since the last call. */
  cut(): NamedSecond {
    const times: Record<string, HistogramData> = {}
    for (const [name, histogram] of this.#times) if (histogram.count > 0) times[name] = histogram.cut()
    const counts: Record<string, number> = {}
    for (const [name, count] of this.#counts) {
      const risen = count - (this.#before.get(name) ?? 0)
      if (risen !== 0) counts[name] = risen
      this.#before.set(name, count)
    }
    return { times, counts }
  }

  reset(): void {
    for (const histogram of this.#times.values()) histogram.reset()
    for (const name of this.#counts.keys()) this.#counts.set(name, 0)
    this.#before.clear()
  }

  /** How many samples each time has since the last `reset`. */
  get samples(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#times].map(([name, { countOfAll }]) => [name, countOfAll]))
  }

  /** Everything since the last `reset`. */
  get named(): Named {
    const times = [...this.#times].map(([name, { all }]) => [name, all] as const)
    return { times: Object.fromEntries(times), counts: Object.fromEntries(this.#counts) }
  }
}
