/** Sends texts of any length over NATS. A NATS message has at most 1 MB by default, so a text is sent in pieces, which a subject keeps in order. */
import type { Msg, NatsConnection } from "@nats-io/transport-node"
import * as Effect from "effect/Effect"

/** Bytes of a piece. Its first byte says whether more pieces follow. */
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

/** Calls `onMessage` with each message of a subject, until the scope closes. */
export const listen = (connection: NatsConnection, subject: string, onMessage: (message: Msg) => void) =>
  Effect.acquireRelease(
    Effect.sync(() =>
      connection.subscribe(subject, {
        callback: (error, message) => {
          if (error === null) onMessage(message)
        }
      })
    ),
    (subscription) => Effect.sync(() => subscription.unsubscribe())
  )

/** Calls `onText` with each complete text, until the scope closes. */
export const subscribe = (connection: NatsConnection, subject: string, onText: (text: string) => void) =>
  Effect.suspend(() => {
    let pieces: Array<Uint8Array> = []
    return listen(connection, subject, ({ data }) => {
      pieces.push(data.subarray(1))
      if (data[0] === MORE) return
      const text = Buffer.concat(pieces).toString()
      pieces = []
      onText(text)
    })
  })

/** Calls `onRequest` with each request and a function that answers it, until the scope closes. */
export const requests = (
  connection: NatsConnection,
  subject: string,
  onRequest: (request: string, respond: (answer: string) => void) => void
) => listen(connection, subject, (message) => onRequest(message.string(), (answer) => void message.respond(answer)))

/** Waits until all published messages have been sent, but not for long. */
export const flush = (connection: NatsConnection) =>
  Effect.promise(() => connection.flush().catch(() => {})).pipe(Effect.timeoutOption("1 second"), Effect.asVoid)
