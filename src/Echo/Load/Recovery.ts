import type { Recorder } from "../Measure/Recorder.ts"

/** Milliseconds until a client that failed tries again: doubled by each failure after the first. */
const FIRST_RETRY = 100
const LAST_RETRY = 5000

/** Milliseconds until a client tries again that failed so many times in a row. */
export const retryAfter = (failures: number): number =>
  Math.min(LAST_RETRY, FIRST_RETRY * 2 ** Math.min(16, failures - 1))

/** The failures of a client since its last right reply, in this conversation and in those before it. */
export class Recovery {
  /** Conversations in a row that failed. */
  failures: number
  /** Attempts in a row to be connected again. */
  attempts = 0
  /** Since when it is without a connection that works, in milliseconds of the run's clock; `NaN` while all is well. */
  lostAt: number

  /** `before` is that of the client's last conversation. */
  constructor(before?: Recovery) {
    this.failures = before?.failures ?? 0
    this.lostAt = before?.lostAt ?? Number.NaN
  }

  /** The connection was lost at `now`, or had been before. */
  lose(now: number): void {
    if (Number.isNaN(this.lostAt)) this.lostAt = now
  }

  /** The conversation goes on as it should: after a loss, it was gone for so long. */
  complete(now: () => number, recorder: Recorder): void {
    this.failures = 0
    this.attempts = 0
    if (Number.isNaN(this.lostAt)) return
    recorder.named.record("recovery", now() - this.lostAt)
    this.lostAt = Number.NaN
  }
}
