/**
 * Limits how often something happens. The bucket holds as many tokens as may be used at once, and fills at a rate. Either who
 * takes more waits for them afterwards: `take` is one subtraction, and the clock is read only when the tokens seem to be used
 * up. Or it gets none: `tryTake`.
 */
/** The shortest wait, in milliseconds: timers are not precise enough for shorter ones. */
const MIN_WAIT = 10

export class TokenBucket {
  readonly #rate: number
  readonly #most: number
  #tokens: number
  #filledAt: number

  /** `rate` is in tokens per second, `now` in milliseconds. `most`: what it holds, the tokens of a second unless given. */
  constructor(rate: number, now: number, most = rate) {
    this.#rate = rate
    this.#most = most
    this.#tokens = most
    this.#filledAt = now
  }

  /** Takes a token, even if there is none: the caller waits for it afterwards. */
  take(): void {
    this.#tokens--
  }

  /** Takes a token if there is a whole one. */
  tryTake(now: number): boolean {
    this.fill(now)
    if (this.#tokens < 1) return false
    this.#tokens--
    return true
  }

  get isOverdrawn(): boolean {
    return this.#tokens < 0
  }

  /** Adds the tokens that are due. Returns the milliseconds to wait until no token is owed any more. */
  fill(now: number): number {
    this.#tokens = Math.min(this.#most, this.#tokens + ((now - this.#filledAt) / 1000) * this.#rate)
    this.#filledAt = now
    return this.#tokens >= 0 ? 0 : Math.max(MIN_WAIT, (-this.#tokens / this.#rate) * 1000)
  }
}
