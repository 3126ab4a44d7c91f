import type { Message } from "../../WebSocket/Frames/Message.ts"
import type { Failure } from "../Measure/Failure.ts"
import * as ConversationFailure from "../Scenario/ConversationFailure.ts"
import { show } from "../Scenario/Expectation.ts"
import type { Arrived, Case, ExpectOp } from "../Scenario/Op.ts"
import type { Program } from "../Scenario/Program.ts"
import * as Stamp from "../Scenario/Stamp.ts"
import { RenderError } from "../Scenario/Template.ts"
import type { Host } from "./ClientHost.ts"
import type { ClientValues } from "./ClientValues.ts"
import { EarlyMessages } from "./EarlyMessages.ts"
import type { Sender } from "./Sender.ts"

/** The most replies, and the most pushes, that a client keeps for later steps. */
const KEPT_REPLIES = 1000
/** A longer message that was skipped is kept as failures show it. */
const SHORT = 1024

/** The messages of a client's connection: those that no step has taken yet, and which of them the current step takes. */
export class Replies {
  /** Messages that came while no step took any. */
  readonly early: EarlyMessages
  /** Replies that came before the flow reached the steps that wait for them. */
  readonly kept: EarlyMessages
  /** How many of the messages that the current step expects have come, and which of its cases. */
  taken = 0
  /** The last message that the current step does not match. */
  skipped: Message | undefined
  /** Pushes that came while a step waited for the reply to its own request. */
  readonly #pushes: EarlyMessages
  #came: Set<Case> | undefined
  readonly #program: Program
  readonly #sender: Sender
  readonly #values: ClientValues
  readonly #run: Host

  constructor(program: Program, sender: Sender, values: ClientValues, run: Host) {
    this.#run = run
    this.#program = program
    this.#sender = sender
    this.#values = values
    this.early = new EarlyMessages(run.earlyBudget)
    this.kept = new EarlyMessages(run.earlyBudget)
    this.#pushes = new EarlyMessages(run.earlyBudget)
  }

  get isEmpty(): boolean {
    return this.early.isEmpty && this.kept.isEmpty && this.#pushes.isEmpty
  }

  /** The oldest message that came too early for its step. */
  take(): Arrived | undefined {
    return this.kept.take() ?? this.#pushes.take() ?? this.early.take()
  }

  /** The oldest message that may be for this step. */
  next(op: ExpectOp): Arrived | undefined {
    if (this.isEmpty) return undefined
    const fits = (one: Arrived) => this.caseOf(op, one) !== undefined
    const kept = op.answers === false ? this.#pushes : this.kept
    return kept.takeFirst(fits) ?? this.early.take()
  }

