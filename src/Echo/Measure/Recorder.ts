import { CompressionRecorder } from "./Compression.ts"
import { FailureLog } from "./Failure.ts"
import { CutHistogram, Histogram } from "./Histogram.ts"
import * as Named from "./Named.ts"

/** The counts of a running load test. Clients write them, and displays read them. Times are in milliseconds. */
export class Recorder {
  /** Conversations: started = connecting + open + away + completed + failed + cut. */
  started = 0
  connecting = 0
  open = 0
  /** Clients that have lost their connection and will connect again. */
  away = 0
  peak = 0
  completed = 0
  failed = 0
  /** Conversations that the user ended early. */
  cut = 0
  sent = 0
  /** The part of these that were due by a planned rate. */
  paced = 0
  received = 0
  /** Messages that no reply came to, as far as a step could have taken it. */
  unanswered = 0
  readonly connect = new Histogram()
  readonly handshake = new Histogram()
  /** Round trips, from the planned time of sending if there is one. */
  readonly roundTrip = new CutHistogram()
  /** The same from the actual time of sending. Empty without a planned rate, because the two would be the same. */
  readonly uncorrected = new Histogram()
  readonly named: Named.NamedRecorder
  readonly failures = new FailureLog()
  /** `undefined` if no client offers compression. */
  readonly compression: CompressionRecorder | undefined
  readonly #planned: boolean
  /** Messages that were due before this time do not count. */
  #from = -Infinity

  constructor(planned: boolean, names: Named.Names = Named.always, compresses = false) {
    this.#planned = planned
    this.compression = compresses ? new CompressionRecorder() : undefined
    this.named = new Named.NamedRecorder(names)
  }

  opened(connect: number, handshake: number): void {
    this.connecting--
    this.open++
    if (this.open > this.peak) this.peak = this.open
    this.timed(connect, handshake)
  }

  /** A further connection of an open conversation has opened. */
  timed(connect: number, handshake: number): void {
    this.connect.record(connect)
    this.handshake.record(handshake)
  }

  /** A message was sent that was due at `due` by a planned rate. */
  sentOnPlan(due: number): void {
    if (due >= this.#from) this.paced++
  }

  /** A reply came at `at` to a message that was sent at `sent`, which was `lag` after its planned time. Returns the round trip; `NaN` if it does not count. */
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

  /** How many samples each time has, by the name of its figures. */
  get samples(): Readonly<Record<string, number>> {
    const { connect, handshake, named, roundTrip, uncorrected } = this
    const rtt = roundTrip.countOfAll
    return {
      ...named.samples,
      connect: connect.count,
      handshake: handshake.count,
      rtt,
      uncorrected: this.#planned ? uncorrected.count : rtt
    }
  }

  /** A warm-up begins. What was recorded until now counts. Returns what ends it. What began during the warm-up does not count. */
  beginWarmUp(): (now: number) => void {
    const { completed, cut, failed } = this
    const failures = this.failures.groups
    const [connect, handshake] = [this.connect.toData(), this.handshake.toData()]
    return (now) => {
      this.#from = now
      this.completed = completed
      this.failed = failed
      this.cut = cut
      this.started = this.connecting + this.open + this.away + completed + failed + cut
      this.peak = this.open
      this.sent = 0
      this.paced = 0
      this.received = 0
      this.unanswered = 0
      this.compression?.restart()
      for (const histogram of [this.connect, this.handshake, this.roundTrip, this.uncorrected]) histogram.reset()
      this.connect.add(Histogram.fromData(connect))
      this.handshake.add(Histogram.fromData(handshake))
      this.named.reset()
      this.failures.clear()
      this.failures.addAll(failures)
    }
  }
}
