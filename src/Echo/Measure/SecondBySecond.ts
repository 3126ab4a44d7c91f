import { Histogram } from "./Histogram.ts"
import type { Recorder } from "./Recorder.ts"
import type { Second } from "./TimeSeries.ts"

const SECOND = 1000
/** Milliseconds that a timer may be early and still stand for its second. */
const EARLY = 5

/**
 * Cuts what is recorded into seconds: each `tick` moves the round trips since the last one into the total and notes
 * the second. So a message is recorded once, and the figures of the whole are exactly those of its seconds. The number
 * of a second comes from the clock: a process that was too busy to look leaves seconds out.
 */
export class SecondBySecond {
  readonly seconds: Array<Second> = []
  readonly roundTrip = new Histogram()
  readonly loopDelay = new Histogram()
  /** The last second that counts in no figure; 0 where all do. */
  warmUpUntil = 0
  #sent = 0
  #received = 0
  readonly #recorder: Recorder
  readonly #loop: Histogram

  constructor(recorder: Recorder, loop: Histogram) {
    this.#recorder = recorder
    this.#loop = loop
  }

  /** Milliseconds from `elapsed` until the next second is over. */
  static untilNext(elapsed: number): number {
    return (Math.floor((elapsed + EARLY) / SECOND) + 1) * SECOND - elapsed
  }

  /** Notes the second that is over at `elapsed` milliseconds since the start; nothing where it was noted before. */
  tick(elapsed: number): void {
    const second = Math.floor((elapsed + EARLY) / SECOND)
    if (second > this.#last) this.#cut(second)
  }

  /** Records the rest as the second that had begun. */
  finish(elapsed: number): void {
    this.#cut(Math.max(this.#last + 1, Math.ceil(elapsed / SECOND)))
  }

  /** Leaves all until now out of the figures; its seconds stay in the series. */
  restart(elapsed: number): void {
    this.finish(elapsed)
    this.warmUpUntil = this.#last
    this.#sent = 0
    this.#received = 0
    this.roundTrip.reset()
    this.loopDelay.reset()
  }

  get #last(): number {
    return this.seconds.at(-1)?.second ?? 0
  }

  #cut(second: number): void {
    const recorder = this.#recorder
    this.seconds.push({
      second,
      connecting: recorder.connecting,
      open: recorder.open,
      completed: recorder.completed,
      failed: recorder.failed,
      sent: recorder.sent - this.#sent,
      received: recorder.received - this.#received,
      roundTrip: recorder.roundTrip.toData(),
      loopDelay: this.#loop.count === 0 ? 0 : this.#loop.max
    })
    this.#sent = recorder.sent
    this.#received = recorder.received
    this.roundTrip.add(recorder.roundTrip)
    recorder.roundTrip.reset()
    this.loopDelay.add(this.#loop)
    this.#loop.reset()
  }
}
