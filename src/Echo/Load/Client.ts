import * as Count from "../../Text/Count.ts"
import { type Close, CloseCode } from "../../WebSocket/Frames/CloseCode.ts"
import type { Message } from "../../WebSocket/Frames/Message.ts"
import { type Failure, timedOut } from "../Measure/Failure.ts"
import type { Recorder } from "../Measure/Recorder.ts"
import * as ConversationFailure from "../Scenario/ConversationFailure.ts"
import type { Arrived, ExpectOp, NamedStep, Op, Runner, SendOp, Sent, State } from "../Scenario/Op.ts"
import type { Script } from "../Scenario/ScriptedConversation.ts"
import { pausing } from "../Scenario/Steps/Wait.ts"
import { RenderError } from "../Scenario/Template.ts"
import type { BacklogBudget } from "./Backlog.ts"
import { ClientValues } from "./ClientValues.ts"
import type { Appointment, DeadlineHeap } from "./DeadlineHeap.ts"
import type { Link, LinkHandler, Opening } from "./Dialer.ts"
import type { Flow } from "./Flow.ts"
import { Pace } from "./Pace.ts"
import { Recovery } from "./Recovery.ts"
import { Replies } from "./Replies.ts"
import { RuleRunner } from "./RuleRunner.ts"
import { Sender } from "./Sender.ts"
import { requester, type Trace } from "./Trace.ts"

/** The run to which the clients belong. Times are milliseconds of the run's clock. A client's number counts from 1, over all processes. */
export interface Host {
  /** The scenario of a client, by its number. */
  readonly flowOf: (client: number) => Flow
  readonly timers: DeadlineHeap<Appointment>
  readonly recorder: Recorder
  /** The memory that messages take before a step expects them. */
  readonly backlog: BacklogBudget
  readonly now: () => number
  /** A uniform random number from 0 (included) to 1 (not included). */
  readonly random: () => number
  /** The scripts of the plan, by file. */
  readonly scripts: ReadonlyMap<string, Script>
  /** Calls `act` when all data that has been read is handled. */
  readonly soon: (act: () => void) => void
  readonly environment: ReadonlyMap<string, string>
  /** When this client's next round is due; `NaN` if this is not known yet, 0 (at once) if the run has no rate. */
  readonly nextRound: (client: Client) => number
  /** Whether this client's open-ended repeat must end now. */
  readonly isOver: (client: Client) => boolean
  readonly dial: (client: Client) => () => void
  /** Gets everything that happens; `undefined` in a real run. */
  readonly trace: Trace["Type"] | undefined
  /** Sets the variables of a client from its rows of the data and from the environment. */
  readonly giveRows: (client: Client) => void
  readonly opened: (client: Client) => void
  readonly settled: (client: Client, failure: Failure | undefined) => void
}

/** A client's connection to the server. */
type Line =
  /** The client does not connect yet, or the connection is over. */
  | { readonly _tag: "None" }
  /** The client connects, or sends the HTTP requests that come before. */
  | { readonly _tag: "Opening" }
  | { readonly _tag: "Open"; readonly link: Link }
  /** The server closed. Messages that came before the close still have to be checked. */
  | { readonly _tag: "Closed"; readonly close: Close }

const none: Line = { _tag: "None" }
const opening: Line = { _tag: "Opening" }

interface ClientState extends State<Client> {
  /** The plan has changed, or the run has ended. */
  readonly onWake?: (client: Client) => void
}

/*
 * The states of a client. Those of single steps are in `Scenario/Steps`: a client that waits for a message is in the state of the
 * step that waits.
 *
 *     waiting -> running -> Connecting -> running <-> pausing, pacing, Blocked, and those of steps
 *                               ^              |
 *                               |     finishing -> closing -> done
 *                               |
 *                              Away <- a `reconnect`, or any state with a connection when the connection is lost
 *
 * Every state between Connecting and closing can go to done, by a failure or because the server closed.
 */
