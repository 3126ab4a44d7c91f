import * as Count from "../../Text/Count.ts"
import type { Message } from "../../WebSocket/Frames/Message.ts"
import { timedOut } from "../Measure/Failure.ts"
import * as ConversationFailure from "../Scenario/ConversationFailure.ts"
import type { Arrived, ExpectOp, Op, RunnerMessages, SendOp, Sent, State } from "../Scenario/Op.ts"
import type { ScriptConnection } from "../Scenario/Player.ts"
import type { Host } from "./ClientHost.ts"
import { type Stateful, states } from "./ClientStates.ts"
import type { DialledConnection } from "./Dialer.ts"
import { Replies } from "./Replies.ts"
import { RuleRunner } from "./RuleRunner.ts"
import { BUFFER_LIMIT, Sender } from "./Sender.ts"

/** Milliseconds after which a client that has stopped sending checks again. */
const RETRY = 10

/** The server reads too slowly: `queued` bytes have waited since `since`. It must read something within `timeout`. */
const blocked = (since: number, queued: number, timeout: number): State => ({
  _tag: "Blocked",
  onDeadline: (client) => {
    const now = client.now()
    const left = client.connection.link?.queued ?? 0
    if (left <= BUFFER_LIMIT) return client.step()
    if (left < queued) return client.until(blocked(now, left, timeout), now + RETRY)
    if (now - since < timeout) return client.extend(now + RETRY)
    client.end(timedOut("the server read nothing", timeout, `${Count.format(left)} bytes are waiting`))
  }
})

/** What a client sends, what it expects, and what comes. */
export class Messages implements RunnerMessages {
  /** `undefined` if the scenario has no rules. */
  readonly rules: RuleRunner | undefined
  readonly sender: Sender
  readonly replies: Replies
  readonly #client: Stateful
  readonly #host: Host
  /** When the message came that is being handled; `NaN` if none is. */
  #at = Number.NaN

  constructor(client: Stateful, host: Host) {
    const { flow, times, values } = client
    this.#client = client
    this.#host = host
    this.sender = new Sender(values, flow, times, host)
    this.replies = new Replies(flow.program, this.sender, values, host)
    const { rules } = flow.program
    this.rules = rules === undefined ? undefined : new RuleRunner(rules, host, client, this.sender)
  }

  get taken(): number {
    return this.replies.taken
  }

  get skipped(): Message | undefined {
    return this.replies.skipped
  }

  send(op: SendOp): void {
    const client = this.#client
    const { link } = client.connection
    if (link === undefined) return client.connection.endByClose()
    const { queued } = link
    if (queued > BUFFER_LIMIT) {
      const now = client.now()
      return client.until(blocked(now, queued, op.timeout), now + RETRY)
    }
    const message = this.sender.render(op)
    client.at++
    this.sender.send(op, message, link)
  }

  sendScripted(op: Sent, message: Message): void {
    const { link } = this.#client.connection
    if (link !== undefined) this.sender.sendScripted(op, message, link)
  }

  /** A connection of a script, whose messages are counted. */
  ownLink(link: DialledConnection): ScriptConnection {
    return {
      get queued() {
        return link.queued
      },
      send: (message) => this.sender.sendBeside(message, link),
      ping: (payload) => link.ping(payload),
      close: (code, reason) => link.close(code, reason),
      terminate: () => link.terminate()
    }
  }

  /** A message came, or several of them, if each line is one. */
  receive(message: Message): void {
    const { lines } = this.#client.flow.program
    if (!lines || typeof message !== "string" || !message.includes("\n")) return this.#receiveOne(message)
    for (const line of message.split("\n")) if (line !== "") this.#receiveOne(line)
  }

  #receiveOne(message: Message): void {
    const client = this.#client
    const { program } = client.flow
    if (client.state === states.done) return
    this.count(message)
    if (!program.checks && this.rules === undefined) return
    try {
      const arrived = this.sender.arrive(message, this.#host.now())
      this.#at = arrived.at
      if (this.rules?.take(arrived) === true || !program.checks) return
      const { state } = client
      // The rule may have ended the conversation.
      if (state === states.done) return
      if (state.onMessage === undefined) this.keepEarly(arrived)
      else state.onMessage(client, arrived)
    } catch (error) {
      client.failBy(error, client.op)
    } finally {
      this.#at = Number.NaN
    }
  }

  /** Counts a message that came, over this connection or one of a script. */
  count(message: Message): void {
    const { recorder } = this.#host
    recorder.received++
    recorder.compression?.received(message)
    this.#client.flow.figures?.count("received")
  }

  took(arrived: Arrived): void {
    this.#client.connection.works()
    this.sender.answer(undefined, arrived)
  }

  takeEarly(): Arrived | undefined {
    return this.replies.early.take()
  }

  keepEarly(arrived: Arrived): void {
    const problem = this.replies.wait(arrived)
    if (problem !== undefined) this.#client.end(problem)
  }

  /** Takes a message that has come already, or waits for one. */
  expect(op: ExpectOp): void {
    const next = this.replies.next(op)
    if (next === undefined) this.#await(op, op.timeout)
    else this.accept(op, next)
  }

  expectClose(op: Op & State, timeout: number): void {
    const next = this.replies.early.take()
    if (next === undefined) this.#await(op, timeout)
    else this.stray(next.message)
  }

  #await(state: State, timeout: number): void {
    const { connection, now } = this.#client
    if (connection.closedBy !== undefined) connection.endBy(connection.closedBy)
    // A timeout needs no further reading of the clock.
    else this.#client.until(state, (Number.isNaN(this.#at) ? now() : this.#at) + timeout)
  }

  /** Checks a message and records its round trip. */
  accept(op: ExpectOp, arrived: Arrived): boolean {
    const client = this.#client
    const found = this.replies.caseOf(op, arrived)
    if (found === undefined) {
      const kept = this.replies.keep(op, arrived)
      if (typeof kept === "object") client.end(kept)
      else if (kept) return false
      else if (op.skips) this.replies.skip(arrived.message)
      else client.end(ConversationFailure.wrongReply(op, arrived.message, client.values))
      return false
    }
    const problem = found.reads ? this.replies.read(op, found, arrived) : undefined
    if (problem !== undefined) {
      client.end(problem)
      return false
    }
    client.connection.works()
    // Only the first message of an answer of many ends a round trip.
    const isMore = op.onTaken !== undefined && client.stream !== undefined
    const roundTrip = this.sender.answer(isMore ? false : op.answers, arrived)
    op.onTaken?.(client, found, arrived.at, roundTrip)
    if (this.replies.misses(op, found)) return false
    client.at = found.next
    if (op.named !== undefined && roundTrip !== undefined) {
      const isOwn = op.need === 1 && !Number.isNaN(roundTrip)
      const time = isOwn ? roundTrip : client.times.since(op.named, arrived.at)
      this.#host.recorder.named.record(op.named.figure, time)
    }
    return true
  }

  stray(message: Message): void {
    if (!this.#client.flow.program.ignoresUnmatched) this.#client.end(ConversationFailure.unexpected(message))
  }

  /** The connection is over: no reply comes any more. */
  drop(): void {
    this.sender.forget(false)
    this.replies.clear()
  }
}
