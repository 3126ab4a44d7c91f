import { CloseCode } from "../../WebSocket/Frames/CloseCode.ts"
import type { Failure } from "../Measure/Failure.ts"
import type { Recorder } from "../Measure/Recorder.ts"
import * as ConversationFailure from "../Scenario/ConversationFailure.ts"
import type { Op, Runner } from "../Scenario/Op.ts"
import type { Player, Playing, Slot } from "../Scenario/Player.ts"
import type { Script } from "../Scenario/Steps/Script.ts"
import { pausing } from "../Scenario/Steps/Wait.ts"
import { RenderError } from "../Scenario/Template.ts"
import { Connection } from "./ClientConnection.ts"
import type { Host } from "./ClientHost.ts"
import { Messages } from "./ClientMessages.ts"
import { type ClientState, type Stateful, states } from "./ClientStates.ts"
import { Times } from "./ClientTimes.ts"
import { ClientValues } from "./ClientValues.ts"
import type { Flow } from "./Flow.ts"
import type { Appointment } from "./Timers.ts"
import { requester } from "./Trace.ts"

/** The most operations that a client runs before other clients get their turn. */
const BUDGET = 1000

/** The run to which the clients belong. */
export interface Population extends Host {
  readonly settled: (client: Client, failure: Failure | undefined) => void
}

/**
 * A conversation of a client (virtual user). The callbacks of its connection and its one deadline move it through its program.
 * It has no fiber, Promise or timer of its own, because a run has tens of thousands of clients. `ClientStates.ts` has the table of
 * its states.
 */
export class Client implements Stateful, Appointment {
  deadline = Infinity
  heapIndex = -1
  /** The index of the current operation of the program. */
  at = 0
  state: ClientState = states.waiting
  stream: Runner["stream"]
  readonly named: Recorder["named"]
  readonly now: () => number
  readonly random: () => number
  readonly nextIteration: Playing["nextIteration"]
  readonly values: ClientValues
  readonly flow: Flow
  readonly times: Times
  readonly connection: Connection
  readonly messages: Messages
  /** Whether the same client has had another conversation before. */
  readonly isAgain: boolean
  /** Whether to set its variables anew. A client that comes back after a failure keeps them. */
  readonly #isNew: boolean
  /** Taken when a script needs it, so that clients without scripts need none. */
  #slot: Slot | undefined
  readonly #host: Population

  /** `before` is the last conversation of the same client. It is over. */
  constructor(client: number, host: Population, before?: Client) {
    this.#host = host
    this.named = host.recorder.named
    this.now = host.now
    this.random = host.random
    this.nextIteration = host.nextIteration
    this.flow = host.flowOf(client)
    const { depth, marks } = this.flow.program
    this.values = new ClientValues(client, depth, host.random, host.environment)
    this.values.tlsSession = before?.values.tlsSession
    this.times = new Times(marks, host)
    this.connection = new Connection(this, host, before?.connection)
    this.messages = new Messages(this, host)
    this.#slot = before === undefined ? undefined : before.#slot
    this.isAgain = before !== undefined
    this.#isNew = before === undefined || before.failures === 0
    if (before !== undefined && !this.#isNew) this.values.keep(before.values)
  }

  get client(): number {
    return this.values.client
  }

  get isWaiting(): boolean {
    return this.state === states.waiting
  }

  /** The number of conversations of this client that failed since its last correct reply. */
  get failures(): number {
    return this.connection.recovery.failures
  }

  get request(): Runner["request"] {
    const { trace } = this.#host
    return trace === undefined ? this.flow.request : requester(trace, this.flow.request, this)
  }

  get timeout(): number {
    return this.flow.program.timeout
  }

  get op(): Op | undefined {
    return this.flow.program.ops[this.at]
  }

  get slot(): Slot {
    this.#slot ??= this.#host.takeSlot(this)
    return this.#slot
  }

  /** The slot, if a script has needed one. */
  get usedSlot(): Slot | undefined {
    return this.#slot
  }

  get dial(): Playing["dial"] {
    return this.connection.dialOwn
  }

  scriptOf(file: string): Script | undefined {
    return this.#host.scripts.get(file)
  }

  playerOf(file: string): Player | undefined {
    return this.#host.players.get(file)
  }

  isOver(): boolean {
    return this.#host.isOver(this)
  }

  /** Starts to connect at `time`. */
  startAt(time: number): void {
    this.#host.timers.set(this, time)
  }

  start(): void {
    this.#host.recorder.started++
    this.flow.figures?.count("started")
    try {
      if (this.#isNew) {
        this.#host.giveRows(this)
        this.values.assign(this.flow.program.variables)
      }
    } catch (error) {
      return this.failBy(error, undefined)
    }
    this.connection.begin()
    this.step()
    // Nobody knows whether and when a script opens a connection.
    if (this.flow.program.opensOwn) this.#host.opened(this)
  }

  comeBack(failure: Failure | undefined): void {
    this.connection.comeBack(failure)
  }

  onDeadline(): void {
    this.state.onDeadline(this)
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
      this.failBy(error, this.op)
    }
  }