const states = {
  /** The conversation has not started. */
  waiting: { _tag: "Waiting", onDeadline: (client) => client.start() },
  /** Runs its steps. This lasts only during a call. */
  running: { _tag: "Running", onDeadline: () => {} },
  /** Waits until its next round is due. There is no deadline before the plan has begun. */
  pacing: {
    _tag: "Pacing",
    onDeadline: (client) => client.step(),
    onClose: (client, close) => client.closedInPause(close),
    onWake: (client) => client.planAgain()
  },
  /** After its last step, until all data that was read with it is handled. */
  finishing: {
    _tag: "Finishing",
    onDeadline: () => {},
    onMessage: (client, { message }) => client.stray(message),
    // Some servers, such as websocketd, drop the connection without a close frame after their last message.
    onClose: (client) => client.end()
  },
  /** Waits until the server has answered the close. */
  closing: {
    _tag: "Closing",
    onDeadline: (client) => client.end(ConversationFailure.notClosed(client.timeout)),
    onMessage: (client, { message }) => client.stray(message),
    onClose: (client) => client.end()
  },
  done: { _tag: "Done", onDeadline: () => {}, onClose: () => {} }
} satisfies Readonly<Record<string, ClientState>>

/** Has no connection and waits until it connects again, because of a failure or because a step closed the connection. */
const away = (failure: Failure | undefined): ClientState => ({
  _tag: "Away",
  onDeadline: (client) => client.comeBack(failure),
  onMessage: () => {},
  ...(failure === undefined ? {} : { onWake: (client) => client.endIfOver(failure) })
})

/** A client stops sending when this many bytes wait for a slow server, and checks again after this many milliseconds. */
const BUFFER_LIMIT = 1 << 20
const RETRY = 10

/** The server reads too slowly: `queued` bytes have waited since `since`. It must read something within `timeout`. */
const blocked = (since: number, queued: number, timeout: number): ClientState => ({
  _tag: "Blocked",
  onDeadline: (client) => {
    const now = client.now()
    const left = client.link?.queued ?? 0
    if (left <= BUFFER_LIMIT) return client.step()
    if (left < queued) return client.until(blocked(now, left, timeout), now + RETRY)
    if (now - since < timeout) return client.extend(now + RETRY)
    client.end(timedOut("the server read nothing", timeout, `${Count.format(left)} bytes are waiting`))
  }
})

/** The most operations that a client runs before other clients get their turn. */
const BUDGET = 1000

/**
 * A conversation of a client (virtual user). The callbacks of its connection and its one deadline move it through its program.
 * It has no fiber, Promise or timer of its own, because a run has tens of thousands of clients.
 */
export class Client implements Runner, LinkHandler, Appointment {
  deadline = Infinity
  heapIndex = -1
  /** The index of the current operation of the program. */
  at = 0
  state: ClientState = states.waiting
  readonly values: ClientValues
  readonly flow: Flow
  /** Whether the same client has had another conversation before. */
  readonly isAgain: boolean
  /** Whether to set its variables anew. A client that comes back after a failure keeps them. */
  readonly #isNew: boolean
  #line: Line = none
  /** The start times of the named steps. Allocated when the first begins, so that clients without any need no array. */
  #began: Float64Array | undefined
  stream: Runner["stream"]
  /** Where the conversation goes on after a `reconnect` that begins with the requests before the connection. */
  #resumeAt: number | undefined
  readonly #pace = new Pace()
  readonly #sender: Sender
  readonly #replies: Replies
  readonly #recovery: Recovery
  /** `undefined` if the scenario has no rules. */
  readonly #rules: RuleRunner | undefined
  readonly #host: Host

  /** `before` is the last conversation of the same client. It is over. */
  constructor(client: number, host: Host, before?: Client) {
    this.#host = host
    this.#recovery = new Recovery(before === undefined ? undefined : before.#recovery)
    this.flow = host.flowOf(client)
    const { program } = this.flow
    this.values = new ClientValues(client, program.depth, host.random, host.environment)
    this.#sender = new Sender(this.values, this.flow, this.#pace, host)
    this.#replies = new Replies(program, this.#sender, this.values, host.backlog)
    this.#rules = program.rules === undefined ? undefined : new RuleRunner(program.rules, host, this)
    this.isAgain = before !== undefined
    this.#isNew = before === undefined || before.failures === 0
    if (before !== undefined && !this.#isNew) this.values.keep(before.values)
  }

  /** The number of the client, from 1. */
  get client(): number {
    return this.values.client
  }

  get isWaiting(): boolean {
    return this.state === states.waiting
  }

  /** The number of conversations of this client that failed since its last correct reply. */
  get failures(): number {
    return this.#recovery.failures
  }

  get link(): Link | undefined {
    return this.#line._tag === "Open" ? this.#line.link : undefined
  }

  get named(): Recorder["named"] {
    return this.#host.recorder.named
  }

  get now(): () => number {
    return this.#host.now
  }

  get random(): () => number {
    return this.#host.random
  }

  get request(): Runner["request"] {
    const { trace } = this.#host
    return trace === undefined ? this.flow.request : requester(trace, this.flow.request, this)
  }

  get timeout(): number {
    return this.flow.program.timeout
  }

  get taken(): number {
    return this.#replies.taken
  }

  get #op(): Op | undefined {
    return this.flow.program.ops[this.at]
  }