  /** Keeps a message until a step expects it. Returns a failure if there are too many. */
  wait(arrived: Arrived): Failure | undefined {
    const { ignoresUnmatched, takes } = this.#program
    // A message that no step can ever match need not be kept.
    if (ignoresUnmatched && takes !== undefined && !takes.some((one) => one.matches(arrived.message, this.#values)))
      return undefined
    if (this.early.isFull) {
      if (!ignoresUnmatched) return ConversationFailure.tooManyEarly
      this.early.take()
      this.#run.recorder.named.count("discarded")
    }
    this.early.add(arrived)
    return undefined
  }

  /** The case of a step that a message matches. A step that waits for the answer to a message by its name takes no other answer. */
  caseOf(op: ExpectOp, arrived: Arrived): Case | undefined {
    const { answers, cases, need } = op
    const { message } = arrived
    if (arrived.answers !== undefined && arrived.answers !== answers) return undefined
    if (typeof answers === "string" && this.#precedes(answers, arrived)) return undefined
    const [first] = cases
    if (cases.length === 1) return first.expectation.matches(message, this.#values) ? first : undefined
    // If all cases must come, only those that have not come are considered.
    return cases.find(
      (one) => !(need === "all" && this.#came?.has(one)) && one.expectation.matches(message, this.#values)
    )
  }

  /** Whether a message is no reply to the message of this name, because it came before it or has another key. */
  #precedes(name: string, arrived: Arrived): boolean {
    if (arrived.answers !== undefined) return false
    return this.#program.pairing._tag === "Key"
      ? this.#sender.awaits(name, arrived)
      : this.#sender.precedes(name, arrived)
  }

  /** Captures the variables of a message and records its delivery time. Returns a failure if the message lacks a part for this. */
  read(op: ExpectOp, { captures, stamp }: Case, { at, message }: Arrived): Failure | undefined {
    for (const { from, name, read } of captures) {
      const value = read(message)
      if (value === undefined) return ConversationFailure.notCaptured(op, name, from, message)
      this.#values.set(name, value)
    }
    if (stamp === undefined || !Number.isNaN(recordDelivery(stamp(message), at, this.#run))) return undefined
    return ConversationFailure.notStamped(op, message)
  }

  /** A message of this case has come. Returns whether more messages must come. */
  misses({ cases, need }: ExpectOp, found: Case): boolean {
    this.skipped = undefined
    if (need === 1) return false
    this.taken++
    if (need === "all") {
      this.#came ??= new Set()
      this.#came.add(found)
    }
    if (this.taken < (need === "all" ? cases.length : need)) return true
    this.#forgetCases()
    return false
  }

  /** Keeps a message for the step that will take it. Returns whether there is one, or a failure if there are too many. */
  keep(op: ExpectOp, arrived: Arrived): boolean | Failure {
    const answers = arrived.answers ?? this.#answeredBy(arrived)
    if (answers === undefined) return this.#isPush(op, arrived) && this.#keepPush(arrived)
    if (this.kept.size === KEPT_REPLIES) return ConversationFailure.tooManyKept(KEPT_REPLIES)
    this.kept.add({ ...arrived, answers, roundTrip: this.#sender.answer(answers, arrived) })
    return true
  }

  /** The name of the message without a reply that a later step takes this message for the answer to. */
  #answeredBy(arrived: Arrived): string | undefined {
    const { answering, pairing } = this.#program
    if (pairing._tag === "Key") return undefined
    return answering.find(
      ({ answers, cases }) =>
        this.#sender.awaits(answers, arrived) &&
        cases.some(({ expectation }) => expectation.matches(arrived.message, this.#values))
    )?.answers
  }

  /** Whether a message that is not the reply to the request of this step, a step of a protocol, is for a step that takes pushes. */
  #isPush(op: ExpectOp, { answersStep, message }: Arrived): boolean {
    const { pairing, pushes, requesting } = this.#program
    if (pairing._tag !== "Key" || op.answers === false || answersStep === op.number || !requesting.has(op.number))
      return false
    return pushes.some(({ cases }) => cases.some(({ expectation }) => this.#mayMatch(expectation, message)))
  }

  /** A step whose variables have no value yet may take any message. */
  #mayMatch({ matches }: Case["expectation"], message: Message): boolean {
    try {
      return matches(message, this.#values)
    } catch (error) {
      if (error instanceof RenderError) return true
      throw error
    }
  }

  #keepPush(arrived: Arrived): boolean | Failure {
    if (this.#pushes.size === KEPT_REPLIES || this.#pushes.isFull) {
      if (!this.#program.ignoresUnmatched) return ConversationFailure.tooManyEarly
      this.#pushes.take()
      this.#run.recorder.named.count("discarded")
    }
    this.#pushes.add(arrived)
    return true
  }

  /** The current step does not match a message, and goes on waiting. */
  skip(message: Message): void {
    this.skipped = message.length > SHORT ? show(message) : message
  }

  #forgetCases(): void {
    this.taken = 0
    this.#came = undefined
  }

  clear(): void {
    this.early.clear()
    this.kept.clear()
    this.#pushes.clear()
    this.skipped = undefined
    this.#forgetCases()
  }
}

/** Records the time from a stamp to the arrival of its message, and returns it; `NaN` if it is no stamp. */
export const recordDelivery = (stamp: string | undefined, at: number, { now, recorder }: Host): number => {
  const time = Math.max(0, Stamp.delivery(stamp ?? "", now() - at))
  if (!Number.isNaN(time)) recorder.named.record("delivery", time)
  return time
}
