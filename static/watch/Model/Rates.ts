/** The growth rates of totals, over a window of the last seconds. Pure. */

/** Totals at a time, in milliseconds. */
export type Sample<Names extends string> = Readonly<Record<Names | "time", number>>

export class Rates<Names extends string> {
  readonly #window: number
  #samples: Array<Sample<Names>> = []

  /** `window` is in milliseconds. */
  constructor(window: number) {
    this.#window = window
  }

  clear(): void {
    this.#samples = []
  }

  add(sample: Sample<Names>): void {
    const last = this.#samples.at(-1)
    if (last !== undefined && sample.time < last.time) {
      // The time may be a little earlier than the estimate for a time without messages. If it is much earlier, it is the clock of another server.
      if (last.time - sample.time < this.#window) return
      this.clear()
    }
    // After a long time without samples, the old ones say nothing about the present.
    if (last !== undefined && sample.time - last.time > 2 * this.#window) this.clear()
    this.#samples.push(sample)
    while (this.#samples.length > 2 && this.#samples[1]!.time <= sample.time - this.#window) this.#samples.shift()
  }

  /** The time that the samples cover, in milliseconds. */
  get span(): number {
    return (this.#samples.at(-1)?.time ?? 0) - (this.#samples[0]?.time ?? 0)
  }

  /** The growth of a total over the window. */
  growth(name: Names): number {
    const first = this.#samples[0]
    const last = this.#samples.at(-1)
    return first === undefined || last === undefined ? 0 : last[name] - first[name]
  }

  /**
   * The growth per second; 0 if it is not known. A total that grows in jumps is measured from jump to jump, because the window
   * sometimes contains one jump more.
   */
  perSecond(name: Names): number {
    const last = this.#samples.at(-1)
    if (last === undefined || this.span <= 0) return 0
    const leaps = this.#samples.filter((sample, index) => index > 0 && sample[name] !== this.#samples[index - 1]![name])
    const from = leaps[0]
    const to = leaps.at(-1)
    if (from === undefined || to === undefined || from === to) return (this.growth(name) * 1000) / this.span
    const pause = (to.time - from.time) / (leaps.length - 1)
    const end = last.time - to.time > 2 * pause ? last : to
    return ((end[name] - from[name]) * 1000) / (end.time - from.time)
  }
}
