/**
 * Records one figure over the whole time that it is watched. The memory is bounded: when it is full, every second sample is
 * removed, and from then on only half as many samples are taken. Pure.
 */

/** The most samples. */
const LIMIT = 1_200

/** Seconds between samples at first. */
const FINEST = 0.25

export class Trail {
  /** Times in seconds, ascending. */
  #times: Array<number> = []
  /** `null` is a gap. */
  #values: Array<number | null> = []
  #interval = FINEST

  get times(): ReadonlyArray<number> {
    return this.#times
  }

  get values(): ReadonlyArray<number | null> {
    return this.#values
  }

  clear(): void {
    this.#times = []
    this.#values = []
    this.#interval = FINEST
  }

  /** Adds the value at a time in seconds, unless this is too soon after the last one. `null` begins a gap. Returns whether the value was added. */
  add(time: number, value: number | null): boolean {
    const last = this.#times.at(-1)
    if (last !== undefined && time < last) this.clear()
    else if (last !== undefined && value !== null && time - last < this.#interval) return false
    this.#times.push(time)
    this.#values.push(value)
    if (this.#times.length > LIMIT) this.#thin()
    return true
  }

  /** Removes every second sample. Gaps stay, because a line across a gap would show values that nobody measured. */
  #thin(): void {
    const isKept = (index: number) => index % 2 === 0 || this.#values[index] === null
    this.#times = this.#times.filter((_, index) => isKept(index))
    this.#values = this.#values.filter((_, index) => isKept(index))
    this.#interval *= 2
  }
}
