import type { Close } from "../../WebSocket/Frames/CloseCode.ts"
import type { Message } from "../../WebSocket/Frames/Message.ts"
import { type Failure, timedOut } from "../Measure/Failure.ts"
import type { Recorder } from "../Measure/Recorder.ts"
import { show } from "../Scenario/Expectation.ts"
import type { Op, Program } from "../Scenario/Program.ts"
import type { Variables } from "../Scenario/Template.ts"
import { Backlog } from "./Backlog.ts"
import type { DeadlineHeap, Timed } from "./DeadlineHeap.ts"
import type { Link, LinkHandler, Opening } from "./Dialer.ts"

/** What a client needs of the run that it is a part of. Times are milliseconds of the run's clock. */
export interface Host {
  readonly program: Program
  readonly timers: DeadlineHeap<Client>
  readonly recorder: Recorder
  readonly now: () => number
  /** Evenly from 0 up to 1. */
  readonly random: () => number
  readonly dial: (client: Client) => () => void
  /** When this client's next round is due: `NaN` while that is not known yet, at once where there is no plan. */
  readonly nextRound: (client: Client) => number
  /** Whether open-ended repeats end now. */
  readonly isOver: () => boolean
  readonly opened: (client: Client) => void
  readonly settled: (client: Client, failure: Failure | undefined) => void
}

/** Operations run in one go before the other clients get their turn. */
const BUDGET = 1000
/** Bytes that wait for a slow server before a client stops sending, and milliseconds until it looks again. */
const BUFFER_LIMIT = 1 << 20
const BUFFER_RETRY = 10
const NO_ROUNDS: Array<number> = []

/**
 * One conversation: a place in the program, moved on by the callbacks of its connection and by its one deadline. No
 * fiber, Promise or timer of its own, since a run holds tens of thousands.
 */
export class Client implements Timed, LinkHandler, Variables {
  deadline = Infinity
  heapIndex = -1
  message = 0
  readonly client: number
  #state: "waiting" | "connecting" | "open" | "closing" | "done" = "waiting"
  #link: Link | undefined
  #giveUp: (() => void) | undefined
  #at = 0
  /** Whether the deadline is the end of a pause, not a timeout. */
  #sleeping = false
  /** When the round about to begin was due, and how late its first message was; 0 without a plan. */
  #due = Number.NaN
  #lag = 0
  /** When each message without a reply was sent, oldest first. */
  readonly #unanswered: Array<number> = []
  readonly #early = new Backlog()
  readonly #rounds: Array<number>
  readonly #host: Host

  constructor(client: number, host: Host) {
    this.client = client
    this.#host = host
    this.#rounds = host.program.depth === 0 ? NO_ROUNDS : new Array<number>(host.program.depth).fill(0)
  }

  get round(): number {
    return this.#rounds.findLast((round) => round > 0) ?? 1
  }

  get isWaiting(): boolean {
    return this.#state === "waiting"
  }

