import { type Close, CloseCode } from "../../WebSocket/Frames/CloseCode.ts"
import type { Message } from "../../WebSocket/Frames/Message.ts"
import type { Failure } from "../Measure/Failure.ts"
import type { HttpAnswer } from "../Scenario/HttpRequest.ts"
import type { Op } from "../Scenario/Op.ts"
import { RenderError } from "../Scenario/Template.ts"
import { Backlog } from "./Backlog.ts"
import type { ClientHost } from "./ClientHost.ts"
import * as ClientState from "./ClientState.ts"
import { ClientValues } from "./ClientValues.ts"
import * as ConversationFailure from "./ConversationFailure.ts"
import type { Appointment } from "./DeadlineHeap.ts"
import type { Link, LinkHandler, Opening } from "./Dialer.ts"
import type { Flow } from "./Flow.ts"
import * as HttpStep from "./HttpStep.ts"
import * as Instant from "./Instant.ts"
import { Pace } from "./Pace.ts"
import { Recovery } from "./Recovery.ts"
import * as ReplyContent from "./ReplyContent.ts"
import { ReplyMatcher } from "./ReplyMatcher.ts"
import * as ScriptStep from "./ScriptStep.ts"
import { Sender } from "./Sender.ts"
import * as SlowServer from "./SlowServer.ts"
import { StepTimes } from "./StepTimes.ts"
import type { ScriptedTalk } from "./Talk.ts"

/** Operations run in one go before the other clients get their turn. */
const BUDGET = 1000

/** The run that clients are a part of. */
export type Host = ClientHost<Client>

/**
 * A conversation of a client: a place in the program, moved on by the callbacks of its connection and
 * by its one deadline. No fiber, Promise or timer of its own, since a run holds tens of thousands.
 */
export class Client implements Appointment, LinkHandler {
  deadline = Infinity
  heapIndex = -1
  /** Whether the same client held another conversation before. */
  readonly isAgain: boolean
  readonly values: ClientValues
  readonly flow: Flow
  #state = ClientState.waiting
  #line = ClientState.none
  #at = 0
  readonly #pace = new Pace()
  readonly #sender: Sender
  readonly #recovery: Recovery
  readonly #early = new Backlog()
  readonly #matcher = new ReplyMatcher()
  /** Pings that were sent, and when the last of them was. */
  #pings = 0
  #pingedAt = 0
  readonly #times: StepTimes
  /** Whether its variables are to be drawn: one that comes back after a failure keeps them. */
  readonly #isNew: boolean
  readonly #host: Host

