/** A client's `Socket` of `@effect/platform` that connects in each `run`: what reconnects by running it again, as RPC does. */
import * as Socket from "@effect/platform/Socket"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { Reactor } from "../Connection/Reactor.ts"
import type * as Client from "../Http/Client.ts"
import * as ConversationClient from "./ConversationClient.ts"
import * as ConversationSocket from "./ConversationSocket.ts"

type Options = Client.ConnectOptions & ConversationSocket.SocketOptions

/** The options may be an effect, asked for each time: for a token that expires, or the next of several servers. */
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

export const layer = <E = never, R = never>(
  options: Options | Effect.Effect<Options, E, R>
): Layer.Layer<Socket.Socket, never, Reactor | R> => Layer.effect(Socket.Socket, make(options))
