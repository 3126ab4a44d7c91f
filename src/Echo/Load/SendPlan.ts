/**
 * The open model: when each message of a run is due, whatever the replies do. The planned times of all clients
 * interleave evenly, so that `clients` of them together send `rate` messages a second, one each `1000 / rate` ms.
 *
 * Sending late does not move what comes after: a client that waited for a slow reply catches up, and its round trips
 * count from the planned times. That is what keeps a stalled server from hiding its stall (coordinated omission).
 */
export class SendPlan {
  readonly #interval: number
  readonly #offset: number
  readonly #next: Float64Array
  #start = Number.NaN

  /** For the clients `first`, `first + stride`, ... of `clients`; `sends` messages a round, `rate` messages a second. */
  constructor(options: { readonly rate: number; readonly sends: number; readonly clients: number }) {
    this.#offset = (options.sends * 1000) / options.rate
    this.#interval = this.#offset * options.clients
    this.#next = new Float64Array(options.clients + 1)
  }

  /** Begins the plan: until then no time is known. */
  begin(now: number): void {
    this.#start = now
  }

  /** The planned time of the client's next round (clients count from 1); `NaN` before the beginning. */
  next(client: number): number {
    if (Number.isNaN(this.#start)) return Number.NaN
    const round = this.#next[client]!++
    return this.#start + this.#offset * (client - 1) + this.#interval * round
  }

  /** Rounds due before `end`, over the clients that `mine` picks. */
  roundsUntil(end: number, clients: Iterable<number>): number {
    let rounds = 0
    for (const client of clients) {
      const first = this.#start + this.#offset * (client - 1)
      if (first < end) rounds += Math.ceil((end - first) / this.#interval)
    }
    return rounds
  }
}
