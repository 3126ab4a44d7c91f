import * as LoadPlan from "../Scenario/LoadPlan.ts"
import type { Client } from "./Client.ts"

/**
 * The clients of one process: which are there, and which numbers have been. A client with a number over the limit, which
 * counts those of all processes, retires.
 */
export class Roster {
  /** The numbers of the clients of this process, also of those that retired after they had begun. */
  readonly numbers: Set<number>
  #limit: number
  /** Conversations of clients that held another one before. */
  #again = 0
  readonly #clients = new Set<Client>()
  readonly #share: LoadPlan.LoadPlan["share"]

  constructor(plan: LoadPlan.LoadPlan) {
    this.numbers = new Set(LoadPlan.clientsOf(plan))
    this.#limit = plan.clients
    this.#share = plan.share
  }

  get size(): number {
    return this.#clients.size
  }

  [Symbol.iterator](): IterableIterator<Client> {
    return this.#clients.values()
  }

  /** Conversations that were planned until now: the first of each client, and those of clients that came again. */
  get conversations(): number {
    return this.numbers.size + this.#again
  }

  /** Clients that there are to be, of this process. */
  get wanted(): number {
    const { index, of } = this.#share
    return Math.max(0, Math.ceil((this.#limit - index) / of))
  }

  allows({ client }: { readonly client: number }): boolean {
    return client <= this.#limit
  }

  add(client: Client): void {
    this.#clients.add(client)
  }

  /** The conversation of `client` is over, and `next` is the client's next one, if it has one. */
  settle(client: Client, next?: Client): void {
    this.#clients.delete(client)
    if (next === undefined) return
    this.#again++
    this.#clients.add(next)
  }

  /** Takes out a client that had not begun; whether it is missing then, for it would have been its first conversation. */
  takeOut(client: Client): boolean {
    this.#clients.delete(client)
    if (client.isAgain) this.#again--
    return !client.isAgain
  }

  /** Takes out a client that had not begun, as if it never had been there. */
  retire(client: Client): void {
    if (this.takeOut(client)) this.numbers.delete(client.client)
  }

  /** Changes the limit; gives the numbers that are to come for it, which count as planned from now on. */
  resize(limit: number): ReadonlyArray<number> {
    this.#limit = limit
    const there = new Set([...this.#clients].map(({ client }) => client))
    const coming: Array<number> = []
    for (let number = this.#share.index + 1; number <= limit; number += this.#share.of) {
      if (there.has(number)) continue
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
