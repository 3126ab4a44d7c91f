/**
 * One figure over the whole time that it is watched. Its memory is bounded: when it is full, every second sample is
 * dropped, and from then on half as many are taken. Pure.
 */

/** Samples kept. */
const limit = 1_200

/** Seconds between samples at first. */
const finest = 0.25

export class Trail {
  /** Seconds, growing. */
  #times: Array<number> = []
  /** `null` where nothing was known. */
  #values: Array<number | null> = []
  #interval = finest

  get times(): ReadonlyArray<number> {
    return this.#times
  }

  get values(): ReadonlyArray<number | null> {
    return this.#values
  }

  clear(): void {
    this.#times = []
    this.#values = []
    this.#interval = finest
  }

  /** Takes the value at a time in seconds, unless it is too soon after the last; `null` begins a gap. True if it was taken. */
  add(time: number, value: number | null): boolean {
    const last = this.#times.at(-1)
    if (last !== undefined && time < last) this.clear()
    else if (last !== undefined && value !== null && time - last < this.#interval) return false
    this.#times.push(time)
    this.#values.push(value)
    if (this.#times.length > limit) this.#thin()
    return true
  }

  /** Gaps stay: a line across one would tell what nobody knows. */
  #thin(): void {
    const isKept = (index: number) => index % 2 === 0 || this.#values[index] === null
    this.#times = this.#times.filter((_, index) => isKept(index))
    this.#values = this.#values.filter((_, index) => isKept(index))
    this.#interval *= 2
  }
}
