/** Texts of any length over NATS, which takes messages of a megabyte: in pieces, which a subject keeps in order. */
import type { NatsConnection } from "@nats-io/transport-node"
import * as Effect from "effect/Effect"

/** Bytes of a piece, the first of which tells whether more follow. */
const PIECE = 256 * 1024
const MORE = 1
const LAST = 0

export const publish = (connection: NatsConnection, subject: string, text: string): void => {
  if (connection.isClosed()) return
  const bytes = Buffer.from(text)
  for (let start = 0; start === 0 || start < bytes.length; start += PIECE - 1) {
    const end = start + PIECE - 1
    connection.publish(
      subject,
      Buffer.concat([Buffer.of(end < bytes.length ? MORE : LAST), bytes.subarray(start, end)])
    )
  }
}

/** Calls `onText` with each text that is whole, until the scope ends. */
export const subscribe = (connection: NatsConnection, subject: string, onText: (text: string) => void) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      let pieces: Array<Uint8Array> = []
      return connection.subscribe(subject, {
        callback: (error, { data }) => {
          if (error !== null) return
          pieces.push(data.subarray(1))
          if (data[0] === MORE) return
          const text = Buffer.concat(pieces).toString()
          pieces = []
          onText(text)
        }
      })
    }),
    (subscription) => Effect.sync(() => subscription.unsubscribe())
  )

/** Calls `onRequest` with each request and how to answer it, until the scope ends. */
export const requests = (
  connection: NatsConnection,
  subject: string,
  onRequest: (request: string, respond: (answer: string) => void) => void
) =>
  Effect.acquireRelease(
    Effect.sync(() =>
      connection.subscribe(subject, {
        callback: (error, message) => {
          if (error === null) onRequest(message.string(), (answer) => void message.respond(answer))
        }
      })
    ),
    (subscription) => Effect.sync(() => subscription.unsubscribe())
  )

/** Waits a moment until all that was published has left. */
export const flush = (connection: NatsConnection) =>
  Effect.promise(() => connection.flush().catch(() => {})).pipe(Effect.timeoutOption("1 second"), Effect.asVoid)