  /** `before` is the last conversation of the same client, which is over. */
  constructor(client: number, host: Host, before?: Client) {
    this.isAgain = before !== undefined
    this.#recovery = before === undefined ? new Recovery() : new Recovery(before.#recovery)
    this.#host = host
    this.flow = host.flowOf(client)
    this.values = new ClientValues(client, this.flow.program.depth, host.random, host.environment)
    this.#sender = new Sender(this.values, this.flow, this.#pace, host)
    this.#times = new StepTimes(this.flow.program.marks)
    this.#isNew = before === undefined || before.failures === 0
    if (before !== undefined && !this.#isNew) this.values.keep(before.values)
  }

  /** Its number, from 1. */
  get client(): number {
    return this.values.client
  }

  /** Conversations of it that failed since the last reply that was right. */
  get failures(): number {
    return this.#recovery.failures
  }

  get isWaiting(): boolean {
    return this.#state._tag === "Waiting"
  }

  /** Starts to connect at `time`. */
  startAt(time: number): void {
    this.#host.timers.set(this, time)
  }

  onDeadline(): void {
    const state = this.#state
    switch (state._tag) {
      case "Waiting":
        return this.start()
      case "Pausing":
      case "Pacing":
        return this.#step()
      case "Blocked":
        return this.#unblock(state)
      case "Away":
        return this.#returnFrom(state)
      case "Expect":
      case "ExpectClose":
      case "Ping":
      case "Scripted":
      case "Reconnect":
      case "Requesting":
      case "Closing":
        return this.#end(
          ConversationFailure.tooLate(this.#op, this.flow.program.timeout, this.values, this.#matcher.taken)
        )
    }
  }

  /** Looks again whether a round is due: the plan became known, or the run is over. */
  wake(): void {
    if (this.#state._tag === "Away" && this.#state.failure !== undefined && this.#host.isOver(this)) {
      return this.#end(this.#state.failure)
    }
    if (this.#state._tag !== "Pacing") return
    this.#pace.due = Number.NaN
    this.#host.timers.set(this, this.#host.now())
  }

  /** Ends a conversation that the run no longer waits for. */
  cut(): void {
    if (this.#state._tag === "Done" || this.#state._tag === "Waiting") return
    this.#host.recorder.cut++
    this.#leave()
  }

  onOpen(link: Link, opening: Opening): void {
    this.#line = { _tag: "Open", link }
    const { now, recorder } = this.#host
    recorder.opened(opening.connect, opening.handshake)
    if (this.flow.offersCompression) recorder.compression?.opened(opening.extensions)
    if (opening.tls !== undefined) recorder.named.record(opening.tls.resumed ? "tls.resumed" : "tls", opening.tls.time)
    this.#host.opened(this)
    if (!this.flow.program.checks) this.#recovery.complete(now, recorder)
    this.#step()
  }

  onFailure(failure: Failure): void {
    if (this.#state._tag === "Connecting") this.#lose(failure)
  }

  onMessage(message: Message): void {
    const { recorder } = this.#host
    const { figures, program } = this.flow
    const state = this.#state
    if (state._tag === "Done") return
    recorder.received++
    recorder.compression?.received(message)
    figures?.count("received")
    if (!program.checks) return
    switch (state._tag) {
      case "Expect":
        try {
          if (this.#accept(state, message, this.#host.now())) this.#step()
        } catch (error) {
          this.#failBy(error, state)
        }
        return
      case "ExpectClose":
      case "Finishing":
      case "Closing":
        return this.#stray(message)
      case "Scripted":
        return state.talk.deliver({ message, at: this.#host.now() })
      case "Reconnect":
      case "Away":
        return
      default:
        this.#early.add(message, this.#host.now())
    }
  }

  onPong(payload: string): void {
    const { now, recorder } = this.#host
    if (this.#state._tag !== "Ping" || payload !== String(this.#pings)) return
    recorder.named.record("ping", now() - this.#pingedAt)
    this.#next()
  }

  onClose(close: Close): void {
    switch (this.#state._tag) {
      case "Done":
        return
      // Some servers that have said everything drop the connection without a close frame (websocketd does).
      case "Finishing":
      case "Closing":
        return this.#end()
      case "Reconnect":
        return this.#leaveFor(this.#state)
      case "Scripted":
        return this.#closeFor(this.#state.talk, close)
      case "Pausing":
      case "Pacing":
        if (this.#early.isEmpty && this.#op?._tag !== "ExpectClose") return this.#endBy(close)
        // What the server said before may be all that this client waits for.
        this.#hangUp()
        this.#line = { _tag: "Closed", close }
        return
      default:
        return this.#endBy(close)
    }
  }

  get #op(): Op | undefined {
    return this.flow.program.ops[this.#at]
  }

  /** Starts to connect. */
  start(): void {
    const { recorder } = this.#host
    recorder.started++
    this.flow.figures?.count("started")
    try {
      if (this.#isNew) {
        this.#host.giveRows(this)
        this.values.assign(this.flow.program.variables)
      }
    } catch (error) {
      return this.#failBy(error, undefined)
    }
    this.#openLine()
    this.#step()
  }

  #openLine(): void {
    this.#line = ClientState.opening
    this.#host.recorder.connecting++
  }

  #connect(): void {
    this.#state = { _tag: "Connecting", giveUp: this.#host.dial(this) }
  }

  /** Gives the conversation to a script until its promise is settled. */
  #script(op: Op & { _tag: "Script" }): void {
    const { scripts, timers } = this.#host
    const talk = ScriptStep.talkOf(this.values, this.#early, {
      send: (message) => this.#sendFor(talk, message),
      took: (at) => this.#tookFor(at),
      waits: () => this.#waitFor(op)
    })
    timers.clear(this)
    this.#state = { _tag: "Scripted", talk }
    ScriptStep.run(op, scripts, talk, {
      onDone: () => {
        if (this.#isHeldBy(talk)) this.#next()
      },
      onThrown: (failure) => {
        if (this.#isHeldBy(talk)) this.#end(failure)
      }
    })
  }

  #isHeldBy(talk: ScriptedTalk): boolean {
    return this.#state._tag === "Scripted" && this.#state.talk === talk
  }

  #sendFor(talk: ScriptedTalk, message: Message): void {
    if (this.#line._tag !== "Open" || !this.#isHeldBy(talk)) throw new Error("the conversation is over")
    this.#sender.sendScripted(message, this.#line.link)
  }

  #tookFor(at: number): void {
    const { now, recorder, timers } = this.#host
    timers.clear(this)
    this.#recovery.complete(now, recorder)
    this.#sender.answer(at)
  }

  #waitFor(op: Op & { _tag: "Script" }): void {
    if (this.#line._tag === "Closed") this.#endBy(this.#line.close)
    else this.#host.timers.set(this, this.#host.now() + op.timeout)
  }

  /** The server closed while a script runs, which may have heard all that it waits for: it has a turn to say so. */
  #closeFor(talk: ScriptedTalk, close: Close): void {
    this.#hangUp()
    this.#line = { _tag: "Closed", close }
    this.#host.soon(() => {
      if (this.#isHeldBy(talk) && talk.isWaiting) this.#endBy(close)
    })
  }

  #ping(op: Op & { _tag: "Ping" }): void {
    if (this.#line._tag !== "Open") return this.#endBy(this.#line._tag === "Closed" ? this.#line.close : undefined)
    this.#pingedAt = this.#host.now()
    this.#until(op, this.#pingedAt + op.timeout)
    this.#line.link.ping(String(++this.#pings))
  }

  #request(op: Op & { _tag: "Http" }): void {
    const { now } = this.#host
    const requesting = HttpStep.send(op, this.values, this.flow.request, {
      onAnswer: (answer) => this.#onAnswer(op, answer),
      onFailure: (failure) => this.#onNoAnswer(op, failure)
    })
    this.#until(requesting, now() + op.timeout)
  }

  #onAnswer(op: Op & { _tag: "Http" }, answer: HttpAnswer): void {
    const state = this.#state
    if (state._tag !== "Requesting" || state.op !== op) return
    const problem = HttpStep.take(state, answer, this.values, this.#host.recorder.named)
    if (problem !== undefined) return this.#end(problem)
    this.#next()
  }

  #onNoAnswer(op: Op & { _tag: "Http" }, failure: Failure): void {
    if (this.#state._tag === "Requesting" && this.#state.op === op) this.#end(failure)
  }

  /** The server has answered the close of a `reconnect`. */
  #leaveFor(op: Op & { _tag: "Reconnect" }): void {
    const { now, recorder } = this.#host
    this.#drop()
    this.#at++
    this.#recovery.lostAt = now() + op.after
    recorder.away++
    this.#until({ _tag: "Away", failure: undefined }, this.#recovery.lostAt)
  }

  /** Without a connection: connects again where the scenario says so, else the conversation has failed. */
  #lose(failure: Failure): void {
    const { isOver, now, recorder } = this.#host
    const { program } = this.flow
    const { reconnect } = program
    this.#recovery.lose(now())
    if (reconnect === undefined || this.#recovery.attempts >= reconnect.times || isOver(this)) return this.#end(failure)
    this.#recovery.attempts++
    recorder.unanswered += this.#sender.unanswered
    this.#drop()
    this.#at = program.connectAt + 1
    this.values.rounds.fill(0)
    this.#pace.end()
    recorder.away++
    this.#until({ _tag: "Away", failure }, now() + reconnect.after)
  }

  #returnFrom({ failure }: ClientState.Away): void {
    const { recorder } = this.#host
    recorder.away--
    recorder.named.count("reconnects")
    this.#state = ClientState.running
    this.#openLine()
    try {
      this.#connect()
    } catch (error) {
      this.#failBy(error, failure === undefined ? this.#op : undefined)
    }
  }

  /** Goes on behind the operation that it waited at. */
  #next(): void {
    this.#at++
    this.#step()
  }