  // ---- The life of the conversation.

  /** Starts to connect at `time`. */
  startAt(time: number): void {
    this.#host.timers.set(this, time)
  }

  /** Starts to connect. */
  start(): void {
    this.#host.recorder.started++
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
    this.step()
  }

  onDeadline(): void {
    this.state.onDeadline(this)
  }

  /** Checks again whether a round is due, after the plan has changed or the run has ended. */
  wake(): void {
    this.state.onWake?.(this)
  }

  planAgain(): void {
    this.#pace.due = Number.NaN
    this.#host.timers.set(this, this.now())
  }

  endIfOver(failure: Failure): void {
    if (this.#host.isOver(this)) this.end(failure)
  }

  /** Ends the conversation at once, because the run ends. */
  cut(): void {
    if (this.state === states.done || this.state === states.waiting) return
    this.#host.recorder.cut++
    this.#sender.clear()
    this.#leave()
  }

  until(state: ClientState, deadline: number): void {
    this.state = state
    this.#host.timers.set(this, deadline)
  }

  extend(deadline: number): void {
    this.#host.timers.set(this, deadline)
  }

  /** Continues after the operation that waited. */
  next(): void {
    this.at++
    this.step()
  }

  /** Runs operations until one has to wait for time or for the server. */
  step(): void {
    this.state = states.running
    try {
      const { ops } = this.flow.program
      for (let budget = BUDGET; this.state === states.running; budget--) {
        const op = ops[this.at]
        if (op === undefined) return this.finish(CloseCode.Normal, "")
        if (budget === 0) return this.until(pausing, this.now())
        op.run(this)
      }
    } catch (error) {
      this.#failBy(error, this.#op)
    }
  }

  // ---- The connection.

  #openLine(): void {
    this.#line = opening
    this.#host.recorder.connecting++
  }

  connect(): void {
    this.at = this.#resumeAt ?? this.at + 1
    this.#resumeAt = undefined
    this.#dial()
  }

  #dial(): void {
    this.state = { _tag: "Connecting", onDeadline: () => {}, onLeave: this.#host.dial(this) }
  }

  onOpen(link: Link, { connect, extensions, handshake, tls }: Opening): void {
    this.#line = { _tag: "Open", link }
    const { recorder } = this.#host
    recorder.opened(connect, handshake)
    if (this.flow.offersCompression) recorder.compression?.opened(extensions)
    if (tls !== undefined) recorder.named.record(tls.resumed ? "tls.resumed" : "tls", tls.time)
    this.#host.opened(this)
    if (!this.flow.program.checks) this.#works()
    this.#rules?.open(link)
    this.step()
  }

  onFailure(failure: Failure): void {
    if (this.state._tag !== "Connecting") return
    // A client that will try again must not keep the others from their load.
    this.#host.opened(this)
    this.#lose(failure)
  }

  onMessage(message: Message): void {
    if (!this.flow.program.lines || typeof message !== "string" || !message.includes("\n")) return this.#onOne(message)
    for (const line of message.split("\n")) if (line !== "") this.#onOne(line)
  }

