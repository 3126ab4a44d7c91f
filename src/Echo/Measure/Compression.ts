import * as Schema from "effect/Schema"
import type { Message } from "../../WebSocket/Frames/Message.ts"

/** The result of offering compression, in a run that offers it. */
export const Compression = Schema.Struct({
  /** Connections by what the server agreed to, as it wrote it: `permessage-deflate; server_no_context_takeover`. */
  agreed: Schema.Record({ key: Schema.String, value: Schema.Number }),
  /** Connections whose server agreed to nothing: their messages are not compressed. */
  declined: Schema.Number,
  /** Bytes of the messages, before they were compressed and after they were inflated. */
  payload: Schema.Struct({ sent: Schema.Number, received: Schema.Number })
})
export type Compression = typeof Compression.Type

/** The server writes what it agreed to, so their number needs a limit. */
const ANSWERS = 20
const OTHER = "other"

/** The sum of two processes of a run; `undefined`: compression was not offered. */
export const merge = (a: Compression | undefined, b: Compression | undefined): Compression | undefined => {
  if (a === undefined || b === undefined) return a ?? b
  const agreed = { ...a.agreed }
  for (const [answer, count] of Object.entries(b.agreed)) agreed[answer] = (agreed[answer] ?? 0) + count
  return {
    agreed,
    declined: a.declined + b.declined,
    payload: { sent: a.payload.sent + b.payload.sent, received: a.payload.received + b.payload.received }
  }
}

/** The connections whose server agreed. */
export const agreedOf = ({ agreed }: Compression): number =>
  Object.values(agreed).reduce((sum, count) => sum + count, 0)

/** Counts what comes of the offer while a run goes on. */
export class CompressionRecorder {
  readonly #agreed = new Map<string, number>()
  #declined = 0
  #sent = 0
  #received = 0

  /** A connection is open; `answer`: what its server agreed to, `undefined` where that is nothing. */
  opened(answer: string | undefined): void {
    if (answer === undefined) {
      this.#declined++
      return
    }
    const key = this.#agreed.has(answer) || this.#agreed.size < ANSWERS ? answer : OTHER
    this.#agreed.set(key, (this.#agreed.get(key) ?? 0) + 1)
  }

  sent(message: Message): void {
    this.#sent += Buffer.byteLength(message)
  }

  received(message: Message): void {
    this.#received += Buffer.byteLength(message)
  }

  /** Messages until now count not; connections do. */
  restart(): void {
    this.#sent = 0
    this.#received = 0
  }

  get compression(): Compression {
    return {
      agreed: Object.fromEntries(this.#agreed),
      declined: this.#declined,
      payload: { sent: this.#sent, received: this.#received }
    }
  }
}
