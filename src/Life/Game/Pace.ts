/**
 * The pace of a game: the time of each step, for all cells together. It is a pace and not a pause after each step: time
 * that the network took is not added, so a game at one step a second makes 60 in a minute. Time that is lost is not made
 * up for by running faster.
 */
export class Pace {
  /** Milliseconds between steps. */
  #interval: number
  /** The last step that may be told. */
  #allowed = 0
  /** When that step was due. */
  #due: number
  #paused = false

  /** `speed` in steps a second, `now` in milliseconds. */
  constructor(speed: number, now: number) {
    this.#interval = 1000 / speed
    this.#due = now
  }

  /** Steps up to this one may be told. */
  get allowed(): number {
    return this.#allowed
  }

  get speed(): number {
    return 1000 / this.#interval
  }

  get isPaused(): boolean {
    return this.#paused
  }

  /** Begins at `step`, which was told at `now`. */
  start(step: number, now: number): void {
    this.#allowed = step
    this.#due = now
  }

  setSpeed(speed: number): void {
    this.#interval = 1000 / speed
  }

  pause(): void {
    this.#paused = true
  }

  /** Goes on from `now`. */
  resume(now: number): void {
    this.#paused = false
    this.#due = now
  }

  /** Lets one step more be told, also while paused. */
  permit(now: number): void {
    this.#allowed++
    this.#due = now
  }

  /**
   * Asks at `now` for the step after the allowed one, which some cell has reached. Gives 0 if it may be told now, or
   * the milliseconds to wait; infinity while paused.
   */
  request(now: number): number {
    if (this.#paused) return Number.POSITIVE_INFINITY
    const next = this.#due + this.#interval
    if (next > now) return next - now
    this.#allowed++
    // A step that is late by less than a step's time keeps the rhythm; more is lost.
    this.#due = now - next > this.#interval ? now : next
    return 0
  }
}
