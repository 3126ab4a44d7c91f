import type { Close } from "../../WebSocket/Frames/CloseCode.ts"
import type { Message } from "../../WebSocket/Frames/Message.ts"
import type { Failure } from "../Measure/Failure.ts"
import type { Arrived } from "./Backlog.ts"
import type { ClientHost } from "./ClientHost.ts"
import * as ConversationFailure from "./ConversationFailure.ts"
import type { Link, LinkHandler, Opening } from "./Dialer.ts"
import { Interpreter } from "./Interpreter.ts"

/** The run to which the clients belong. */
export type Host = ClientHost<Client>

/**
 * A conversation of a client (virtual user). The callbacks of its connection and its one deadline move it through its program
 * (`Interpreter.ts`). It has no fiber, Promise or timer of its own, because a run has tens of thousands of clients.
 */
export class Client extends Interpreter<Host> implements LinkHandler {
  /** Whether the same client has had another conversation before. */
  readonly isAgain: boolean
  /** Whether to set its variables anew. A client that comes back after a failure keeps them. */
  readonly #isNew: boolean

  /** `before` is the last conversation of the same client. It is over. */
  constructor(client: number, host: Host, before?: Client) {
    super(client, host, before?.recovery)
    this.isAgain = before !== undefined
    this.#isNew = before === undefined || before.failures === 0
    if (before !== undefined && !this.#isNew) this.values.keep(before.values)
  }

  get isWaiting(): boolean {
    return this.state._tag === "Waiting"
  }

  /** Starts to connect at `time`. */
  startAt(time: number): void {
    this.host.timers.set(this, time)
  }

  /** Starts to connect. */
  start(): void {
    const { recorder } = this.host
    recorder.started++
    this.flow.figures?.count("started")
    try {
      if (this.#isNew) {
        this.host.giveRows(this)
        this.values.assign(this.flow.program.variables)
      }
    } catch (error) {
      return this.failBy(error, undefined)
    }
    this.openLine()
    this.step()
  }

  onDeadline(): void {
    const state = this.state
    switch (state._tag) {
      case "Waiting":
        return this.start()
      case "Pausing":
      case "Pacing":
        return this.step()
      case "Blocked":
        return this.unblock(state)
      case "Away":
        return this.returnFrom(state)
      case "Scripted":
        return this.end(ConversationFailure.scriptTooLate(this.op, state.talk.isWaiting))
      case "Expect":
      case "ExpectClose":
      case "Ping":
      case "Reconnect":
      case "Requesting":
      case "Closing":
        return this.end(
          ConversationFailure.tooLate(this.op, this.flow.program.timeout, this.values, this.matcher.taken)
        )
    }
  }

  /** Checks again whether a round is due, after the plan has changed or the run has ended. */
  wake(): void {
    if (this.state._tag === "Away" && this.state.failure !== undefined && this.host.isOver(this)) {
      return this.end(this.state.failure)
    }
    if (this.state._tag !== "Pacing") return
    this.pace.due = Number.NaN
    this.host.timers.set(this, this.host.now())
  }

  /** Ends the conversation at once, because the run ends. */
  cut(): void {
    if (this.state._tag === "Done" || this.state._tag === "Waiting") return
    this.host.recorder.cut++
    this.leave()
  }

  onOpen(link: Link, opening: Opening): void {
    this.line = { _tag: "Open", link }
    const { now, recorder } = this.host
    recorder.opened(opening.connect, opening.handshake)
    if (this.flow.offersCompression) recorder.compression?.opened(opening.extensions)
    if (opening.tls !== undefined) recorder.named.record(opening.tls.resumed ? "tls.resumed" : "tls", opening.tls.time)
    this.host.opened(this)
    if (!this.flow.program.checks) this.recovery.complete(now, recorder, this.flow.program.lasts)
    this.step()
  }

  onFailure(failure: Failure): void {
    if (this.state._tag !== "Connecting") return
    // A client that will try again must not keep the others from their load.
    this.host.opened(this)
    this.lose(failure)
  }

  onMessage(message: Message): void {
    const { recorder } = this.host
    const { figures, program } = this.flow
    const state = this.state
    if (state._tag === "Done") return
    recorder.received++
    recorder.compression?.received(message)
    figures?.count("received")
    if (!program.checks) return
    const arrived = this.sender.arrive(message, this.host.now())
    switch (state._tag) {
      case "Expect":
        try {
          if (this.accept(state, arrived)) this.step()
        } catch (error) {
          this.failBy(error, state)
        }
        return
      case "ExpectClose":
      case "Finishing":
      case "Closing":
        return this.stray(message)
      case "Scripted":
        return state.talk.deliver(arrived)
      case "Reconnect":
      case "Away":
        return
      default:
        this.#wait(arrived)
    }
  }

  /** Keeps a message for the step that will expect it. */
  #wait(arrived: Arrived): void {
    const { ignoresUnmatched, takes } = this.flow.program
    // A message that no step can ever match need not be kept.
    if (ignoresUnmatched && takes !== undefined && !takes.some((one) => one.matches(arrived.message, this.values)))
      return
    if (this.early.isFull) {
      if (!ignoresUnmatched) return this.end(ConversationFailure.tooManyEarly)
      this.early.take()
      this.host.recorder.named.count("discarded")
    }
    this.early.add(arrived)
  }

  onPong(payload: string): void {
    const { now, recorder } = this.host
    if (this.state._tag !== "Ping" || payload !== String(this.pings)) return
    recorder.named.record("ping", now() - this.pingedAt)
    this.next()
  }

  onClose(close: Close): void {
    switch (this.state._tag) {
      case "Done":
        return
      // Some servers, such as websocketd, drop the connection without a close frame after their last message.
      case "Finishing":
      case "Closing":
        return this.end()
      case "Reconnect":
        return this.leaveFor(this.state)
      case "Scripted":
        return this.closeFor(this.state.talk, close)
      case "Pausing":
      case "Pacing":
        if (this.early.isEmpty && this.kept.isEmpty && this.op?._tag !== "ExpectClose") return this.endBy(close)
        // The messages that came before the close may be all that this client waits for.
        this.hangUp()
        this.line = { _tag: "Closed", close }
        return
      default:
        return this.endBy(close)
    }
  }

  protected dial(): () => void {
    return this.host.dial(this)
  }

  protected settle(failure: Failure | undefined): void {
    this.host.settled(this, failure)
  }
}
