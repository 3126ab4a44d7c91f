/**
 * The pace of a game: when all cells may publish the next step. The pace has a fixed rhythm, so the time that the network takes
 * is not added: a game at one step per second makes 60 steps in a minute. A game that falls behind does not run faster
 * to catch up.
 */
export class Pace {
  /** Milliseconds between steps. */
  #interval: number
  /** The last step that may be published. */
  #allowed = 0
  /** When this step was due. */
  #due: number
  #paused = false
  /** After this step the game is paused. */
  #until = Number.POSITIVE_INFINITY
  #blocked = false

  /** `speed` is in steps per second. `now` is in milliseconds, here and in all methods. */
  constructor(speed: number, now: number) {
    this.#interval = 1000 / speed
    this.#due = now
  }

  get allowed(): number {
    return this.#allowed
  }

  get speed(): number {
    return 1000 / this.#interval
  }

  get isPaused(): boolean {
    return this.#paused
  }

  /** Starts at `step`, which was published at `now`. */
  start(step: number, now: number): void {
    this.#allowed = step
    this.#due = now
  }

  setSpeed(speed: number): void {
    this.#interval = 1000 / speed
  }

  pause(): void {
    this.#paused = true
    this.#until = Number.POSITIVE_INFINITY
  }

  /** Nothing is due until `unblock`, whether or not the game is paused. */
  block(): void {
    this.#blocked = true
  }

  /** The next step is due one interval after `now`, unless the game is paused. */
  unblock(now: number): void {
    this.#blocked = false
    this.#due = now
  }

  /** The next step is due one interval after `now`. The game is paused again after the step `until`; at once if it has been allowed. */
  resume(now: number, until = Number.POSITIVE_INFINITY): void {
    this.#paused = false
    this.#until = until
    this.#due = now
  }

  /** Allows one more step, even while paused. */
  permit(now: number): void {
    this.#allowed++
    this.#due = now
  }

  /**
   * Asks at `now` for the step after the allowed one, which some cell has reached. Returns 0 if this step may be published
   * now, else the milliseconds to wait; infinity while paused or blocked.
   */
  request(now: number): number {
    if (this.#allowed >= this.#until) this.pause()
    if (this.#paused || this.#blocked) return Number.POSITIVE_INFINITY
    const next = this.#due + this.#interval
    if (next > now) return next - now
    this.#allowed++
    // A step that is late by at most one interval keeps the rhythm. After a longer delay the rhythm starts again from now.
    this.#due = now - next > this.#interval ? now : next
    return 0
  }
}
