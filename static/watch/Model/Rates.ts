/** How fast totals grow, over a window of the last seconds. Pure. */

/** Totals at a time, in milliseconds. */
export type Sample<Names extends string> = Readonly<Record<Names | "time", number>>

export class Rates<Names extends string> {
  readonly #window: number
  #samples: Array<Sample<Names>> = []

  /** `window` in milliseconds. */
  constructor(window: number) {
    this.#window = window
  }

  clear(): void {
    this.#samples = []
  }

  add(sample: Sample<Names>): void {
    const last = this.#samples.at(-1)
    if (last !== undefined && sample.time < last.time) {
      // A little earlier than what was supposed while nothing was heard; much earlier, it is another server's clock.
      if (last.time - sample.time < this.#window) return
      this.clear()
    }
    // Nobody counted for a while: what happened meanwhile is not what happens now.
    if (last !== undefined && sample.time - last.time > 2 * this.#window) this.clear()
    this.#samples.push(sample)
    while (this.#samples.length > 2 && this.#samples[1]!.time <= sample.time - this.#window) this.#samples.shift()
  }

  /** Milliseconds that the samples cover. */
  get span(): number {
    return (this.#samples.at(-1)?.time ?? 0) - (this.#samples[0]?.time ?? 0)
  }

  /** Growth of a total over the window. */
  growth(name: Names): number {
    const first = this.#samples[0]
    const last = this.#samples.at(-1)
    return first === undefined || last === undefined ? 0 : last[name] - first[name]
  }

  /**
   * Growth a second; 0 while it cannot be known. A total that grows by leaps is measured from leap to leap: the window
   * would hold one more at times.
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
