/**
 * A conversation as a `Socket` of `@effect/platform`: code that is written for Effect's sockets (channels, Ndjson,
 * MsgPack, RPC) runs over it, on a server as on a client.
 *
 * It differs from Effect's own where these are weak: messages are handled one after the other, and the peer is read no
 * faster than that; a write waits while the peer does not read, and fails once the connection is closed.
 */
import * as Socket from "@effect/platform/Socket"
import * as Effect from "effect/Effect"
import type { Conversation } from "../Conversation/Conversation.ts"
import type { Close } from "../Frames/CloseCode.ts"

export interface SocketOptions {
  /** Whether `run` fails where the connection ended with this code; otherwise all codes but 1000 and 1006. */
  readonly closeCodeIsError?: (code: number) => boolean
}

const encoder = new TextEncoder()

export const make = (
  conversation: Conversation,
  { closeCodeIsError = Socket.defaultCloseCodeIsError }: SocketOptions = {}
): Socket.Socket => {
  const ended = ({ code, reason }: Close): Effect.Effect<void, Socket.SocketError> =>
    closeCodeIsError(code)
      ? Effect.fail(new Socket.SocketCloseError({ reason: "Close", code, closeReason: reason }))
      : Effect.void

  const runRaw: Socket.Socket["runRaw"] = (handler, options) =>
    Effect.gen(function* () {
      if (options?.onOpen !== undefined) yield* options.onOpen
      const close = yield* conversation.forEach((message) => {
        const handling = handler(message)
        return Effect.isEffect(handling) ? handling : Effect.void
      })
      yield* ended(close)
    })

  const run: Socket.Socket["run"] = (handler, options) =>
    runRaw((message) => handler(typeof message === "string" ? encoder.encode(message) : message), options)

  const write = (chunk: Uint8Array | string | Socket.CloseEvent): Effect.Effect<void, Socket.SocketError> =>
    Socket.isCloseEvent(chunk)
      ? conversation.close(chunk.code, chunk.reason)
      : Effect.mapError(conversation.send(chunk), (cause) => new Socket.SocketGenericError({ reason: "Write", cause }))

  return Socket.Socket.of({ [Socket.TypeId]: Socket.TypeId, run, runRaw, writer: Effect.succeed(write) })
}