  #step(): void {
    this.#state = ClientState.running
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
    const { now, random, recorder } = this.#host
    const { program } = this.flow
    for (let budget = BUDGET; this.#state === ClientState.running; budget--) {
      const op = program.ops[this.#at]
      if (op === undefined) return this.#finish(CloseCode.Normal, "")
      if (budget === 0) return this.#until(ClientState.pausing, now())
      switch (op._tag) {
        case "Connect":
          this.#connect()
          this.#at++
          return
        case "Http":
          return this.#request(op)
        case "Wait":
          this.#at++
          return this.#until(ClientState.pausing, now() + op.min + (op.max - op.min) * random())
        case "Send":
          this.#send(op)
          break
        case "Expect":
        case "ExpectClose":
          this.#expect(op)
          break
        case "Round":
          this.#enterRound(op)
          break
        case "Script":
          return this.#script(op)
        case "Ping":
          return this.#ping(op)
        case "Reconnect":
          if (this.#line._tag !== "Open") return this.#leaveFor(op)
          this.#until(op, now() + op.timeout)
          return this.#line.link.close(op.code, "")
        case "Close":
          return this.#finish(op.code, op.reason)
        default:
          this.#at = Instant.run(op, this.#at, this.values, this.#times, now, recorder.named)
      }
    }
  }

  #send(op: Op & { _tag: "Send" }): void {
    const line = this.#line
    if (line._tag !== "Open") return this.#endBy(line._tag === "Closed" ? line.close : undefined)
    const { queued } = line.link
    if (SlowServer.isBehind(queued)) {
      const since = this.#host.now()
      return this.#until({ _tag: "Blocked", since, queued, timeout: op.timeout }, since + SlowServer.RETRY)
    }
    const message = this.#sender.render(op)
    this.#at++
    this.#sender.send(op, message, line.link)
  }

