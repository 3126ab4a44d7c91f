/**
 * Bounds the time that a turn of the event loop may take for messages that take long, as a small one that inflates to megabytes. Each is
 * handled in one call, and the sockets that have something to read are read one after the other: with twenty such messages at
 * once everybody else would wait for all of them. So when the time of a turn is spent, whoever has more waits for a turn of
 * its own.
 */

/** Milliseconds of a turn after which others come first. */
const MOST = 10

export class TurnBudget {
  readonly #waiting: Array<() => void> = []
  readonly #now: () => number
  #spent = 0
  #isScheduled = false

  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  /** Whether whoever has something that may take long must wait. */
  get isSpent(): boolean {
    return this.#spent >= MOST || this.#waiting.length > 0
  }

  /** Does what may take long. */
  spend(work: () => void): void {
    const begin = this.#now()
    work()
    this.#spent += this.#now() - begin
    this.#schedule()
  }

  /** Calls `work` in a later turn, after those that wait already. */
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
    while (this.#spent < MOST) {
      const work = this.#waiting.shift()
      if (work === undefined) return
      this.spend(work)
    }
    this.#schedule()
  }
}