  #onOne(message: Message): void {
    const { recorder } = this.#host
    const { figures, program } = this.flow
    if (this.state === states.done) return
    recorder.received++
    recorder.compression?.received(message)
    figures?.count("received")
    if (!program.checks && this.#rules === undefined) return
    try {
      const arrived = this.#sender.arrive(message, this.now())
      if (this.#rules?.take(arrived) === true || !program.checks) return
      const { state } = this
      // The rule may have ended the conversation.
      if (state === states.done) return
      if (state.onMessage === undefined) this.keepEarly(arrived)
      else state.onMessage(this, arrived)
    } catch (error) {
      this.#failBy(error, this.#op)
    }
  }

  onPong(payload: string): void {
    this.state.onPong?.(this, payload)
  }

  onClose(close: Close): void {
    if (this.state.onClose === undefined) this.#endBy(close)
    else this.state.onClose(this, close)
  }

  closedInPause(close: Close): void {
    if (this.#replies.isEmpty && this.#op?.closedWith === undefined) return this.#endBy(close)
    this.#hangUp()
    this.#line = { _tag: "Closed", close }
  }

  closedDuring(close: Close, act: () => void): void {
    this.#hangUp()
    this.#line = { _tag: "Closed", close }
    this.#host.soon(act)
  }

  /** The connection is lost. Connects again if the scenario says so; otherwise the conversation fails. */
  #lose(failure: Failure): void {
    const { connectAt, reconnect } = this.flow.program
    this.#recovery.lose(this.now())
    if (reconnect === undefined || this.#recovery.attempts >= reconnect.times || this.#host.isOver(this))
      return this.end(failure)
    this.#recovery.attempts++
    this.#drop()
    this.at = reconnect.login ? 0 : connectAt + 1
    this.#resumeAt = undefined
    this.values.rounds.fill(0)
    this.#pace.end()
    this.#goAway(failure, this.now() + reconnect.after)
  }

  refuse(failure: Failure): void {
    const isReconnecting = this.flow.program.reconnect?.login === true && this.#recovery.attempts > 0
    if (isReconnecting) this.#lose(failure)
    else this.end(failure)
  }

  leaveFor(after: number, login: boolean): void {
    this.#drop()
    this.at++
    if (login) {
      this.#resumeAt = this.at
      this.at = 0
    }
    this.#recovery.lostAt = this.now() + after
    this.#goAway(undefined, this.#recovery.lostAt)
  }

  #goAway(failure: Failure | undefined, until: number): void {
    this.#host.recorder.away++
    this.until(away(failure), until)
  }

  comeBack(failure: Failure | undefined): void {
    const { recorder } = this.#host
    recorder.away--
    recorder.named.count("reconnects")
    this.state = states.running
    this.#openLine()
    if (this.at <= this.flow.program.connectAt) return this.step()
    try {
      this.#dial()
    } catch (error) {
      this.#failBy(error, failure === undefined ? this.#op : undefined)
    }
  }

  // ---- Messages.

  send(op: SendOp): void {
    const { link } = this
    if (link === undefined) return this.endByClose()
    const { queued } = link
    if (queued > BUFFER_LIMIT) {
      const now = this.now()
      return this.until(blocked(now, queued, op.timeout), now + RETRY)
    }
    const message = this.#sender.render(op)
    this.at++
    this.#sender.send(op, message, link)
  }

  sendScripted(op: Sent, message: Message): void {
    if (this.link !== undefined) this.#sender.sendScripted(op, message, this.link)
  }

  sendBeside(message: Message, link: Link): void {
    this.#sender.sendBeside(message, link)
  }

  failBeside(error: unknown): void {
    this.#failBy(error, undefined)
  }

  took(arrived: Arrived): void {
    this.#works()
    this.#sender.answer(undefined, arrived)
  }

  scriptOf(file: string): Script | undefined {
    return this.#host.scripts.get(file)
  }

  takeEarly(): Arrived | undefined {
    return this.#replies.early.take()
  }

  keepEarly(arrived: Arrived): void {
    const problem = this.#replies.wait(arrived, this.#host.recorder)
    if (problem !== undefined) this.end(problem)
  }

  /** Takes a message that has come already, or waits for one. */
  expect(op: ExpectOp): void {
    const next = this.#replies.next(op)
    if (next === undefined) this.#await(op, op.timeout)
    else this.accept(op, next)
  }

  expectClose(op: Op & State, timeout: number): void {
    const next = this.#replies.early.take()
    if (next === undefined) this.#await(op, timeout)
    else this.stray(next.message)
  }

  #await(state: State, timeout: number): void {
    if (this.#line._tag === "Closed") this.#endBy(this.#line.close)
    else this.until(state, this.now() + timeout)
  }

  /** Checks a message and records its round trip. */
  accept(op: ExpectOp, arrived: Arrived): boolean {
    const { recorder } = this.#host
    const found = this.#replies.caseOf(op, arrived)
    if (found === undefined) {
      const kept = this.#replies.keep(arrived)
      if (typeof kept === "object") this.end(kept)
      else if (!kept && !op.skips) this.end(ConversationFailure.wrongReply(op, arrived.message, this.values))
      return false
    }
    const problem = found.reads ? this.#replies.read(op, found, arrived, this.#host) : undefined
    if (problem !== undefined) {
      this.end(problem)
      return false
    }
    this.#works()
    // Only the first message of an answer of many ends a round trip.
    const isMore = op.onTaken !== undefined && this.stream !== undefined
    const roundTrip = this.#sender.answer(isMore ? false : op.answers, arrived)
    op.onTaken?.(this, found, arrived.at, roundTrip)
    if (this.#replies.misses(op, found)) return false
    this.at = found.next
    if (op.named !== undefined && roundTrip !== undefined) {
      const time = op.need === 1 && !Number.isNaN(roundTrip) ? roundTrip : this.#since(op.named, arrived.at)
      recorder.named.record(op.named.figure, time)
    }
    return true
  }

  stray(message: Message): void {
    if (!this.flow.program.ignoresUnmatched) this.end(ConversationFailure.unexpected(message))
  }

  // ---- Times and rounds.

  begin({ mark }: NamedStep): void {
    this.#began ??= new Float64Array(this.flow.program.marks)
    this.#began[mark] = this.now()
  }

  beganAt({ mark }: NamedStep): number {
    return this.#began?.[mark] ?? this.now()
  }

  finishNamed(named: NamedStep): void {
    this.named.record(named.figure, this.#since(named, this.now()))
  }

  #since({ mark }: NamedStep, at: number): number {
    return Math.max(0, at - (this.#began?.[mark] ?? at))
  }

  enterPaced(end: number, depth: number): void {
    const pace = this.#pace
    if (this.#host.isOver(this)) {
      this.values.rounds[depth] = 0
      this.at = end
      return pace.end()
    }
    if (Number.isNaN(pace.due)) pace.due = this.#host.nextRound(this)
    if (Number.isNaN(pace.due)) return this.until(states.pacing, Infinity)
    if (pace.due > this.now()) return this.until(states.pacing, pace.due)
    this.values.rounds[depth]!++
    this.at++
  }

  // ---- The end.

  /** After the last step. Closes the connection, unless the server has closed it. */
  finish(code: number, reason: string): void {
    const { checks, ignoresUnmatched } = this.flow.program
    const early = this.#replies.take()
    if (early !== undefined && !ignoresUnmatched) return this.stray(early.message)
    if (this.#line._tag !== "Open") return this.end()
    if (ignoresUnmatched || !checks) return this.#close(code, reason)
    // An unexpected message that came in the same read must be found before the connection closes. Later ones are ignored.
    this.state = states.finishing
    this.#host.soon(() => {
      if (this.state === states.finishing) this.#close(code, reason)
    })
  }

  #close(code: number, reason: string): void {
    if (this.link === undefined) return this.end()
    this.#rules?.close()
    this.until(states.closing, this.now() + this.timeout)
    this.link.close(code, reason)
  }

  endByClose(): void {
    this.#endBy(this.#line._tag === "Closed" ? this.#line.close : { code: CloseCode.Abnormal, reason: "" })
  }

  /** The server closed. This is correct only if the current step waits for a close with this code. */
  #endBy(close: Close): void {
    const op = this.#op
    if (op?.closedWith === close.code) return this.end()
    this.#lose(ConversationFailure.earlyClose(op, close, this.values))
  }

  end(failure?: Failure): void {
    const { recorder } = this.#host
    this.flow.figures?.count(failure === undefined ? "completed" : "failed")
    if (failure === undefined) recorder.completed++
    else {
      recorder.failed++
      this.#recovery.failures++
      this.#sender.forget(failure.cause === "timeout", this.#op?.expects?.answers)
    }
    this.#leave()
    this.#host.settled(this, failure)
  }

  /** A value that a template can't use fails the conversation. Any other error is a defect of this program and is thrown again. */
  #failBy(error: unknown, op: Op | undefined): void {
    if (!(error instanceof RenderError)) throw error
    this.end(ConversationFailure.notRendered(op, error))
  }

  /** The conversation works: a right reply came, or the connection is open and nothing is checked. */
  #works(): void {
    this.#recovery.complete(this.now, this.#host.recorder, this.flow.program.lasts)
  }

  #hangUp(): void {
    if (this.#line._tag !== "Open") return
    this.#host.recorder.open--
    this.#rules?.close()
    this.#line.link.terminate()
    this.#line = none
  }

  /** Ends the connection, and clears the state that belongs to it. What has no reply yet gets none. */
  #drop(): void {
    const { recorder } = this.#host
    this.state.onLeave?.()
    if (this.#line._tag === "Opening") recorder.connecting--
    if (this.state._tag === "Away") recorder.away--
    this.#hangUp()
    this.#line = none
    this.#sender.forget(false)
    this.#replies.clear()
  }

  #leave(): void {
    this.#host.timers.clear(this)
    this.#drop()
    this.state = states.done
  }
}
