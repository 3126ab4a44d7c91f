import { CompressionRecorder } from "./Compression.ts"
import { type FailureGroup, FailureLog } from "./Failure.ts"
import { Histogram, type HistogramData } from "./Histogram.ts"
import * as Named from "./Named.ts"

/** The counts when a warm-up began. */
interface Mark {
  readonly completed: number
  readonly failed: number
  readonly cut: number
  readonly failures: ReadonlyArray<FailureGroup>
  readonly connect: HistogramData
  readonly handshake: HistogramData
}

/** The counts of a running load test: its clients write them, its displays read them. Times in milliseconds. */
export class Recorder {
  /** Conversations: started = connecting + open + away + completed + failed + cut. */
  started = 0
  connecting = 0
  open = 0
  /** Without a connection, to connect again. */
  away = 0
  peak = 0
  completed = 0
  failed = 0
  /** Ended by the user before they could end. */
  cut = 0
  sent = 0
  /** Of these, the ones that a planned rate called for. */
  paced = 0
  received = 0
  /** Messages whose conversation failed before their reply came. */
  unanswered = 0
  readonly connect = new Histogram()
  readonly handshake = new Histogram()
  /** Round trips, from the planned time of sending where there is a plan. Emptied every second into the report. */
  readonly roundTrip = new Histogram()
  /** The same from the actual time of sending; empty where there is no plan, for then the two are one. */
  readonly uncorrected = new Histogram()
  readonly named: Named.NamedRecorder
  readonly failures = new FailureLog()
  /** Absent where no client offers compression. */
  readonly compression: CompressionRecorder | undefined
  readonly #planned: boolean
  /** Messages that were due before this time count in no figure. */
  #from = -Infinity
  #mark: Mark | undefined

  constructor(planned: boolean, names: Named.Names = Named.always, compresses = false) {
    this.#planned = planned
    this.compression = compresses ? new CompressionRecorder() : undefined
    this.named = new Named.NamedRecorder(names)
  }

  opened(connect: number, handshake: number): void {
    this.connecting--
    this.open++
    if (this.open > this.peak) this.peak = this.open
    this.connect.record(connect)
    this.handshake.record(handshake)
  }

  /** A message was sent that a planned rate called for, at that time. */
  sentOnPlan(due: number): void {
    if (due >= this.#from) this.paced++
  }

  /** A reply came at `at` to a message that was sent at `sent`, `lag` after its time: its round trip, `NaN` where it counts not. */
  answered(sent: number, at: number, lag: number): number {
    const due = this.#planned ? sent - lag : sent
    if (due < this.#from) return Number.NaN
    const roundTrip = at - sent
    if (!this.#planned) {
      this.roundTrip.record(roundTrip)
      return roundTrip
    }
    this.roundTrip.record(roundTrip + lag)
    this.uncorrected.record(roundTrip)
    return roundTrip + lag
  }

  /** A warm-up begins. Figures until now count. */
  beginWarmUp(): void {
    const { completed, connect, cut, failed, handshake } = this
    this.#mark = {
      ...{ completed, failed, cut },
      failures: this.failures.groups,
      connect: connect.toData(),
      handshake: handshake.toData()
    }
  }

  /** The warm-up is over at `now`: nothing counts that began in it. */
  endWarmUp(now: number): void {
    const { completed = 0, connect, cut = 0, failed = 0, failures = [], handshake } = this.#mark ?? {}
    this.#from = now
    this.completed = completed
    this.failed = failed
    this.cut = cut
    this.peak = this.open
    this.sent = 0
    this.paced = 0
    this.received = 0
    this.unanswered = 0
    this.compression?.restart()
    this.started = this.connecting + this.open + this.away + completed + failed + cut
    for (const histogram of [this.connect, this.handshake, this.roundTrip, this.uncorrected]) histogram.reset()
    if (connect !== undefined) this.connect.add(Histogram.fromData(connect))
    if (handshake !== undefined) this.handshake.add(Histogram.fromData(handshake))
    this.named.reset()
    this.failures.clear()
    this.failures.addAll(failures)
  }
}
