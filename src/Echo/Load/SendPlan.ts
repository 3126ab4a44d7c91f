import { constant, type Stages, Timetable } from "../Scenario/Stages.ts"

/**
 * The open model: when each message of a run is due, whatever the replies do. The planned times of all clients
 * interleave evenly: round `r` of client `c` of `n` begins with message `(r n + c - 1) sends` of the schedule.
 *
 * Sending late does not move what comes after: a client that waited for a slow reply catches up, and its round trips
 * count from the planned times. That is what keeps a stalled server from hiding its stall (coordinated omission).
 */
export class SendPlan {
  #table: Timetable
  /** Rounds that were due under the rates before this one. */
  #passed = 0
  /** Rounds that were due in the warm-up. */
  #warmUp = 0
  readonly #sends: number
  readonly #clients: number
  readonly #next: Float64Array
  #start = Number.NaN

  /** `sends` messages a round; the clients of all processes, from 1. */
  constructor(options: { readonly stages: Stages; readonly sends: number; readonly clients: number }) {
    this.#table = new Timetable(options.stages)
    this.#sends = options.sends
    this.#clients = options.clients
    this.#next = new Float64Array(options.clients + 1)
  }

  /** Begins the plan: until then no time is known. */
  begin(now: number): void {
    this.#start = now
  }

  /** Makes a new plan from `now` on. Rounds that were due before and have not begun are not sent. */
  change(now: number, rate: number, mine: Iterable<number>): void {
    this.#passed = this.roundsUntil(now, mine)
    if (!Number.isNaN(this.#start)) this.#start = now
    this.#next.fill(0)
    this.#table = new Timetable(constant(rate))
  }

  /** The planned time of the client's next round; `NaN` before the beginning, `Infinity` where there is none. */
  next(client: number): number {
    if (Number.isNaN(this.#start)) return Number.NaN
    const round = this.#next[client]!++
    return this.#start + this.#table.at((round * this.#clients + client - 1) * this.#sends)
  }

  /** From `now` on messages count: the warm-up is over. */
  endWarmUp(now: number, mine: Iterable<number>): void {
    this.#warmUp = this.roundsUntil(now, mine)
  }

  /** Messages due before `end` and after the warm-up, over the clients that `mine` picks. */
  messagesUntil(end: number, mine: Iterable<number>): number {
    return (this.roundsUntil(end, mine) - this.#warmUp) * this.#sends
  }

  /** Rounds due before `end`, over the clients that `mine` picks. */
  roundsUntil(end: number, mine: Iterable<number>): number {
    const due = Math.ceil(this.#table.before(end - this.#start) / this.#sends)
    let rounds = this.#passed
    for (const client of mine) if (client <= due) rounds += Math.ceil((due - client + 1) / this.#clients)
    return rounds
  }
}
