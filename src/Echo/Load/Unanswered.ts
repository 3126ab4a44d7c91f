import type { Recorder } from "../Measure/Recorder.ts"

/** The messages of a client that have no reply yet, oldest first: when each was sent, and how late that was. */
export class Unanswered {
  /** Time and lateness in turns: no object a message. */
  #times: Array<number> = []
  #head = 0

  get count(): number {
    return (this.#times.length - this.#head) / 2
  }

  push(sent: number, late: number): void {
    this.#times.push(sent, late)
  }

  /** A reply came at `at`: it answers the oldest. Gives its round trip; `NaN` where there was none to answer. */
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
