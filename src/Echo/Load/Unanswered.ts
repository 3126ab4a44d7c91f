import type { Recorder } from "../Measure/Recorder.ts"

/** The messages of a client without a reply, oldest first: when each was sent, and how late this was. */
export class Unanswered {
  /** Time and lateness alternate, so that a message needs no object. */
  #times: Array<number> = []
  #head = 0

  get count(): number {
    return (this.#times.length - this.#head) / 2
  }

  push(sent: number, late: number): void {
    this.#times.push(sent, late)
  }

  /** A reply came at `at` and answers the oldest message. Returns its round trip; `NaN` if there was no message to answer. */
  answer(at: number, recorder: Recorder): number {
    const head = this.#head
    if (head === this.#times.length) return Number.NaN
    const roundTrip = recorder.answered(this.#times[head]!, at, this.#times[head + 1]!)
    this.#head += 2
    if (this.#head === this.#times.length) this.clear()
    return roundTrip
  }

  clear(): void {
    if (this.#times.length === 0) return
    this.#times.length = 0
    this.#head = 0
  }
}