  enterPaced(end: number, depth: number): void {
    const { times } = this
    if (this.#host.isOver(this)) {
      this.values.rounds[depth] = 0
      this.at = end
      return times.endRounds()
    }
    if (Number.isNaN(times.due)) times.due = this.#host.nextRound(this)
    if (Number.isNaN(times.due)) return this.until(states.pacing, Infinity)
    if (times.due > this.now()) return this.until(states.pacing, times.due)
    this.values.rounds[depth]!++
    this.at++
  }

  /** Checks again whether a round is due, after the plan has changed or the run has ended. */
  wake(): void {
    this.state.onWake?.(this)
  }

  planAgain(): void {
    this.times.due = Number.NaN
    this.#host.timers.set(this, this.now())
  }

  endIfOver(failure: Failure): void {
    if (this.#host.isOver(this)) this.end(failure)
  }

  /** After the last step. Closes the connection, unless the server has closed it. */
  finish(code: number, reason: string): void {
    const { checks, ignoresUnmatched } = this.flow.program
    const early = this.messages.replies.take()
    if (early !== undefined && !ignoresUnmatched) return this.messages.stray(early.message)
    if (this.connection.link === undefined || this.flow.program.opensOwn) return this.end()
    if (ignoresUnmatched || !checks) return this.#close(code, reason)
    // An unexpected message that came in the same read must be found before the connection closes. Later ones are ignored.
    this.state = states.finishing
    this.#host.soon(() => {
      if (this.state === states.finishing) this.#close(code, reason)
    })
  }

  #close(code: number, reason: string): void {
    if (this.connection.link === undefined) return this.end()
    this.until(states.closing, this.now() + this.timeout)
    this.connection.close(code, reason)
  }

  end(failure?: Failure): void {
    const { recorder } = this.#host
    this.flow.figures?.count(failure === undefined ? "completed" : "failed")
    if (failure === undefined) recorder.completed++
    else {
      recorder.failed++
      this.#host.trace?.unsafeNote({ kind: "ended", what: `${failure.cause}: ${failure.detail}`, client: this })
      this.connection.recovery.failures++
      this.messages.sender.forget(failure.cause === "timeout", this.op?.expects?.answers)
    }
    this.#leave()
    this.#host.settled(this, failure)
  }

  /** A value that a template can't use fails the conversation. Any other error is a defect of this program and is thrown again. */
  failBy(error: unknown, op: Op | undefined): void {
    if (!(error instanceof RenderError)) throw error
    this.end(ConversationFailure.notRendered(op, error))
  }

  /** Ends the conversation at once, because the run ends. */
  cut(): void {
    if (this.state === states.done || this.isWaiting) return
    this.#host.recorder.cut++
    // Nobody knows whether replies would have come.
    this.messages.sender.clear()
    this.#leave()
  }

  interrupt(): void {
    if (this.state === states.done) return
    this.cut()
    this.#host.settled(this, undefined)
  }

  #leave(): void {
    this.#host.timers.clear(this)
    this.connection.drop()
    this.state = states.done
  }
}
