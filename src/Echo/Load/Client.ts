import { type Close, CloseCode } from "../../WebSocket/Frames/CloseCode.ts"
import type { Message } from "../../WebSocket/Frames/Message.ts"
import { type Failure, timedOut } from "../Measure/Failure.ts"
import type { Recorder } from "../Measure/Recorder.ts"
import type { Op, Program } from "../Scenario/Program.ts"
import { RenderError, type Variables } from "../Scenario/Template.ts"
import { Backlog } from "./Backlog.ts"
import * as ConversationFailure from "./ConversationFailure.ts"
import type { Appointment, DeadlineHeap } from "./DeadlineHeap.ts"
import type { Link, LinkHandler, Opening } from "./Dialer.ts"
import { Unanswered } from "./Unanswered.ts"

/** What a client needs of the run that it is a part of. Times are milliseconds of the run's clock. */
export interface Host {
  readonly program: Program
  readonly timers: DeadlineHeap<Appointment>
  readonly recorder: Recorder
  readonly now: () => number
  /** Evenly from 0 up to 1. */
  readonly random: () => number
  readonly dial: (client: Client) => () => void
  /** Gives a client its rows of the data; and what is the same for all clients. */
  readonly giveRows: (client: Client) => void
  readonly environment: ReadonlyMap<string, string>
  /** When this client's next round is due: `NaN` while that is not known yet, at once where there is no plan. */
  readonly nextRound: (client: Client) => number
  /** Whether open-ended repeats end now. */
  readonly isOver: () => boolean
  readonly opened: (client: Client) => void
  readonly settled: (client: Client, failure: Failure | undefined) => void
}

/**
 * What a client does, and so what its deadline means.
 *
 *     waiting -> connecting -> running <-> pausing, pacing, blocked, expecting, expecting close
 *                                 |
 *                              closing -> done
 *
 * Every state between connecting and closing can go to done: by a failure, or because the server closed.
 */
type State =
  /** Until the conversation starts. */
  | "waiting"
  | "connecting"
  /** Goes through its steps: only within a call. */
  | "running"
  /** Until the end of a `wait`. */
  | "pausing"
  /** Until its next round is due; without end while the plan has not begun. */
  | "pacing"
  /** Until it looks again whether the server has read enough to send more. */
  | "blocked"
  /** Until a reply must have come, or the server's close. */
  | "expecting"
  | "expecting close"
  /** Until the server must have answered the close. */
  | "closing"
  | "done"

/** Operations run in one go before the other clients get their turn. */
const BUDGET = 1000
/** Bytes that wait for a slow server before a client stops sending, and milliseconds until it looks again. */
const BUFFER_LIMIT = 1 << 20
const BUFFER_RETRY = 10
const NO_ROUNDS: Array<number> = []

/** A server that does not read: since when, and what waits for it. */
interface Stall {
  since: number
  queued: number
}

/**
 * A conversation of a client: a place in the program, moved on by the callbacks of its connection and
 * by its one deadline. No fiber, Promise or timer of its own, since a run holds tens of thousands.
 */
export class Client implements Appointment, LinkHandler, Variables {
  deadline = Infinity
  heapIndex = -1
  message = 0
  /** Failures since the last reply that was right, in this conversation and in those before it. */
  failures: number
  readonly client: number
  /** Whether the same client held another conversation before. */
  readonly isAgain: boolean
  #state: State = "waiting"
  #at = 0
  #link: Link | undefined
  #giveUp: (() => void) | undefined
  /** How the server closed, while messages that came before are still to be checked. */
  #closed: Close | undefined
  #stall: Stall | undefined
  /** When the round about to begin is due, and how late its first message was: for all messages of the round. */
  #due = Number.NaN
  #late = 0
  readonly #unanswered = new Unanswered()
  readonly #early = new Backlog()
  readonly #rounds: Array<number>
  /** The client's variables: kept where it comes back after a failure. */
  #values: Map<string, string> | undefined
  readonly #isNew: boolean
  lastSent: Message | undefined
  readonly #host: Host

  /** `before` is the last conversation of the same client, which is over. */
  constructor(client: number, host: Host, before?: Client) {
    this.client = client
    this.isAgain = before !== undefined
    this.failures = before?.failures ?? 0
    this.#host = host
    this.#isNew = before === undefined || before.failures === 0
    this.#values = this.#isNew || before === undefined ? undefined : before.#values
    this.#rounds = host.program.depth === 0 ? NO_ROUNDS : new Array<number>(host.program.depth).fill(0)
  }

  get round(): number {
    return this.#rounds.findLast((round) => round > 0) ?? 1
  }

  random(): number {
    return this.#host.random()
  }

  value(name: string): string | undefined {
    return this.#values?.get(name) ?? this.#host.environment.get(name)
  }

  set(name: string, value: string): void {
    this.#values ??= new Map()
    this.#values.set(name, value)
  }