  /** Goes on where a server that was behind has read enough. */
  #unblock(blocked: ClientState.Blocked): void {
    const now = this.#host.now()
    const next = SlowServer.look(blocked, this.#line._tag === "Open" ? this.#line.link.queued : 0, now)
    if (next === undefined) return this.#step()
    if ("cause" in next) return this.#end(next)
    this.#until(next, now + SlowServer.RETRY)
  }

  /** Goes on with a message that came early, or waits for one. */
  #expect(op: Op & { _tag: "Expect" | "ExpectClose" }): void {
    const next = this.#early.take()
    if (next === undefined) {
      if (this.#line._tag === "Closed") return this.#endBy(this.#line.close)
      return this.#until(op, this.#host.now() + op.timeout)
    }
    if (op._tag === "Expect") this.#accept(op, next.message, next.at)
    else this.#stray(next.message)
  }

  /** Checks a message and times its round trip; whether the conversation moved on. */
  #accept(op: Op & { _tag: "Expect" }, message: Message, at: number): boolean {
    const { now, recorder } = this.#host
    const found = this.#matcher.caseOf(op, message, this.values)
    if (found === undefined) {
      if (!op.skips) this.#end(ConversationFailure.wrongReply(op, message, this.values))
      return false
    }
    const problem = found.tells ? ReplyContent.take(op, found, message, at, this.values, this.#host) : undefined
    if (problem !== undefined) {
      this.#end(problem)
      return false
    }
    this.#recovery.complete(now, recorder)
    const roundTrip = this.#sender.answer(at)
    if (this.#matcher.misses(op, found)) return false
    this.#at = found.next
    if (op.named !== undefined) this.#times.end(op.named, at, recorder.named, op.need === 1 ? roundTrip : Number.NaN)
    return true
  }

  /** Begins a round, waits until it is due, or goes on behind the last one. */
  #enterRound(op: Op & { _tag: "Round" }): void {
    const round = this.values.rounds[op.depth]!
    if (round >= op.times || (op.times === Infinity && this.#host.isOver(this))) {
      this.values.rounds[op.depth] = 0
      this.#at = op.end
      if (op.times === Infinity) this.#pace.end()
      return
    }
    if (op.times === Infinity) {
      const pace = this.#pace
      if (Number.isNaN(pace.due)) pace.due = this.#host.nextRound(this)
      if (Number.isNaN(pace.due)) return this.#until(ClientState.pacing, Infinity)
      if (pace.due > this.#host.now()) return this.#until(ClientState.pacing, pace.due)
    }
    this.values.rounds[op.depth] = round + 1
    this.#at++
  }

  #until(state: ClientState.State, deadline: number): void {
    this.#state = state
    this.#host.timers.set(this, deadline)
  }

  /** After the last step: closes, unless the server has done so. */
  #finish(code: number, reason: string): void {
    const early = this.#early.take()
    if (early !== undefined && !this.flow.program.ignoresUnmatched) return this.#stray(early.message)
    if (this.#line._tag !== "Open") return this.#end()
    if (this.flow.program.ignoresUnmatched || !this.flow.program.checks) return this.#close(code, reason)
    // A message too many that came in the same read is seen before the connection closes, and no more behind that.
    this.#state = ClientState.finishing
    this.#host.soon(() => {
      if (this.#state === ClientState.finishing) this.#close(code, reason)
    })
  }