  /** The deadline passed: the start of the conversation, the end of a pause, or a timeout. */
  onDeadline(): void {
    if (this.#state === "waiting") return this.#start()
    if (this.#sleeping) return this.#step()
    const op = this.#host.program.ops[this.#at]
    if (this.#state === "open" && op?._tag === "Expect") {
      return this.#end(timedOut(`no reply at step ${op.step}`, op.timeout, `expected ${op.expectation.describe(this)}`))
    }
    this.#end(
      timedOut("no close from the server", op?._tag === "ExpectClose" ? op.timeout : this.#host.program.timeout)
    )
  }

  /** Looks again whether a round is due: the plan became known, or the run is over. */
  wake(): void {
    if (this.#sleeping && this.#host.program.ops[this.#at]?._tag === "Round") {
      this.#due = Number.NaN
      this.#host.timers.set(this, this.#host.now())
    }
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
    this.#state = "open"
    this.#host.recorder.opened(opening.connect, opening.handshake)
    this.#host.opened(this)
    this.#step()
  }

  onFailure(failure: Failure): void {
    if (this.#state === "connecting") this.#end(failure)
  }

  onMessage(message: Message): void {
    const { now, program, recorder } = this.#host
    if (this.#state === "done") return
    recorder.received++
    if (!program.checks) return
    const op = program.ops[this.#at]
    if (this.#state === "closing" || op === undefined) {
      this.#stray(message)
    } else if (op._tag === "Expect" && !this.#sleeping && this.#early.isEmpty) {
      if (this.#accept(op, message, now())) this.#step()
    } else {
      this.#early.add(message, now())
    }
  }

  onClose(close: Close): void {
    if (this.#state === "done") return
    const op = this.#host.program.ops[this.#at]
    // Some servers that have said everything drop the connection without a close frame (websocketd does).
    if (this.#state === "closing") return this.#end()
    if (op?._tag === "ExpectClose" && !this.#sleeping && op.code === close.code) return this.#end()
    const kind =
      close.code === 1006
        ? "the connection was lost, without a close frame (1006)"
        : `the server closed with ${close.code}`
    const reason = close.reason === "" ? "" : `, ${show(close.reason)}`
    this.#end({ cause: "early close", kind, detail: `${kind}${reason}${this.#expecting(op)}` })
  }

  #start(): void {
    const { recorder } = this.#host
    this.#state = "connecting"
    recorder.started++
    recorder.connecting++
    this.#giveUp = this.#host.dial(this)
  }

  /** Runs operations until one has to wait for time or for the server. */
  #step(): void {
    const { now, program, timers } = this.#host
    this.#sleeping = false
    for (let budget = BUDGET; this.#state === "open"; budget--) {
      const op = program.ops[this.#at]
      if (budget === 0) return this.#sleepUntil(now())
      if (op === undefined) return this.#close(1000, "")
      switch (op._tag) {
        case "Wait":
          this.#at++
          return this.#sleepUntil(now() + op.min + (op.max - op.min) * this.#host.random())
        case "Send":
          if (this.#link!.queued > BUFFER_LIMIT) return this.#sleepUntil(now() + BUFFER_RETRY)
          this.#send(op, this.#link!)
          break
        case "Expect": {
          const next = this.#early.take()
          if (next === undefined) return timers.set(this, now() + op.timeout)
          this.#accept(op, next.message, next.at)
          break
        }
        case "ExpectClose": {
          const next = this.#early.take()
          if (next === undefined) return timers.set(this, now() + op.timeout)
          this.#stray(next.message)
          break
        }
        case "Loop":
          this.#rounds[op.depth] = 0
          this.#at++
          break
        case "Round": {
          const until = this.#enterRound(op)
          if (until !== undefined) return this.#sleepUntil(until)
          break
        }
        case "Jump":
          this.#at = op.to
          break
        case "Close":
          return this.#close(op.code, op.reason)
      }
    }
  }

  #send(op: Op & { _tag: "Send" }, link: Link): void {
    const { now, program, recorder } = this.#host
    this.#at++
    this.message++
    recorder.sent++
    if (program.checks) {
      const time = now()
      if (!Number.isNaN(this.#due)) {
        this.#lag = time - this.#due
        this.#due = Number.NaN
      }
      if (op.timed) this.#unanswered.push(time)
    }
    link.send(op.render(this))
  }

  /** Checks a message and times its round trip; whether the conversation moved on. */
  #accept(op: Op & { _tag: "Expect" }, message: Message, at: number): boolean {
    const { program, recorder } = this.#host
    if (!op.expectation.matches(message, this)) {
      if (program.ignoresUnmatched) return false
      const detail = `expected ${op.expectation.describe(this)}, got ${show(message)}`
      this.#end({ cause: "wrong reply", kind: `at step ${op.step}`, detail })
      return false
    }
    this.#at++
    const sent = this.#unanswered.shift()
    if (sent !== undefined) recorder.answered(at - sent, this.#lag)
    return true
  }

  /** The time to sleep until before the next round, or nothing where the client can go on. */
  #enterRound(op: Op & { _tag: "Round" }): number | undefined {
    const round = this.#rounds[op.depth]!
    if (round >= op.times || (op.times === Infinity && this.#host.isOver())) {
      this.#rounds[op.depth] = 0
      this.#at = op.end
      return undefined
    }
    if (op.times === Infinity) {
      if (Number.isNaN(this.#due)) this.#due = this.#host.nextRound(this)
      if (Number.isNaN(this.#due)) return Infinity
      if (this.#due > this.#host.now()) return this.#due
    }
    this.#rounds[op.depth] = round + 1
    this.#at++
    return undefined
  }

  #sleepUntil(time: number): void {
    this.#sleeping = true
    this.#host.timers.set(this, time)
  }

  #close(code: number, reason: string): void {
    const { now, program, timers } = this.#host
    const early = this.#early.take()
    if (early !== undefined && !program.ignoresUnmatched) return this.#stray(early.message)
    this.#state = "closing"
    timers.set(this, now() + program.timeout)
    this.#link?.close(code, reason)
  }

  /** A message that no step expects. */
  #stray(message: Message): void {
    if (this.#host.program.ignoresUnmatched) return
    this.#end({
      cause: "unexpected message",
      kind: "after the last step",
      detail: `expected the end, got ${show(message)}`
    })
  }

  #expecting(op: Op | undefined): string {
    if (op?._tag === "Expect") return `, expected ${op.expectation.describe(this)}`
    if (op?._tag === "ExpectClose") return `, expected it to close with ${op.code}`
    return ""
  }

  #end(failure?: Failure): void {
    const { recorder, settled } = this.#host
    this.#leave()
    if (failure === undefined) recorder.completed++
    else recorder.failed++
    settled(this, failure)
  }

  #leave(): void {
    const { recorder, timers } = this.#host
    timers.clear(this)
    if (this.#state === "connecting") {
      recorder.connecting--
      this.#giveUp?.()
    } else {
      recorder.open--
      this.#link?.terminate()
    }
    this.#state = "done"
    this.#link = undefined
    this.#giveUp = undefined
    this.#early.clear()
  }
}
