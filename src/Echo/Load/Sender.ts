import type { Message } from "../../WebSocket/Frames/Message.ts"
import type { Recorder } from "../Measure/Recorder.ts"
import type { Op } from "../Scenario/Op.ts"
import type { ClientValues } from "./ClientValues.ts"
import type { Link } from "./Dialer.ts"
import type { Flow } from "./Flow.ts"
import type { Pace } from "./Pace.ts"
import { Unanswered } from "./Unanswered.ts"

type Send = Op & { readonly _tag: "Send" }

/** The clock of a run, in milliseconds, and what it measures. */
interface Measured {
  readonly now: () => number
  readonly recorder: Recorder
}

/** Sends the messages of a client and measures the round trips of those that get a reply. */
export class Sender {
  readonly #values: ClientValues
  readonly #flow: Flow
  readonly #pace: Pace
  readonly #run: Measured
  readonly #unanswered = new Unanswered()

  constructor(values: ClientValues, flow: Flow, pace: Pace, run: Measured) {
    this.#values = values
    this.#flow = flow
    this.#pace = pace
    this.#run = run
  }

  /** The number of messages without a reply. */
  get unanswered(): number {
    return this.#unanswered.count
  }

  /** Renders the next message of a step. Throws a `RenderError`. */
  render(op: Send): Message {
    this.#values.message++
    const message = op.render(this.#values)
    if (this.#flow.program.keepsSent) this.#values.lastSent = message
    return message
  }

  /** Sends a message of a step and records when it was due. */
  send(op: Send, message: Message, link: Link): void {
    const { now, recorder } = this.#run
    const { figures, program } = this.#flow
    recorder.sent++
    recorder.compression?.sent(message)
    figures?.count("sent")
    if (program.checks || op.paced) {
      const time = now()
      this.#pace.note(time)
      if (op.paced) recorder.sentOnPlan(time - this.#pace.late)
      if (op.timed && program.checks) this.#unanswered.push(time, this.#pace.late)
    }
    link.send(message)
  }

  /** Sends a message of a script. */
  sendScripted(message: Message, link: Link): void {
    const { now, recorder } = this.#run
    this.#values.message++
    this.#values.lastSent = message
    recorder.sent++
    recorder.compression?.sent(message)
    this.#flow.figures?.count("sent")
    this.#unanswered.push(now(), 0)
    link.send(message)
  }

  /** A reply came at `at` and answers the oldest message. Returns its round trip; `NaN` if there was no message to answer. */
  answer(at: number): number {
    const roundTrip = this.#unanswered.answer(at, this.#run.recorder)
    this.#flow.figures?.roundTrip(roundTrip)
    return roundTrip
  }

  /** The replies did not come in time. Records their round trips until now, since otherwise the slowest would not count. */
  timeOut(): void {
    const { now, recorder } = this.#run
    while (this.#unanswered.count > 0) this.#unanswered.answer(now(), recorder)
  }

  clear(): void {
    this.#unanswered.clear()
  }
}
