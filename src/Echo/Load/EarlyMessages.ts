import type { Arrived } from "../Scenario/Op.ts"

/** The most bytes that the messages of one client and of all clients of a process may take before a step expects them. */
const CLIENT_LIMIT = 4 << 20
const PROCESS_LIMIT = 256 << 20
/** What a message takes besides its text, in bytes. */
const OVERHEAD = 100

const sizeOf = ({ message }: Arrived): number => message.length + OVERHEAD

/** The bytes that all early messages of a process take. */
export class EarlyBudget {
  used = 0
}

/** A queue of messages that came before a step expected them. Most clients never have any, so an empty one allocates nothing. */
export class EarlyMessages {
  #messages: Array<Arrived> | undefined
  #bytes = 0
  readonly #budget: EarlyBudget

  constructor(budget: EarlyBudget) {
    this.#budget = budget
  }

  get isEmpty(): boolean {
    return this.#messages === undefined
  }

  get size(): number {
    return this.#messages?.length ?? 0
  }

  get isFull(): boolean {
    return this.#bytes >= CLIENT_LIMIT || (this.#bytes > 0 && this.#budget.used >= PROCESS_LIMIT)
  }

  add(arrived: Arrived): void {
    this.#messages ??= []
    this.#messages.push(arrived)
    this.#account(sizeOf(arrived))
  }

  take(): Arrived | undefined {
    return this.#taken(this.#messages?.shift())
  }

  takeFirst(fits: (arrived: Arrived) => boolean): Arrived | undefined {
    const index = this.#messages?.findIndex(fits) ?? -1
    return index < 0 ? undefined : this.#taken(this.#messages?.splice(index, 1)[0])
  }

  clear(): void {
    this.#messages = undefined
    this.#account(-this.#bytes)
  }

  #taken(arrived: Arrived | undefined): Arrived | undefined {
    if (arrived !== undefined) this.#account(-sizeOf(arrived))
    if (this.#messages?.length === 0) this.#messages = undefined
    return arrived
  }

  #account(bytes: number): void {
    this.#bytes += bytes
    this.#budget.used += bytes
  }
}
