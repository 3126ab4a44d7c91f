import type { Close } from "../../WebSocket/Frames/CloseCode.ts"
import { CloseCode } from "../../WebSocket/Frames/CloseCode.ts"
import type { Message } from "../../WebSocket/Frames/Message.ts"
import type { Failure } from "../Measure/Failure.ts"
import type { HttpAnswer } from "../Scenario/HttpRequest.ts"
import type { Case, Op } from "../Scenario/Op.ts"
import type { Arrived } from "./Backlog.ts"
import type { SessionHost } from "./ClientHost.ts"
import * as ClientState from "./ClientState.ts"
import * as ConversationFailure from "./ConversationFailure.ts"
import * as HttpStep from "./HttpStep.ts"
import * as Instant from "./Instant.ts"
import * as ReplyContent from "./ReplyContent.ts"
import type { ScriptedConversation } from "./ScriptedConversation.ts"
import * as ScriptStep from "./ScriptStep.ts"
import { Session } from "./Session.ts"
import * as SlowServer from "./SlowServer.ts"
import { StepTimes } from "./StepTimes.ts"

/** The most operations that a client runs before other clients get their turn. */
const BUDGET = 1000

/** The most replies that a client keeps for later steps. */
const KEPT_REPLIES = 1000

/** Runs the program of a conversation: executes operations until one has to wait for time or for the server. */
export abstract class Interpreter<Host extends SessionHost> extends Session<Host> {
  /** The number of pings that were sent, and when the last one was sent. */
  protected pings = 0
  protected pingedAt = 0
  readonly #times = new StepTimes(this.flow.program.marks)

  /** Continues after the operation that waited. */
  protected next(): void {
    this.at++
    this.step()
  }

  protected step(): void {
    this.state = ClientState.running
    try {
      this.#run()
    } catch (error) {
      this.failBy(error, this.op)
    }
  }

  /** Runs operations until one has to wait for time or for the server. */
  #run(): void {
    const { now, random, recorder } = this.host
    const { program } = this.flow
    for (let budget = BUDGET; this.state === ClientState.running; budget--) {
      const op = program.ops[this.at]
      if (op === undefined) return this.finish(CloseCode.Normal, "")
      if (budget === 0) return this.until(ClientState.pausing, now())
      switch (op._tag) {
        case "Connect":
          this.connect()
          this.at++
          return
        case "Http":
          return this.#request(op)
        case "Wait":
          this.at++
          return this.until(ClientState.pausing, now() + op.min + (op.max - op.min) * random())
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
          if (this.line._tag !== "Open") return this.leaveFor(op)
          this.until(op, now() + op.timeout)
          return this.line.link.close(op.code, "")
        case "Close":
          return this.finish(op.code, op.reason)
        default:
          this.at = Instant.run(op, this.at, this.values, this.#times, now, recorder.named)
      }
    }
  }

