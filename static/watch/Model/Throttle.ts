/** Limits how often something is done. Several requests within the interval are done together, once. */

export class Throttle {
  /** Milliseconds. */
  interval: number
  readonly #run: () => void
  #ranAt = Number.NEGATIVE_INFINITY
  #timer: ReturnType<typeof setTimeout> | undefined

  /** `run` is called at once if it was not called within the last `interval` milliseconds, else when this time has passed. */
  constructor(interval: number, run: () => void) {
    this.interval = interval
    this.#run = run
  }

  request(): void {
    if (this.#timer !== undefined) return
    const wait = this.#ranAt + this.interval - performance.now()
    if (wait <= 0) this.#do()
    else this.#timer = setTimeout(() => this.#do(), wait)
  }

  #do(): void {
    this.#timer = undefined
    this.#ranAt = performance.now()
    this.#run()
  }
}
