import type { CutHistogram } from "./Histogram.ts"
import type { Recorder } from "./Recorder.ts"
import { SeriesRows } from "./TimeSeries.ts"

const SECOND = 1000
/** A timer that is early by at most this many milliseconds still counts as the end of its second. */
const EARLY = 5

/**
 * Divides the recording into seconds. Each `tick` records a second and moves its round trips into the total. So each message is
 * recorded once, and the total is exactly the sum of the seconds. The number of a second comes from the clock, so a process
 * that is too busy to tick leaves seconds out.
 */
export class SecondBySecond {
  readonly rows = new SeriesRows()
  /** The last second of the warm-up, which does not count; 0 without a warm-up. */
  warmUpUntil = 0
  #sent = 0
  #received = 0
  #isOver = false
  readonly #recorder: Recorder
  readonly #loop: CutHistogram

  constructor(recorder: Recorder, loop: CutHistogram) {
    this.#recorder = recorder
    this.#loop = loop
  }

  /** Milliseconds from `elapsed` to the end of the next second. */
  static untilNext(elapsed: number): number {
    return (Math.floor((elapsed + EARLY) / SECOND) + 1) * SECOND - elapsed
  }

  /** Records the second that ends at `elapsed`, in milliseconds since the start. Does nothing if it is recorded already. */
  tick(elapsed: number): void {
    const second = Math.floor((elapsed + EARLY) / SECOND)
    if (second > this.#last && !this.#isOver) this.#cut(second)
  }

  /** The run is over: records the rest, and nothing after it, so that all files of the run have the same figures. */
  finish(elapsed: number): void {
    this.#cutRest(elapsed)
    this.#isOver = true
  }

  /** Records the rest, as the second that has begun. */
  #cutRest(elapsed: number): void {
    this.#cut(Math.max(this.#last + 1, Math.ceil(elapsed / SECOND)))
  }

  /** Excludes everything until now from the figures. The seconds stay in the series. */
  restart(elapsed: number): void {
    this.#cutRest(elapsed)
    this.warmUpUntil = this.#last
    this.#sent = 0
    this.#received = 0
    this.#loop.reset()
  }

  get #last(): number {
    return this.rows.last?.second ?? 0
  }

  #cut(second: number): void {
    const recorder = this.#recorder
    this.rows.add({
      second,
      connecting: recorder.connecting,
      open: recorder.open,
      completed: recorder.completed,
      failed: recorder.failed,
      sent: recorder.sent - this.#sent,
      received: recorder.received - this.#received,
      roundTrip: recorder.roundTrip.cut(),
      loopDelay: this.#loop.cut().max / 1000,
      ...recorder.named.cut()
    })
    this.#sent = recorder.sent
    this.#received = recorder.received
  }
}
