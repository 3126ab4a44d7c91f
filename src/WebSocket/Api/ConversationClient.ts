/** Opens a WebSocket as a client and talks over it in conversation style. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { Reactor } from "../Connection/Reactor.ts"
import * as Codec from "../Conversation/Codec.ts"
import type { Conversation } from "../Conversation/Conversation.ts"
import { LineConversation } from "../Conversation/LineConversation.ts"
import * as Client from "../Http/Client.ts"
import type { ConnectError } from "../Http/ConnectError.ts"

/** Connects; the connection is closed with 1000 when the scope ends. */
export const connect = (
  options: Client.ConnectOptions
): Effect.Effect<Conversation, ConnectError, Reactor | Scope.Scope> => connectWith(options, Codec.raw)

/** The same, of messages that a codec gives a type. */
export const connectWith = <In, Out, Invalid>(
  options: Client.ConnectOptions,
  codec: Codec.Codec<In, Out, Invalid>
): Effect.Effect<Conversation<In, Out, Invalid>, ConnectError, Reactor | Scope.Scope> =>
  Effect.flatMap(Reactor, (reactor) =>
    // Not `acquireRelease`: connecting may take long, and can be interrupted.
    Effect.uninterruptibleMask((restore) =>
      Effect.tap(restore(open(reactor, options, codec)), (conversation) =>
        Effect.addFinalizer(() => conversation.close())
      )
    )
  )

const open = <In, Out, Invalid>(
  reactor: Reactor["Type"],
  options: Client.ConnectOptions,
  codec: Codec.Codec<In, Out, Invalid>
) =>
  Effect.async<Conversation<In, Out, Invalid>, ConnectError>((resume) => {
    let opened: LineConversation<In, Out, Invalid> | undefined
    const abort = Client.unsafeConnect(reactor, options, {
      onOpen: (connection, { protocol }) => {
        opened = new LineConversation(connection, codec, protocol)
        resume(Effect.succeed(opened))
        return opened
      },
      onFailure: (error) => resume(Effect.fail(error))
    })
    return Effect.suspend(() => {
      abort()
      return opened?.close() ?? Effect.void
    })
  })
