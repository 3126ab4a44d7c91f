import { type Close, CloseCode } from "../../WebSocket/Frames/CloseCode.ts"
import type { Message } from "../../WebSocket/Frames/Message.ts"
import type { Failure } from "../Measure/Failure.ts"
import type { Op } from "../Scenario/Op.ts"
import { RenderError } from "../Scenario/Template.ts"
import { Backlog } from "./Backlog.ts"
import type { SessionHost } from "./ClientHost.ts"
import * as ClientState from "./ClientState.ts"
import { ClientValues } from "./ClientValues.ts"
import * as ConversationFailure from "./ConversationFailure.ts"
import type { Appointment } from "./DeadlineHeap.ts"
import type { Flow } from "./Flow.ts"
import { Pace } from "./Pace.ts"
import { Recovery } from "./Recovery.ts"
import { ReplyMatcher } from "./ReplyMatcher.ts"
import { Sender } from "./Sender.ts"

/**
 * The life of a client's conversation: it connects, may lose its connection and reconnect, closes, and ends with or without a
 * failure. `Interpreter.ts` runs the steps of the conversation.
 */
export abstract class Session<Host extends SessionHost> implements Appointment {
  deadline = Infinity
  heapIndex = -1
  readonly values: ClientValues
  readonly flow: Flow
  protected state: ClientState.State = ClientState.waiting
  protected line: ClientState.Line = ClientState.none
  /** The index of the current operation of the program. */
  protected at = 0
  protected readonly pace = new Pace()
  protected readonly sender: Sender
  protected readonly recovery: Recovery
  protected readonly early: Backlog
  /** Replies that came before the flow reached the steps that wait for them. */
  protected readonly kept: Backlog
  protected readonly matcher = new ReplyMatcher()
  protected readonly host: Host

  /** `before` is the recovery of the client's last conversation, if there was one. */
  constructor(client: number, host: Host, before: Recovery | undefined) {
    this.host = host
    this.early = new Backlog(host.backlog)
    this.kept = new Backlog(host.backlog)
    this.recovery = new Recovery(before)
    this.flow = host.flowOf(client)
    this.values = new ClientValues(client, this.flow.program.depth, host.random, host.environment)
    this.sender = new Sender(this.values, this.flow, this.pace, host)
  }

  abstract onDeadline(): void
  /** Starts to connect. Returns a function that gives the attempt up. */
  protected abstract dial(): () => void
  /** The conversation is over and has no connection and no deadline any more. */
  protected abstract settle(failure: Failure | undefined): void

  protected get op(): Op | undefined {
    return this.flow.program.ops[this.at]
  }

  /** The number of conversations of this client that failed since its last correct reply. */
  get failures(): number {
    return this.recovery.failures
  }

  /** The number of the client, from 1. */
  get client(): number {
    return this.values.client
  }

  protected until(state: ClientState.State, deadline: number): void {
    this.state = state
    this.host.timers.set(this, deadline)
  }

  protected openLine(): void {
    this.line = ClientState.opening
    this.host.recorder.connecting++
  }

  protected connect(): void {
    this.state = { _tag: "Connecting", giveUp: this.dial() }
  }

  /** The connection is lost. Connects again if the scenario says so; otherwise the conversation fails. */
  protected lose(failure: Failure): void {
    const { isOver, now, recorder } = this.host
    const { program } = this.flow
    const { reconnect } = program
    this.recovery.lose(now())
    if (reconnect === undefined || this.recovery.attempts >= reconnect.times || isOver(this)) return this.end(failure)
    this.recovery.attempts++
    this.sender.forget(false)
    this.#drop()
    this.at = program.connectAt + 1
    this.values.rounds.fill(0)
    this.pace.end()
    recorder.away++
    this.until({ _tag: "Away", failure }, now() + reconnect.after)
  }

  /** The server has answered the close of a `reconnect`. */
  protected leaveFor(op: Op & { _tag: "Reconnect" }): void {
    const { now, recorder } = this.host
    this.sender.forget(false)
    this.#drop()
    this.at++
    this.recovery.lostAt = now() + op.after
    recorder.away++
    this.until({ _tag: "Away", failure: undefined }, this.recovery.lostAt)
  }

  protected returnFrom({ failure }: ClientState.Away): void {
    const { recorder } = this.host
    recorder.away--
    recorder.named.count("reconnects")
    this.state = ClientState.running
    this.openLine()
    try {
      this.connect()
    } catch (error) {
      this.failBy(error, failure === undefined ? this.op : undefined)
    }
  }

  /** After the last step. Closes the connection, unless the server has closed it. */
  protected finish(code: number, reason: string): void {
    const early = this.kept.take() ?? this.early.take()
    if (early !== undefined && !this.flow.program.ignoresUnmatched) return this.stray(early.message)
    if (this.line._tag !== "Open") return this.end()
    if (this.flow.program.ignoresUnmatched || !this.flow.program.checks) return this.#close(code, reason)
    // An unexpected message that came in the same read must be found before the connection closes. Later ones are ignored.
    this.state = ClientState.finishing
    this.host.soon(() => {
      if (this.state === ClientState.finishing) this.#close(code, reason)
    })
  }

  #close(code: number, reason: string): void {
    if (this.line._tag !== "Open") return this.end()
    this.until(ClientState.closing, this.host.now() + this.flow.program.timeout)
    this.line.link.close(code, reason)
  }

  /** A message that no step expects. */
  protected stray(message: Message): void {
    if (!this.flow.program.ignoresUnmatched) this.end(ConversationFailure.unexpected(message))
  }

  /** The server closed. This is correct only if the current step waits for a close with this code. */
  protected endBy(close: Close = { code: CloseCode.Abnormal, reason: "" }): void {
    const op = this.op
    if (op?._tag === "ExpectClose" && op.code === close.code) return this.end()
    this.lose(ConversationFailure.earlyClose(op, close, this.values))
  }

  protected end(failure?: Failure): void {
    const { recorder } = this.host
    this.flow.figures?.count(failure === undefined ? "completed" : "failed")
    if (failure === undefined) {
      recorder.completed++
      this.sender.forget(false)
    } else {
      recorder.failed++
      this.recovery.failures++
      const { op } = this
      this.sender.forget(failure.cause === "timeout", op?._tag === "Expect" ? op.answers : undefined)
    }
    this.leave()
    this.settle(failure)
  }

  /** A value that a template can't use fails the conversation. Any other error is a defect of this program and is thrown again. */
  protected failBy(error: unknown, op: Op | undefined): void {
    if (!(error instanceof RenderError)) throw error
    this.end(ConversationFailure.notRendered(op, error))
  }

  protected hangUp(): void {
    if (this.line._tag !== "Open") return
    this.host.recorder.open--
    this.line.link.terminate()
    this.line = ClientState.none
  }

  /** Ends the connection, and clears the state that belongs to it. */
  #drop(): void {
    const { recorder } = this.host
    if (this.state._tag === "Connecting" || this.state._tag === "Requesting") this.state.giveUp()
    if (this.line._tag === "Opening") recorder.connecting--
    if (this.state._tag === "Away") recorder.away--
    this.hangUp()
    this.line = ClientState.none
    this.early.clear()
    this.kept.clear()
    this.sender.clear()
    this.matcher.clear()
  }

  protected leave(): void {
    this.host.timers.clear(this)
    this.#drop()
    this.state = ClientState.done
  }
}
