import * as Schema from "effect/Schema"
import type { Message } from "../../WebSocket/Frames/Message.ts"
import * as Monoid from "./Monoid.ts"

/** What the servers answered to the offer of compression, and how much it saved. */
const compression = Monoid.struct({
  /** The number of connections by the extension that the server accepted, as the server wrote it: `permessage-deflate; server_no_context_takeover`. */
  agreed: Monoid.record(Schema.Number, Monoid.add),
  /** The number of connections on which the server accepted no compression. */
  declined: Monoid.sum,
  /** Bytes of the messages without compression. */
  payload: Monoid.struct({ sent: Monoid.sum, received: Monoid.sum })
})
export const { combine: merge, schema: Compression } = compression
export type Compression = typeof Compression.Type

/** The most different answers that are counted. The server writes them, so their number needs a limit. */
const ANSWERS = 20
const OTHER = "other"

/** The number of connections on which the server accepted compression. */
export const agreedOf = ({ agreed }: Compression): number =>
  Object.values(agreed).reduce((sum, count) => sum + count, 0)

/** Counts the answers to the offer during a run. */
export class CompressionRecorder {
  readonly #agreed = new Map<string, number>()
  #declined = 0
  #payload = { sent: 0, received: 0 }

  /** A connection has opened. `answer` is the extension that the server accepted, `undefined` if none. */
  opened(answer: string | undefined): void {
    const agreed = this.#agreed
    if (answer === undefined) this.#declined++
    else {
      const key = agreed.has(answer) || agreed.size < ANSWERS ? answer : OTHER
      agreed.set(key, (agreed.get(key) ?? 0) + 1)
    }
  }

  sent(message: Message): void {
    this.#payload.sent += Buffer.byteLength(message)
  }

  received(message: Message): void {
    this.#payload.received += Buffer.byteLength(message)
  }

  /** Forgets the messages until now. Connections still count. */
  restart(): void {
    this.#payload = { sent: 0, received: 0 }
  }

  get compression(): Compression {
    return { agreed: Object.fromEntries(this.#agreed), declined: this.#declined, payload: { ...this.#payload } }
  }
}
