import type { Message } from "../../WebSocket/Frames/Message.ts"
import type { Arrived, SendOp, Sent } from "../Scenario/Op.ts"
import type { Host } from "./ClientHost.ts"
import type { Times } from "./ClientTimes.ts"
import type { ClientValues } from "./ClientValues.ts"
import type { DialledConnection } from "./Dialer.ts"
import type { Flow } from "./Flow.ts"

/** A client, and each of its rules, sends nothing while more bytes than this wait for a slow server. */
export const BUFFER_LIMIT = 1 << 20

/** A message without a reply. Times are milliseconds of the run's clock. */
interface Entry {
  readonly op: Sent
  readonly at: number
  /** How late the message was by a planned rate. */
  readonly late: number
  /** The number of the message among all of its connection, from 1. A message that came before it is no reply to it. */
  readonly number: number
  readonly key: string | undefined
}

/** The most messages without a reply that a client remembers. An older one counts as unanswered. */
const LIMIT = 1000

/** Sends the messages of a client, pairs each reply with its message, and records the time between them. */
export class Sender {
  readonly #values: ClientValues
  readonly #flow: Flow
  readonly #times: Times
  readonly #run: Host
  /** The messages of this connection that have no reply yet, oldest first. */
  #outstanding: Array<Entry> = []
  /** The number of messages that were sent over this connection. */
  #sends = 0
  /** Replies that came while several messages had none, so that nobody knows which message each of them answers. */
  #unpaired = 0

  constructor(values: ClientValues, flow: Flow, times: Times, run: Host) {
    this.#values = values
    this.#flow = flow
    this.#times = times
    this.#run = run
  }

