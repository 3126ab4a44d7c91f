import { FailureLog } from "./Failure.ts"
import { Histogram } from "./Histogram.ts"
import * as Named from "./Named.ts"

/** What a run counts while it goes, written by its clients and read by whoever shows it. Times in milliseconds. */
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
  readonly #planned: boolean

  constructor(planned: boolean, names: Named.Names = Named.always) {
    this.#planned = planned
    this.named = new Named.NamedRecorder(names)
  }

  opened(connect: number, handshake: number): void {
    this.connecting--
    this.open++
    if (this.open > this.peak) this.peak = this.open
    this.connect.record(connect)
    this.handshake.record(handshake)
  }

  /** A reply came `roundTrip` after its message, which had been sent `lag` after its time. */
  answered(roundTrip: number, lag: number): void {
    if (this.#planned) {
      this.roundTrip.record(roundTrip + lag)
      this.uncorrected.record(roundTrip)
    } else {
      this.roundTrip.record(roundTrip)
    }
  }
}
