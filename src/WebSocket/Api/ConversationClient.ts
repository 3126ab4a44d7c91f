/** Opens a WebSocket as a client and talks over it in conversation style. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { Reactor } from "../Connection/Reactor.ts"
import * as Codec from "../Conversation/Codec.ts"
import type { Conversation } from "../Conversation/Conversation.ts"
import { LineConversation } from "../Conversation/LineConversation.ts"
import type { Message } from "../Frames/Message.ts"
import * as Client from "../Http/Client.ts"
import type { ConnectError } from "../Http/ConnectError.ts"

/** Connects; the connection is closed with 1000 when the scope ends. */
export const connect = (
  options: Client.ConnectOptions
): Effect.Effect<Conversation, ConnectError, Reactor | Scope.Scope> =>
  Effect.flatMap(Reactor, (reactor) =>
    // Not `acquireRelease`: connecting may take long, and can be interrupted.
    Effect.uninterruptibleMask((restore) =>
      Effect.tap(restore(open(reactor, options)), (conversation) => Effect.addFinalizer(() => conversation.close()))
    )
  )

const open = (reactor: Reactor["Type"], options: Client.ConnectOptions) =>
  Effect.async<Conversation, ConnectError>((resume) => {
    let opened: LineConversation<Message, Message, never> | undefined
    const abort = Client.unsafeConnect(reactor, options, {
      onOpen: (connection, { protocol }) => {
        opened = new LineConversation(connection, Codec.raw, protocol)
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
