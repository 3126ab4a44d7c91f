/**
 * The open model: when each message of a run is due, whatever the replies do. The planned times of all clients
 * interleave evenly, so that `clients` of them together send `rate` messages a second, one each `1000 / rate` ms.
 *
 * Sending late does not move what comes after: a client that waited for a slow reply catches up, and its round trips
 * count from the planned times. That is what keeps a stalled server from hiding its stall (coordinated omission).
 */
export class SendPlan {
  #interval = 0
  #offset = 0
  /** Rounds that were due under the rates before this one. */
  #passed = 0
  readonly #clients: number
  readonly #sends: number
  readonly #next: Float64Array
  #start = Number.NaN

  /** For the clients `first`, `first + stride`, ... of `clients`; `sends` messages a round, `rate` messages a second. */
  constructor(options: { readonly rate: number; readonly sends: number; readonly clients: number }) {
    this.#clients = options.clients
    this.#sends = options.sends
    this.#next = new Float64Array(options.clients + 1)
    this.#pace(options.rate)
  }

  /** Begins the plan: until then no time is known. */
  begin(now: number): void {
    this.#start = now
  }

  /** Plans anew from `now` on. Rounds that were due before and have not begun are not sent. */
  change(now: number, rate: number, mine: Iterable<number>): void {
    this.#passed = this.roundsUntil(now, mine)
    if (!Number.isNaN(this.#start)) this.#start = now
    this.#next.fill(0)
    this.#pace(rate)
  }

  /** The planned time of the client's next round (clients count from 1); `NaN` before the beginning. */
  next(client: number): number {
    if (Number.isNaN(this.#start)) return Number.NaN
    const round = this.#next[client]!++
    return this.#start + this.#offset * (client - 1) + this.#interval * round
  }

  /** Rounds due before `end`, over the clients that `mine` picks. */
  roundsUntil(end: number, mine: Iterable<number>): number {
    let rounds = this.#passed
    for (const client of mine) {
      const first = this.#start + this.#offset * (client - 1)
      if (first < end) rounds += Math.ceil((end - first) / this.#interval)
    }
    return rounds
  }

  #pace(rate: number): void {
    this.#offset = (this.#sends * 1000) / rate
    this.#interval = this.#offset * this.#clients
  }
}
