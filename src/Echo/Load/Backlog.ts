import type { Message } from "../../WebSocket/Frames/Message.ts"

export interface Arrived {
  readonly message: Message
  /** When the message came, in milliseconds of the run's clock. Its round trip ends at this time. */
  readonly at: number
  /** The number of messages that the client had sent when it came. It is no reply to a later one. */
  readonly sends: number
  /** The name of the message that it answers, if it has been paired already. */
  readonly answers?: string | undefined
  /** The round trip that it has ended, if it has been paired already; `NaN` if that does not count. */
  readonly roundTrip?: number | undefined
}

/** A queue of messages that came before a step expected them. Most clients never have any, so an empty one allocates nothing. */
export class Backlog {
  #messages: Array<Arrived> | undefined

  get isEmpty(): boolean {
    return this.#messages === undefined
  }

  get size(): number {
    return this.#messages?.length ?? 0
  }

  add(arrived: Arrived): void {
    this.#messages ??= []
    this.#messages.push(arrived)
  }

  /** Removes and returns the oldest message. */
  take(): Arrived | undefined {
    const next = this.#messages?.shift()
    if (this.#messages?.length === 0) this.#messages = undefined
    return next
  }

  /** Removes and returns the oldest message that fits. */
  takeFirst(fits: (arrived: Arrived) => boolean): Arrived | undefined {
    const index = this.#messages?.findIndex(fits) ?? -1
    const found = index < 0 ? undefined : this.#messages?.splice(index, 1)[0]
    if (this.#messages?.length === 0) this.#messages = undefined
    return found
  }

  clear(): void {
    this.#messages = undefined
  }
}
