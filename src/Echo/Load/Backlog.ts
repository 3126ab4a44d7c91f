import type { Message } from "../../WebSocket/Frames/Message.ts"

export interface Arrived {
  readonly message: Message
  /** When the message came, in milliseconds of the run's clock. Its round trip ends at this time. */
  readonly at: number
}

/** A queue of messages that came before a step expected them. Most clients never have any, so an empty one allocates nothing. */
export class Backlog {
  #messages: Array<Arrived> | undefined

  get isEmpty(): boolean {
    return this.#messages === undefined
  }

  add(message: Message, at: number): void {
    this.#messages ??= []
    this.#messages.push({ message, at })
  }

  take(): Arrived | undefined {
    const next = this.#messages?.shift()
    if (this.#messages?.length === 0) this.#messages = undefined
    return next
  }

  clear(): void {
    this.#messages = undefined
  }
}
