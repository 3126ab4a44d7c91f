/** Opens a WebSocket as a client, in conversation style. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Connection } from "../Connection/Connection.ts"
import { Reactor } from "../Connection/Reactor.ts"
import * as Codec from "../Conversation/Codec.ts"
import type { Conversation } from "../Conversation/Conversation.ts"
import { TransportConversation } from "../Conversation/TransportConversation.ts"
import * as Client from "../Http/Client.ts"
import type { ConnectError } from "../Http/ConnectError.ts"
import * as ClientTelemetry from "./ClientTelemetry.ts"

/** Opens a connection, and closes it with 1000 when the scope ends. Fails with `ConnectError`. */
export const connect = (
  options: Client.ConnectOptions
): Effect.Effect<Conversation, ConnectError, Reactor | Scope.Scope> => connectWith(options, Codec.raw)

/** As `connect`, with messages that `codec` decodes and encodes. */
export const connectWith = <In, Out, Invalid>(
  options: Client.ConnectOptions,
  codec: Codec.Codec<In, Out, Invalid>
): Effect.Effect<Conversation<In, Out, Invalid>, ConnectError, Reactor | Scope.Scope> =>
  Effect.flatMap(Reactor, (reactor) =>
    // Not `acquireRelease`, because connecting may take long and must be interruptible.
    Effect.uninterruptibleMask((restore) =>
      Effect.flatMap(ClientTelemetry.begin(options.url), (telemetry) =>
        restore(open(reactor, { ...options, headers: { ...telemetry.headers, ...options.headers } }, codec)).pipe(
          Effect.tapErrorCause((cause) => Effect.sync(() => telemetry.unsafeFailed(cause))),
          Effect.tap(({ connection, conversation }) => {
            conversation.onEnded = telemetry.unsafeOpened(connection)
            return Effect.addFinalizer(() => Effect.tap(conversation.close(), () => telemetry.unsafeEnd()))
          }),
          Effect.map(({ conversation }) => conversation)
        )
      )
    )
  )

interface Opened<In, Out, Invalid> {
  readonly connection: Connection
  readonly conversation: TransportConversation<In, Out, Invalid>
}

const open = <In, Out, Invalid>(
  reactor: Reactor["Type"],
  options: Client.ConnectOptions,
  codec: Codec.Codec<In, Out, Invalid>
) =>
  Effect.async<Opened<In, Out, Invalid>, ConnectError>((resume) => {
    let opened: TransportConversation<In, Out, Invalid> | undefined
    const abort = Client.unsafeConnect(reactor, options, {
      onOpen: (connection, { protocol }) => {
        opened = new TransportConversation(connection, codec, protocol)
        resume(Effect.succeed({ connection, conversation: opened }))
        return opened
      },
      onFailure: (error) => resume(Effect.fail(error))
    })
    return Effect.suspend(() => {
      abort()
      return opened?.close() ?? Effect.void
    })
  })
