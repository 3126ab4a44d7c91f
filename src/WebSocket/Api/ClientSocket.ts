/** A client's `Socket` of `@effect/platform`, with a connection for each `run`: RPC reconnects by running it again. */
import * as Socket from "@effect/platform/Socket"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { Reactor } from "../Connection/Reactor.ts"
import type * as Client from "../Http/Client.ts"
import * as ConversationClient from "./ConversationClient.ts"
import * as ConversationSocket from "./ConversationSocket.ts"

type Options = Client.ConnectOptions & ConversationSocket.SocketOptions

/**
 * The options may be an effect, which is run for each connection: for a token that expires, or to try the next of
 * several servers. If connecting fails, `run` fails with `SocketGenericError` and the reason `Open`.
 */
export const make = <E = never, R = never>(
  options: Options | Effect.Effect<Options, E, R>
): Effect.Effect<Socket.Socket, never, Reactor | R> => {
  const asked: Effect.Effect<Options, E, R> = Effect.isEffect(options) ? options : Effect.succeed(options)
  const open = Effect.mapError(
    Effect.flatMap(asked, ConversationClient.connect),
    (cause) => new Socket.SocketGenericError({ reason: "Open", cause })
  )
  return ConversationSocket.lazy(open, Effect.isEffect(options) ? {} : options)
}

/** Provides the socket of `make`. */
export const layer = <E = never, R = never>(
  options: Options | Effect.Effect<Options, E, R>
): Layer.Layer<Socket.Socket, never, Reactor | R> => Layer.effect(Socket.Socket, make(options))
