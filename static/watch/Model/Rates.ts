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
    this.#samples.push(sample)
    while (this.#samples.length > 2 && this.#samples[1]!.time <= sample.time - this.#window) this.#samples.shift()
  }

  /** Growth of a total over the window. */
  growth(name: Names): number {
    const first = this.#samples[0]
    const last = this.#samples.at(-1)
    return first === undefined || last === undefined ? 0 : last[name] - first[name]
  }

  /** Growth a second; 0 while it cannot be known. */
  perSecond(name: Names): number {
    const first = this.#samples[0]
    const last = this.#samples.at(-1)
    if (first === undefined || last === undefined || last.time <= first.time) return 0
    return ((last[name] - first[name]) * 1000) / (last.time - first.time)
  }
}
