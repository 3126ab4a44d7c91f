/**
 * Bounds the time that a turn of the event loop spends on slow messages, such as a small one that inflates to
 * megabytes. Each is handled in one call, and the sockets that have data are read one after the other: with twenty such
 * messages at once, everybody else would wait for all of them. When the time of a turn is spent, the rest waits for
 * later turns.
 */

/** Milliseconds that slow messages may take in a turn. */
const MAX_TURN_TIME = 10

export class TurnBudget {
  readonly #waiting: Array<() => void> = []
  readonly #now: () => number
  #spent = 0
  #isScheduled = false

  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  /** Whether slow work must wait for a later turn. */
  get isSpent(): boolean {
    return this.#spent >= MAX_TURN_TIME || this.#waiting.length > 0
  }

  /** Does slow work now, and counts its time. */
  spend(work: () => void): void {
    const begin = this.#now()
    work()
    this.#spent += this.#now() - begin
    this.#schedule()
  }

  /** Does `work` in a later turn, after the work that waits already. */
  wait(work: () => void): void {
    this.#waiting.push(work)
    this.#schedule()
  }

  #schedule(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    setImmediate(this.#turn)
  }

  readonly #turn = (): void => {
    this.#isScheduled = false
    this.#spent = 0
    while (this.#spent < MAX_TURN_TIME) {
      const work = this.#waiting.shift()
      if (work === undefined) return
      this.spend(work)
    }
    this.#schedule()
  }
}
