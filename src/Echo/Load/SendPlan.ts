import type { LoadPlan } from "../Scenario/LoadPlan.ts"
import type { Program } from "../Scenario/Program.ts"
import { constant, type Stages, Timetable } from "../Scenario/Stages.ts"

/**
 * The open model of messages: each message of a run has a planned time, which does not depend on replies. The planned times of
 * all clients interleave evenly: round `r` of client `c` of `n` begins with message `(r n + c - 1) sends` of the schedule.
 *
 * A late message does not move the later ones. A client that waited for a slow reply catches up, and its round trips are
 * measured from the planned times. Otherwise a server that stalls would hide its stall (coordinated omission).
 */
export class SendPlan {
  /** The plan of a run; `undefined` without a planned rate. */
  static of(plan: LoadPlan, programs: ReadonlyArray<Pick<Program, "openEnded">>): SendPlan | undefined {
    const paced = programs[0]?.openEnded
    if (plan.rate === undefined || paced === undefined) return undefined
    return new SendPlan({ stages: plan.rateStages ?? constant(plan.rate), sends: paced.sends, clients: plan.clients })
  }

  #table: Timetable
  /** The number of rounds that were due under earlier rates. */
  #passed = 0
  /** The number of rounds that were due in the warm-up. */
  #warmUp = 0
  readonly #sends: number
  readonly #clients: number
  readonly #next: Float64Array
  #start = Number.NaN

  /** `sends` is the number of messages per round. `clients` is the number of clients of all processes. */
  constructor(options: { readonly stages: Stages; readonly sends: number; readonly clients: number }) {
    this.#table = new Timetable(options.stages)
    this.#sends = options.sends
    this.#clients = options.clients
    this.#next = new Float64Array(options.clients + 1)
  }

  /** Begins the plan at `now`. Before that, no planned time is known. */
  begin(now: number): void {
    this.#start = now
  }

  /** Plans with another rate from `now` on. Rounds that were due before and have not begun are skipped. */
  change(now: number, rate: number, mine: Iterable<number>): void {
    this.#passed = this.roundsUntil(now, mine)
    if (!Number.isNaN(this.#start)) this.#start = now
    this.#next.fill(0)
    this.#table = new Timetable(constant(rate))
  }

  /** The planned time of the client's next round; `NaN` before the beginning, `Infinity` if there is none. */
  next(client: number): number {
    if (Number.isNaN(this.#start)) return Number.NaN
    const round = this.#next[client]!++
    return this.#start + this.#table.at((round * this.#clients + client - 1) * this.#sends)
  }

  /** The warm-up is over. Messages that are due from `now` on count. */
  endWarmUp(now: number, mine: Iterable<number>): void {
    this.#warmUp = this.roundsUntil(now, mine)
  }

  /** The number of messages of the clients `mine` that are due after the warm-up and before `end`. */
  messagesUntil(end: number, mine: Iterable<number>): number {
    return (this.roundsUntil(end, mine) - this.#warmUp) * this.#sends
  }

  /** The number of rounds of the clients `mine` that are due before `end`. */
  roundsUntil(end: number, mine: Iterable<number>): number {
    const due = Math.ceil(this.#table.before(end - this.#start) / this.#sends)
    let rounds = this.#passed
    for (const client of mine) if (client <= due) rounds += Math.ceil((due - client + 1) / this.#clients)
    return rounds
  }
}
