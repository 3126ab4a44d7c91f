/** The messages that wait for a conversation's handler, counted and kept until they are taken or dropped. */
import type { Message } from "../Frames/Message.ts"
import type { Transport } from "./Transport.ts"

/** From this many taken messages on, their places are given back. */
const COMPACTED = 1024

export class MessageQueue {
  readonly #transport: Pick<Transport, "retain" | "release">
  /** Undefined while empty, which is nearly always. */
  #messages: Array<Message> | undefined = undefined
  /** The index of the next message in `#messages`. */
  #next = 0

  constructor(transport: Pick<Transport, "retain" | "release">) {
    this.#transport = transport
  }

  get isEmpty(): boolean {
    return this.#messages === undefined
  }

  push(message: Message): void {
    this.#messages ??= []
    this.#messages.push(message)
    this.#transport.retain(message.length)
  }

  /** The next message, which stays; there must be one. */
  peek(): Message {
    return this.#messages![this.#next]!
  }

  /** Takes the next message; there must be one. */
  shift(): Message {
    const messages = this.#messages!
    const message = messages[this.#next]!
    // A message that was taken must not be kept by a queue that never becomes empty.
    messages[this.#next++] = ""
    if (this.#next === messages.length) this.#empty()
    else if (this.#next >= COMPACTED && this.#next * 2 >= messages.length) {
      messages.splice(0, this.#next)
      this.#next = 0
    }
    this.#transport.release(message.length)
    return message
  }

  clear(): void {
    const dropped = this.#messages?.slice(this.#next) ?? []
    this.#empty()
    for (const message of dropped) this.#transport.release(message.length)
  }

  #empty(): void {
    this.#messages = undefined
    this.#next = 0
  }
}
