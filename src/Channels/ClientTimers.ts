/**
 * The time limits of all clients of a server: pings and pongs, the time for `connect`, expiry. One tick a second serves
 * all of them, so that a client that is idle needs no timer of its own.
 */

/** The part of a client's connection that the timers use. */
export interface TimedClient {
  /** Where the timers keep the client among those that are pinged; -1 before it is connected. */
  pingSlot: number
  ping(): void
  /** The time for the answer to a ping is over. */
  checkPong(): void
  /** The time for `connect` is over. */
  checkConnected(): void
  /** Ends what has expired. Returns whether there is anything left that expires. */
  checkExpiry(now: number): boolean
}

/** Times in seconds. */
export interface TimerOptions {
  /** The time between two pings. */
  readonly ping: number
  /** The time for the answer to one. */
  readonly pong: number
  /** The time from the handshake to `connect`. */
  readonly connect: number
}

const nobody: ReadonlySet<TimedClient> = new Set()

export class ClientTimers {
  readonly #options: TimerOptions
  /** The clients by the tick, modulo the time between pings, in which they are pinged. */
  readonly #pinged = new Map<number, Set<TimedClient>>()
  /** The clients that are not connected yet, with the tick at which that is too late. */
  readonly #fresh = new Map<TimedClient, number>()
  readonly #expiring = new Set<TimedClient>()
  #tick = 0

  constructor(options: TimerOptions) {
    this.#options = options
  }

  opened(client: TimedClient): void {
    this.#fresh.set(client, this.#tick + this.#options.connect)
  }

  connected(client: TimedClient): void {
    this.#fresh.delete(client)
    client.pingSlot = this.#tick % this.#options.ping
    const together = this.#pinged.get(client.pingSlot)
    if (together === undefined) this.#pinged.set(client.pingSlot, new Set([client]))
    else together.add(client)
  }

  /** Something of the client expires. */
  expires(client: TimedClient): void {
    this.#expiring.add(client)
  }

  closed(client: TimedClient): void {
    this.#fresh.delete(client)
    const together = this.#pinged.get(client.pingSlot)
    together?.delete(client)
    if (together?.size === 0) this.#pinged.delete(client.pingSlot)
    this.#expiring.delete(client)
  }

  /** Called once a second; `now` is in milliseconds since 1970. */
  tick(now: number): void {
    const { ping, pong } = this.#options
    this.#tick++
    for (const client of [...this.#at(this.#tick + ping - Math.min(pong, ping - 1))]) client.checkPong()
    for (const client of this.#at(this.#tick)) client.ping()
    for (const client of [...this.#expiring]) if (!client.checkExpiry(now)) this.#expiring.delete(client)
    for (const [client, until] of this.#fresh) {
      // They are in the order of their arrival.
      if (until > this.#tick) return
      this.#fresh.delete(client)
      client.checkConnected()
    }
  }

  #at(tick: number): ReadonlySet<TimedClient> {
    return this.#pinged.get(tick % this.#options.ping) ?? nobody
  }
}