  #send(op: Op & { _tag: "Send" }): void {
    const line = this.line
    if (line._tag !== "Open") return this.endBy(line._tag === "Closed" ? line.close : undefined)
    const { queued } = line.link
    if (SlowServer.isBehind(queued)) {
      const since = this.host.now()
      return this.until({ _tag: "Blocked", since, queued, timeout: op.timeout }, since + SlowServer.RETRY)
    }
    const message = this.sender.render(op)
    this.at++
    this.sender.send(op, message, line.link)
  }

  /** Continues if a server that was behind has read enough. */
  protected unblock(blocked: ClientState.Blocked): void {
    const now = this.host.now()
    const next = SlowServer.poll(blocked, this.line._tag === "Open" ? this.line.link.queued : 0, now)
    if (next === undefined) return this.step()
    if ("cause" in next) return this.end(next)
    this.until(next, now + SlowServer.RETRY)
  }

  /** Takes a message that has come already, or waits for one. */
  #expect(op: Op & { _tag: "Expect" | "ExpectClose" }): void {
    const kept = op._tag === "Expect" ? this.kept.takeFirst((one) => this.#caseOf(op, one) !== undefined) : undefined
    const next = kept ?? this.early.take()
    if (next === undefined) {
      if (this.line._tag === "Closed") return this.endBy(this.line.close)
      return this.until(op, this.host.now() + op.timeout)
    }
    if (op._tag === "Expect") this.accept(op, next)
    else this.stray(next.message)
  }

  /** Checks a message and records its round trip. Returns whether the conversation moved on. */
  protected accept(op: Op & { _tag: "Expect" }, arrived: Arrived): boolean {
    const { now, recorder } = this.host
    const { at, message } = arrived
    const found = this.#caseOf(op, arrived)
    if (found === undefined) {
      if (!this.#keep(arrived) && !op.skips) this.end(ConversationFailure.wrongReply(op, message, this.values))
      return false
    }
    const problem = found.reads ? ReplyContent.take(op, found, message, at, this.values, this.host) : undefined
    if (problem !== undefined) {
      this.end(problem)
      return false
    }
    this.recovery.complete(now, recorder, this.flow.program.lasts)
    const roundTrip = this.sender.answer(op.answers, arrived)
    if (this.matcher.misses(op, found)) return false
    this.at = found.next
    if (op.named !== undefined && roundTrip !== undefined)
      this.#times.end(op.named, at, recorder.named, op.need === 1 ? roundTrip : Number.NaN)
    return true
  }

  /** The case of a step that a message matches. A step that waits for the answer to a message by its name takes no other answer. */
  #caseOf(op: Op & { _tag: "Expect" }, arrived: Arrived): Case | undefined {
    const { answers } = op
    if (arrived.answers !== undefined && arrived.answers !== answers) return undefined
    if (typeof answers === "string" && this.#precedes(answers, arrived)) return undefined
    return this.matcher.caseOf(op, arrived.message, this.values)
  }

  /** Whether a message is no reply to the message of this name, because it came before it or has another key. */
  #precedes(name: string, arrived: Arrived): boolean {
    if (arrived.answers !== undefined) return false
    return this.flow.program.pairing._tag === "Key"
      ? this.sender.awaits(name, arrived)
      : this.sender.precedes(name, arrived)
  }

  /** Keeps a reply for the step that will wait for it. Returns whether it is one. */
  #keep(arrived: Arrived): boolean {
    const answers = arrived.answers ?? this.#answeredBy(arrived)
    if (answers === undefined) return false
    if (this.kept.size === KEPT_REPLIES) {
      this.end(ConversationFailure.tooManyKept(KEPT_REPLIES))
      return true
    }
    this.kept.add({ ...arrived, answers, roundTrip: this.sender.answer(answers, arrived) })
    return true
  }

  /** The name of the message without a reply that a later step takes this message for the answer to. */
  #answeredBy(arrived: Arrived): string | undefined {
    const { answering, pairing } = this.flow.program
    if (pairing._tag === "Key") return undefined
    return answering.find(
      ({ answers, cases }) =>
        this.sender.awaits(answers, arrived) &&
        cases.some(({ expectation }) => expectation.matches(arrived.message, this.values))
    )?.answers
  }

  /** Begins a round, waits until it is due, or continues after the last one. */
  #enterRound(op: Op & { _tag: "Round" }): void {
    const round = this.values.rounds[op.depth]!
    if (round >= op.times || (op.times === Infinity && this.host.isOver(this))) {
      this.values.rounds[op.depth] = 0
      this.at = op.end
      if (op.times === Infinity) this.pace.end()
      return
    }
    if (op.times === Infinity) {
      const pace = this.pace
      if (Number.isNaN(pace.due)) pace.due = this.host.nextRound(this)
      if (Number.isNaN(pace.due)) return this.until(ClientState.pacing, Infinity)
      if (pace.due > this.host.now()) return this.until(ClientState.pacing, pace.due)
    }
    this.values.rounds[op.depth] = round + 1
    this.at++
  }

  #ping(op: Op & { _tag: "Ping" }): void {
    if (this.line._tag !== "Open") return this.endBy(this.line._tag === "Closed" ? this.line.close : undefined)
    this.pingedAt = this.host.now()
    this.until(op, this.pingedAt + op.timeout)
    this.line.link.ping(String(++this.pings))
  }

  #request(op: Op & { _tag: "Http" }): void {
    const { now } = this.host
    const requesting = HttpStep.send(op, this.values, this.flow.request, {
      onAnswer: (answer) => this.#onAnswer(op, answer),
      onFailure: (failure) => this.#onNoAnswer(op, failure)
    })
    this.until(requesting, now() + op.timeout)
  }

  #onAnswer(op: Op & { _tag: "Http" }, answer: HttpAnswer): void {
    const state = this.state
    if (state._tag !== "Requesting" || state.op !== op) return
    const problem = HttpStep.take(state, answer, this.values, this.host.recorder.named)
    if (problem !== undefined) return this.end(problem)
    this.next()
  }

  #onNoAnswer(op: Op & { _tag: "Http" }, failure: Failure): void {
    if (this.state._tag === "Requesting" && this.state.op === op) this.end(failure)
  }

  /** Lets a script run the conversation until its promise is settled. */
  #script(op: Op & { _tag: "Script" }): void {
    const { scripts, timers } = this.host
    const talk = ScriptStep.conversationOf(this.values, this.early, {
      send: (message) => this.#sendFor(op, talk, message),
      took: (arrived) => this.#tookFor(op, arrived),
      waitsFor: (milliseconds) => {
        if (this.#isRunBy(talk)) timers.set(this, this.host.now() + milliseconds + op.timeout)
      },
      waits: () => this.#waitFor(op)
    })
    timers.set(this, this.host.now() + op.timeout)
    this.state = { _tag: "Scripted", talk }
    ScriptStep.run(op, scripts, talk, {
      onDone: () => {
        if (this.#isRunBy(talk)) this.next()
      },
      onThrown: (failure) => {
        if (this.#isRunBy(talk)) this.end(failure)
      }
    })
  }

  #isRunBy(talk: ScriptedConversation): boolean {
    return this.state._tag === "Scripted" && this.state.talk === talk
  }

  #sendFor(op: Op & { _tag: "Script" }, talk: ScriptedConversation, message: Message): void {
    if (this.line._tag !== "Open" || !this.#isRunBy(talk)) throw new Error("the conversation is over")
    this.sender.sendScripted(op, message, this.line.link)
    if (!talk.isWaiting) this.host.timers.set(this, this.host.now() + op.timeout)
  }

  #tookFor(op: Op & { _tag: "Script" }, arrived: Arrived): void {
    const { now, recorder, timers } = this.host
    timers.set(this, now() + op.timeout)
    this.recovery.complete(now, recorder, this.flow.program.lasts)
    this.sender.answer(undefined, arrived)
  }

  #waitFor(op: Op & { _tag: "Script" }): void {
    if (this.line._tag === "Closed") this.endBy(this.line.close)
    else this.host.timers.set(this, this.host.now() + op.timeout)
  }

  /** The server closed while a script runs. The script may have received all that it waits for, so it gets one more turn to end. */
  protected closeFor(talk: ScriptedConversation, close: Close): void {
    this.hangUp()
    this.line = { _tag: "Closed", close }
    this.host.soon(() => {
      if (this.#isRunBy(talk) && talk.isWaiting) this.endBy(close)
    })
  }
}
