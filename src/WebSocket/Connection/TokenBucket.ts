/**
 * Limits how often something happens: a bucket that holds as many tokens as may be used in a second, and that is filled
 * at that rate. Taking a token is one subtraction; the clock is looked at when the tokens seem to be used up.
 */
export class TokenBucket {
  readonly #rate: number
  #tokens: number
  #filledAt: number

  /** `rate` is a number a second; `now` in milliseconds, as all times here. */
  constructor(rate: number, now: number) {
    this.#rate = rate
    this.#tokens = rate
    this.#filledAt = now
  }

  /** Takes a token, though there may be none: what is too much is waited for afterwards. */
  take(): void {
    this.#tokens--
  }

  get isOverdrawn(): boolean {
    return this.#tokens < 0
  }

  /** Fills in what is due; gives the milliseconds until no token is owed any more. */
  fill(now: number): number {
    this.#tokens = Math.min(this.#rate, this.#tokens + ((now - this.#filledAt) / 1000) * this.#rate)
    this.#filledAt = now
    return this.#tokens >= 0 ? 0 : (-this.#tokens / this.#rate) * 1000
  }
}
