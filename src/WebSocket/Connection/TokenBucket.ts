/**
 * Limits how often something happens. The bucket holds as many tokens as may be used in a second, and fills at that
 * rate. Taking a token is one subtraction; the clock is read only when the tokens seem to be used up.
 */
/** The shortest wait, in milliseconds: timers are not precise enough for shorter ones. */
const MIN_WAIT = 10

export class TokenBucket {
  readonly #rate: number
  #tokens: number
  #filledAt: number

  /** `rate` is in tokens per second, `now` in milliseconds. */
  constructor(rate: number, now: number) {
    this.#rate = rate
    this.#tokens = rate
    this.#filledAt = now
  }

  /** Takes a token, even if there is none: the caller waits for it afterwards. */
  take(): void {
    this.#tokens--
  }

  get isOverdrawn(): boolean {
    return this.#tokens < 0
  }

  /** Adds the tokens that are due. Returns the milliseconds to wait until no token is owed any more. */
  fill(now: number): number {
    this.#tokens = Math.min(this.#rate, this.#tokens + ((now - this.#filledAt) / 1000) * this.#rate)
    this.#filledAt = now
    return this.#tokens >= 0 ? 0 : Math.max(MIN_WAIT, (-this.#tokens / this.#rate) * 1000)
  }
}
