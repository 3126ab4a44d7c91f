/** Does something at once when it was not done for a while, else as soon as that while has passed: once for many requests. */

export class Throttle {
  readonly #interval: number
  readonly #run: () => void
  #ranAt = Number.NEGATIVE_INFINITY
  #timer: number | undefined

  /** `run` is done at most once in `interval` milliseconds. */
  constructor(interval: number, run: () => void) {
    this.#interval = interval
    this.#run = run
  }

  request(): void {
    if (this.#timer !== undefined) return
    const wait = this.#ranAt + this.#interval - performance.now()
    if (wait <= 0) this.#do()
    else this.#timer = window.setTimeout(() => this.#do(), wait)
  }

  #do(): void {
    this.#timer = undefined
    this.#ranAt = performance.now()
    this.#run()
  }
}
