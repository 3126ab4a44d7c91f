import type { Sent } from "../Scenario/Op.ts"

/** A message without a reply. Times are milliseconds of the run's clock. */
export interface Entry {
  readonly op: Sent
  readonly at: number
  /** How late the message was by a planned rate. */
  readonly late: number
  /** The number of the message among all of its connection, from 1. A message that came before it is no reply to it. */
  readonly number: number
  readonly key: string | undefined
}

/** The most messages without a reply that a client remembers. An older one counts as unanswered. */
const LIMIT = 1000

/** The messages of one connection that have no reply yet, oldest first. */
export class Outstanding {
  #entries: Array<Entry> = []

  get entries(): ReadonlyArray<Entry> {
    return this.#entries
  }

  /** Returns the oldest message if there are too many. */
  add(entry: Entry): Entry | undefined {
    this.#entries.push(entry)
    return this.#entries.length > LIMIT ? this.#entries.shift() : undefined
  }

  /** Removes and returns the oldest message that fits. */
  take(fits: (entry: Entry) => boolean): Entry | undefined {
    const index = this.#entries.findIndex(fits)
    return index < 0 ? undefined : this.#entries.splice(index, 1)[0]
  }

  clear(): void {
    if (this.#entries.length === 1) this.#entries.pop()
    else if (this.#entries.length > 0) this.#entries = []
  }
}