  /** Renders the next message of a step. Throws a `RenderError`. */
  render(op: SendOp): Message {
    this.#values.message++
    const message = op.render(this.#values)
    if (this.#flow.program.keepsSent) this.#values.lastSent = message
    return message
  }

  /** Sends a message of a step and records when it was due. */
  send(op: SendOp, message: Message, link: DialledConnection): void {
    const { now } = this.#run
    const { program } = this.#flow
    this.#count(message)
    if (program.checks || op.paced) {
      const time = now()
      this.#times.note(time)
      if (op.paced) this.#run.recorder.sentOnPlan(time - this.#times.late)
      if (op.timed) this.#await(op, message, time, this.#times.late)
    }
    link.send(message)
  }

  sendScripted(op: Sent, message: Message, link: DialledConnection): void {
    this.#values.message++
    this.#values.lastSent = message
    this.#count(message)
    this.#await(op, message, this.#run.now(), 0)
    link.send(message)
  }

  /** Sends a message of a rule, which begins no round trip. */
  sendBeside(message: Message, link: DialledConnection): void {
    this.#count(message)
    link.send(message)
  }

  /** A message came at `at`. If messages have keys, it is paired at once with the one that it answers. */
  arrive(message: Message, at: number): Arrived {
    const { pairing } = this.#flow.program
    if (pairing._tag !== "Key" || this.#outstanding.length === 0) return { message, at, sends: this.#sends }
    const key = pairing.received(message)
    const entry = key === undefined ? undefined : this.#take((one) => one.key === key)
    if (entry === undefined) return { message, at, sends: this.#sends }
    const roundTrip = this.#record(entry, at)
    return { message, at, sends: this.#sends, answers: nameOf(entry), answersStep: entry.op.step, roundTrip }
  }

  /** Whether a message without a reply has this name and was sent before `arrived` came. */
  awaits(name: string, arrived: Arrived): boolean {
    return this.#outstanding.some((entry) => isAnswered(entry, name, arrived))
  }

  /** Whether `arrived` came before the oldest message of this name that has no reply. Then it can't be the reply. */
  precedes(name: string, { sends }: Arrived): boolean {
    const first = this.#outstanding.find((entry) => nameOf(entry) === name)
    return first !== undefined && first.number > sends
  }

  /**
   * `arrived` is a reply to the message of this name or, without a name, to the one that the scenario's `replies` say. Returns
   * its round trip; `NaN` if it answers none, `undefined` if nobody knows which one it answers.
   */
  answer(name: string | false | undefined, arrived: Arrived): number | undefined {
    const { pairing } = this.#flow.program
    if (arrived.roundTrip !== undefined) return arrived.roundTrip
    if (name === false || pairing._tag === "Key") return Number.NaN
    if (this.#outstanding.length === 1 && this.#unpaired === 0) {
      const only = this.#outstanding[0]!
      if (!isAnswered(only, name, arrived)) return Number.NaN
      this.#outstanding.pop()
      return this.#record(only, arrived.at)
    }
    const fits = (entry: Entry) => isAnswered(entry, name, arrived)
    if (name === undefined && pairing._tag === "Alone" && this.#isAmbiguous(fits)) return undefined
    const entry = this.#take(fits)
    return entry === undefined ? Number.NaN : this.#record(entry, arrived.at)
  }

  /**
   * No reply comes any more: counts the messages without one. If a step has waited for them in vain, their round trips until now
   * are recorded, since otherwise the slowest would not count. `awaited` is the name that this step waits for.
   */
  forget(timedOut: boolean, awaited?: string | false): void {
    const { now, recorder } = this.#run
    const entries = this.#outstanding
    const isKnown = this.#unpaired === 0
    if (timedOut && awaited !== false) {
      const { _tag } = this.#flow.program.pairing
      const late = entries.filter((entry) => nameOf(entry) === awaited || (_tag === "Key" && awaited === undefined))
      if (_tag !== "Alone" || awaited !== undefined || (late.length === 1 && isKnown)) {
        for (const entry of late) this.#record(entry, now())
      }
    }
    if (isKnown) for (const entry of entries) this.#countUnanswered(entry)
    else recorder.unanswered += entries.length - this.#unpaired
    this.clear()
  }

  clear(): void {
    if (this.#outstanding.length > 0) this.#outstanding = []
    this.#sends = 0
    this.#unpaired = 0
  }

  #count(message: Message): void {
    const { recorder } = this.#run
    this.#sends++
    recorder.sent++
    recorder.compression?.sent(message)
    this.#flow.figures?.count("sent")
  }

  #await(op: Sent, message: Message, at: number, late: number): void {
    const { pairing } = this.#flow.program
    const key = pairing._tag === "Key" ? pairing.sent(message) : undefined
    if (pairing._tag === "Key" && key === undefined) return
    this.#outstanding.push({ op, at, late, number: this.#sends, key })
    const oldest = this.#outstanding.length > LIMIT ? this.#outstanding.shift() : undefined
    if (oldest === undefined) return
    if (this.#unpaired > 0) this.#unpaired--
    else this.#countUnanswered(oldest)
  }

  /** Whether a reply may answer several messages. When all of them have been answered, the next reply is certain again. */
  #isAmbiguous(fits: (entry: Entry) => boolean): boolean {
    const entries = this.#outstanding
    if (entries.length < 2 && this.#unpaired === 0) return false
    const candidates = entries.filter(fits).length
    if (candidates === 0 || (candidates === 1 && this.#unpaired === 0)) return false
    this.#run.recorder.named.count("unpaired")
    if (++this.#unpaired >= candidates) {
      this.#outstanding = entries.filter((entry) => !fits(entry))
      this.#unpaired = 0
    }
    return true
  }

  #take(fits: (entry: Entry) => boolean): Entry | undefined {
    const index = this.#outstanding.findIndex(fits)
    return index < 0 ? undefined : this.#outstanding.splice(index, 1)[0]
  }

  #record({ at, late, op }: Entry, now: number): number {
    const { recorder } = this.#run
    const roundTrip = recorder.answered(at, now, late)
    if (Number.isNaN(roundTrip)) return roundTrip
    this.#flow.figures?.roundTrip(roundTrip)
    if (op.figure !== undefined) recorder.named.record(op.figure, roundTrip)
    return roundTrip
  }

  #countUnanswered({ op }: Entry): void {
    const { recorder } = this.#run
    recorder.unanswered++
    const step = op.name !== undefined ? `step.${op.name}` : this.#flow.stepFigure(op.step)
    recorder.named.count(`${step}.unanswered`)
  }
}

const nameOf = ({ op }: Entry): string | undefined => (op.isAnsweredByName === true ? op.name : undefined)

/** Whether `arrived` can be the reply to this message, which is answered by this name. */
const isAnswered = (entry: Entry, name: string | undefined, { sends }: Arrived): boolean =>
  nameOf(entry) === name && entry.number <= sends