  #close(code: number, reason: string): void {
    if (this.#line._tag !== "Open") return this.#end()
    this.#until(ClientState.closing, this.#host.now() + this.flow.program.timeout)
    this.#line.link.close(code, reason)
  }

  /** A message that no step expects. */
  #stray(message: Message): void {
    if (!this.flow.program.ignoresUnmatched) this.#end(ConversationFailure.unexpected(message))
  }

  /** The server closed: right where this step waits for it with that code. */
  #endBy(close: Close = { code: CloseCode.Abnormal, reason: "" }): void {
    const op = this.#op
    if (op?._tag === "ExpectClose" && op.code === close.code) return this.#end()
    this.#lose(ConversationFailure.earlyClose(op, close, this.values))
  }

  #end(failure?: Failure): void {
    const { recorder, settled } = this.#host
    this.flow.figures?.count(failure === undefined ? "completed" : "failed")
    if (failure === undefined) {
      recorder.completed++
    } else {
      recorder.failed++
      recorder.unanswered += this.#sender.unanswered
      this.#recovery.failures++
      if (failure.cause === "timeout") this.#sender.timeOut()
    }
    this.#leave()
    settled(this, failure)
  }

  #hangUp(): void {
    if (this.#line._tag !== "Open") return
    this.#host.recorder.open--
    this.#line.link.terminate()
    this.#line = ClientState.none
  }

  /** Lets go of the connection and of what belongs to it. */
  #drop(): void {
    const { recorder } = this.#host
    if (this.#state._tag === "Connecting" || this.#state._tag === "Requesting") this.#state.giveUp()
    if (this.#line._tag === "Opening") recorder.connecting--
    if (this.#state._tag === "Away") recorder.away--
    this.#hangUp()
    this.#line = ClientState.none
    this.#early.clear()
    this.#sender.clear()
    this.#matcher.clear()
  }

  #leave(): void {
    this.#host.timers.clear(this)
    this.#drop()
    this.#state = ClientState.done
  }
}
