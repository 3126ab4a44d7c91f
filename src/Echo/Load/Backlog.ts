import type { Message } from "../../WebSocket/Frames/Message.ts"

export interface Arrived {
  readonly message: Message
  /** When it came, in milliseconds of the run's clock: what its round trip counts to. */
  readonly at: number
}

/** Messages that came before a step asked for them, first come first out. Most clients never have any: it costs nothing then. */
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
