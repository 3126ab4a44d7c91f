import type { Recorder } from "../Measure/Recorder.ts"

/** Milliseconds until a client tries again after its first failure. Each further failure doubles this. */
const FIRST_RETRY = 100
const LAST_RETRY = 5000

/** Milliseconds until a client tries again after `failures` failures in a row. */
export const retryAfter = (failures: number): number =>
  Math.min(LAST_RETRY, FIRST_RETRY * 2 ** Math.min(16, failures - 1))

/** The failures of a client since its last correct reply, in this conversation and in those before it. */
export class Recovery {
  /** Conversations in a row that failed. */
  failures: number
  /** Consecutive attempts to connect again. */
  attempts = 0
  /** When the client lost its connection, in milliseconds of the run's clock; `NaN` if it has a working one. */
  lostAt: number
  /** Right replies since the client connected, and the most of them before a loss. */
  #replies = 0
  #best = 0

  /** `before` is the recovery of the client's last conversation. */
  constructor(before?: Recovery) {
    this.failures = before?.failures ?? 0
    this.lostAt = before?.lostAt ?? Number.NaN
  }

  /** The connection is lost at `now`. If it was lost already, the earlier time stays. */
  lose(now: number): void {
    this.#best = Math.max(this.#best, this.#replies)
    this.#replies = 0
    if (Number.isNaN(this.lostAt)) this.lostAt = now
  }

  /**
   * The conversation works. After a loss, this records how long the recovery took. Without an end of the run (`lasts`), only a
   * connection that gets further than all before it begins to count anew; otherwise a server that always fails at the same place
   * would keep its clients for ever.
   */
  complete(now: () => number, recorder: Recorder, lasts: boolean): void {
    this.failures = 0
    this.#replies++
    if (lasts || this.#replies > this.#best) this.attempts = 0
    if (Number.isNaN(this.lostAt)) return
    recorder.named.record("recovery", now() - this.lostAt)
    this.lostAt = Number.NaN
  }
}
