import type { Rate } from "./Channel.ts"

/** Limits how often something may happen. */
export class Allowance {
  readonly #rate: Rate
  #left: number
  #at: number

  /** `now` is in milliseconds. */
  constructor(rate: Rate, now: number) {
    this.#rate = rate
    this.#left = rate.burst
    this.#at = now
  }

  /** Whether it may happen once more now. */
  take(now: number): boolean {
    this.#left = Math.min(this.#rate.burst, this.#left + ((now - this.#at) / 1000) * this.#rate.perSecond)
    this.#at = now
    if (this.#left < 1) return false
    this.#left--
    return true
  }
}