  get isWaiting(): boolean {
    return this.#state === "waiting"
  }

  /** Starts to connect at `time`. */
  startAt(time: number): void {
    this.#host.timers.set(this, time)
  }

  onDeadline(): void {
    switch (this.#state) {
      case "waiting":
        return this.#start()
      case "pausing":
      case "pacing":
      case "blocked":
        return this.#step()
      case "expecting":
      case "expecting close":
      case "closing":
        return this.#end(ConversationFailure.tooLate(this.#op, this.#host.program.timeout, this))
    }
  }

  /** Looks again whether a round is due: the plan became known, or the run is over. */
  wake(): void {
    if (this.#state !== "pacing") return
    this.#due = Number.NaN
    this.#host.timers.set(this, this.#host.now())
  }

  /** Ends a conversation that the run no longer waits for. */
  cut(): void {
    if (this.#state === "done" || this.#state === "waiting") return
    this.#host.recorder.cut++
    this.#leave()
  }

  onOpen(link: Link, opening: Opening): void {
    this.#link = link
    this.#giveUp = undefined
    this.#host.recorder.opened(opening.connect, opening.handshake)
    this.#host.opened(this)
    this.#step()
  }

  onFailure(failure: Failure): void {
    if (this.#state === "connecting") this.#end(failure)
  }

  onMessage(message: Message): void {
    const { program, recorder } = this.#host
    if (this.#state === "done") return
    recorder.received++
    if (!program.checks) return
    switch (this.#state) {
      case "expecting":
        try {
          if (this.#accept(this.#op, message, this.#host.now())) this.#step()
        } catch (error) {
          this.#failBy(error, this.#op)
        }
        return
      case "expecting close":
      case "closing":
        return this.#stray(message)
      default:
        this.#early.add(message, this.#host.now())
    }
  }

  onClose(close: Close): void {
    switch (this.#state) {
      case "done":
        return
      // Some servers that have said everything drop the connection without a close frame (websocketd does).
      case "closing":
        return this.#end()
      case "expecting close":
        return this.#endBy(close)
      case "pausing":
      case "pacing":
        if (this.#early.isEmpty && this.#op?._tag !== "ExpectClose") return this.#endBy(close)
        // What the server said before may be all that this client waits for.
        this.#closed = close
        return this.#hangUp()
      default:
        return this.#endBy(close)
    }
  }

  get #op(): Op | undefined {
    return this.#host.program.ops[this.#at]
  }

  #start(): void {
    const { recorder } = this.#host
    this.#state = "connecting"
    recorder.started++
    recorder.connecting++
    try {
      if (this.#isNew) {
        this.#host.giveRows(this)
        this.#assign(this.#host.program.variables)
      }
      this.#giveUp = this.#host.dial(this)
    } catch (error) {
      this.#failBy(error, undefined)
    }
  }

  #step(): void {
    this.#state = "running"
    try {
      this.#run()
    } catch (error) {
      this.#failBy(error, this.#op)
    }
  }

  /** A value did not fit: that is a failure of the conversation, anything else one of this program. */
  #failBy(error: unknown, op: Op | undefined): void {
    if (!(error instanceof RenderError)) throw error
    this.#end(ConversationFailure.notRendered(op, error))
  }

  /** Runs operations until one has to wait for time or for the server. */
  #run(): void {
    const { now, program, random } = this.#host
    for (let budget = BUDGET; this.#state === "running"; budget--) {
      const op = program.ops[this.#at]
      if (op === undefined) return this.#finish(CloseCode.Normal, "")
      if (budget === 0) return this.#until("pausing", now())
      switch (op._tag) {
        case "Wait":
          this.#at++
          return this.#until("pausing", now() + op.min + (op.max - op.min) * random())
        case "Send":
          this.#send(op)
          break
        case "Expect":
        case "ExpectClose":
          this.#expect(op)
          break
        case "Loop":
          this.#rounds[op.depth] = 0
          this.#at++
          break
        case "Round":
          this.#enterRound(op)
          break
        case "Set":
          this.#assign(op.assignments)
          this.#at++
          break
        case "Jump":
          this.#at = op.to
          break
        case "Close":
          return this.#finish(op.code, op.reason)
      }
    }
  }

  #send(op: Op & { _tag: "Send" }): void {
    const { now, program, recorder } = this.#host
    const link = this.#link
    if (link === undefined) return this.#endBy(this.#closed)
    if (link.queued > BUFFER_LIMIT) return this.#block(link.queued, op.timeout)
    this.#stall = undefined
    this.message++
    const message = op.render(this)
    if (program.keepsSent) this.lastSent = message
    this.#at++
    recorder.sent++
    if (op.paced) recorder.paced++
    if (program.checks) {
      const time = now()
      if (!Number.isNaN(this.#due)) {
        this.#late = time - this.#due
        this.#due = Number.NaN
      }
      if (op.timed) this.#unanswered.push(time, this.#late)
    }
    link.send(message)
  }

  /** The server is behind with reading: waits for it, as long as it reads something within `timeout`. */
  #block(queued: number, timeout: number): void {
    const time = this.#host.now()
    this.#stall ??= { since: time, queued }
    if (queued < this.#stall.queued) this.#stall = { since: time, queued }
    if (time - this.#stall.since < timeout) return this.#until("blocked", time + BUFFER_RETRY)
    this.#end(timedOut("the server read nothing", timeout, `${queued.toLocaleString("en-US")} bytes wait for it`))
  }

  /** Goes on with a message that came early, or waits for one. */
  #expect(op: Op & { _tag: "Expect" | "ExpectClose" }): void {
    const next = this.#early.take()
    if (next === undefined) {
      if (this.#closed !== undefined) return this.#endBy(this.#closed)
      return this.#until(op._tag === "Expect" ? "expecting" : "expecting close", this.#host.now() + op.timeout)
    }
    if (op._tag === "Expect") this.#accept(op, next.message, next.at)
    else this.#stray(next.message)
  }

  /** Checks a message and times its round trip; whether the conversation moved on. */
  #accept(op: Op | undefined, message: Message, at: number): boolean {
    const { program, recorder } = this.#host
    if (op?._tag !== "Expect") return false
    if (!op.expectation.matches(message, this)) {
      if (!program.ignoresUnmatched) this.#end(ConversationFailure.wrongReply(op, message, this))
      return false
    }
    for (const { from, name, read } of op.captures) {
      const value = read(message)
      if (value === undefined) {
        this.#end(ConversationFailure.notCaptured(op, name, from, message))
        return false
      }
      this.set(name, value)
    }
    this.#at++
    this.failures = 0
    this.#unanswered.answer(at, recorder)
    return true
  }

  #assign(assignments: Program["variables"]): void {
    for (const [name, value] of assignments) this.set(name, value(this))
  }

  /** Begins a round, waits until it is due, or goes on behind the last one. */
  #enterRound(op: Op & { _tag: "Round" }): void {
    const round = this.#rounds[op.depth]!
    if (round >= op.times || (op.times === Infinity && this.#host.isOver())) {
      this.#rounds[op.depth] = 0
      this.#at = op.end
      if (op.times === Infinity) this.#late = 0
      return
    }
    if (op.times === Infinity) {
      if (Number.isNaN(this.#due)) this.#due = this.#host.nextRound(this)
      if (Number.isNaN(this.#due)) return this.#until("pacing", Infinity)
      if (this.#due > this.#host.now()) return this.#until("pacing", this.#due)
    }
    this.#rounds[op.depth] = round + 1
    this.#at++
  }

  #until(state: State, deadline: number): void {
    this.#state = state
    this.#host.timers.set(this, deadline)
  }

  /** After the last step: closes, unless the server has done so. */
  #finish(code: number, reason: string): void {
    const early = this.#early.take()
    if (early !== undefined && !this.#host.program.ignoresUnmatched) return this.#stray(early.message)
    if (this.#link === undefined) return this.#end()
    this.#until("closing", this.#host.now() + this.#host.program.timeout)
    this.#link.close(code, reason)
  }

  /** A message that no step expects. */
  #stray(message: Message): void {
    if (!this.#host.program.ignoresUnmatched) this.#end(ConversationFailure.unexpected(message))
  }

  /** The server closed: right where this step waits for it with that code. */
  #endBy(close: Close = { code: CloseCode.Abnormal, reason: "" }): void {
    const op = this.#op
    if (op?._tag === "ExpectClose" && op.code === close.code) return this.#end()
    this.#end(ConversationFailure.earlyClose(op, close, this))
  }

  #end(failure?: Failure): void {
    const { now, recorder, settled } = this.#host
    if (failure === undefined) {
      recorder.completed++
    } else {
      recorder.failed++
      recorder.unanswered += this.#unanswered.count
      this.failures++
      // A reply that never came took at least until now: without it the slowest would not count.
      if (failure.cause === "timeout") while (this.#unanswered.count > 0) this.#unanswered.answer(now(), recorder)
    }
    this.#leave()
    settled(this, failure)
  }

  #hangUp(): void {
    if (this.#link === undefined) return
    this.#host.recorder.open--
    this.#link.terminate()
    this.#link = undefined
  }

  #leave(): void {
    const { recorder, timers } = this.#host
    timers.clear(this)
    if (this.#state === "connecting") {
      recorder.connecting--
      this.#giveUp?.()
    }
    this.#hangUp()
    this.#state = "done"
    this.#giveUp = undefined
    this.#closed = undefined
    this.#stall = undefined
    this.#early.clear()
    this.#unanswered.clear()
  }
}
