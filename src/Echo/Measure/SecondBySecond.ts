import { Histogram } from "./Histogram.ts"
import type { Recorder } from "./Recorder.ts"
import type { Second } from "./TimeSeries.ts"

/**
 * Cuts what is recorded into seconds: each `tick` moves the round trips since the last one into the total and notes
 * the second. So a message is recorded once, and the figures of the whole are exactly those of its seconds.
 */
export class SecondBySecond {
  readonly seconds: Array<Second> = []
  readonly roundTrip = new Histogram()
  readonly loopDelay = new Histogram()
  #sent = 0
  #received = 0
  readonly #recorder: Recorder
  readonly #loop: Histogram

  constructor(recorder: Recorder, loop: Histogram) {
    this.#recorder = recorder
    this.#loop = loop
  }

  /** `elapsed` in milliseconds since the start. */
  tick(elapsed: number): void {
    const recorder = this.#recorder
    this.seconds.push({
      second: Math.max((this.seconds.at(-1)?.second ?? 0) + 1, Math.round(elapsed / 1000)),
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
