import * as LoadPlan from "../Scenario/LoadPlan.ts"
import type { Client } from "./Client.ts"

/** The most clients per second, of all processes, that start when clients are added to a run. */
const MAX_NEW_PER_SECOND = 1000

/**
 * The clients of one process: those that are running, and all numbers that have been used. The limit is for the clients of all
 * processes. A client whose number is over the limit retires.
 */
export class ClientSet {
  /** The numbers of the clients of this process, including those that retired after they had begun. Empty in an open model. */
  readonly numbers: Set<number>
  /** The clients of an open model. Their numbers are not kept: in a day there may be more than a set can have. */
  readonly #arriving: number
  #limit: number
  /** The number of conversations that were not the first of their client. */
  #again = 0
  readonly #clients = new Map<number, Client>()
  readonly #share: LoadPlan.LoadPlan["share"]

  constructor(plan: LoadPlan.LoadPlan) {
    const { arrivals, levels } = plan
    this.numbers = new Set(arrivals === undefined && levels === undefined ? LoadPlan.clientsOf(plan) : [])
    this.#arriving = arrivals === undefined ? 0 : LoadPlan.shareOf(plan)
    this.#limit = levels === undefined ? plan.clients : 0
    this.#share = plan.share
  }

  get size(): number {
    return this.#clients.size
  }

  [Symbol.iterator](): IterableIterator<Client> {
    return this.#clients.values()
  }

  /** The number of clients that this process has had or, in an open model, will have. */
  get count(): number {
    return this.numbers.size + this.#arriving
  }

  /** The number of conversations until now: the first of each client, and all further ones. */
  get conversations(): number {
    return this.count + this.#again
  }

  /** The number of clients that this process should have. */
  get wanted(): number {
    return LoadPlan.shareOf({ clients: this.#limit, share: this.#share })
  }

  /** Milliseconds between the starts of two clients that are added to a run. */
  get spacing(): number {
    return (1000 * this.#share.of) / MAX_NEW_PER_SECOND
  }

  allows({ client }: { readonly client: number }): boolean {
    return client <= this.#limit
  }

  add(client: Client): void {
    this.#clients.set(client.client, client)
  }

  /** The conversation of `client` is over. `next` is the client's next one, if there is one. */
  settle(client: Client, next?: Client): void {
    this.#clients.delete(client.client)
    if (next === undefined) return
    this.#again++
    this.#clients.set(next.client, next)
  }

  /** Removes a client that has not begun. Returns whether this would have been its first conversation: then the client never started. */
  takeOut(client: Client): boolean {
    this.#clients.delete(client.client)
    if (client.isAgain) this.#again--
    return !client.isAgain
  }

  /** Removes a client that has not begun, as if it had never existed. */
  retire(client: Client): void {
    if (this.takeOut(client)) this.numbers.delete(client.client)
  }

  /**
   * Changes the limit. Returns the numbers of the clients to add, which count as planned from now on: those between the two limits
   * that are not there and that `mayCome` lets in.
   */
  resize(limit: number, mayCome: () => boolean): ReadonlyArray<number> {
    const { index, of } = this.#share
    const below = Math.max(0, Math.ceil((this.#limit - index) / of))
    this.#limit = limit
    const coming: Array<number> = []
    for (let number = index + 1 + below * of; number <= limit; number += of) {
      if (this.#clients.has(number) || !mayCome()) continue
      if (this.numbers.has(number)) this.#again++
      this.numbers.add(number)
      coming.push(number)
    }
    return coming
  }

  clear(): void {
    this.#clients.clear()
  }
}
