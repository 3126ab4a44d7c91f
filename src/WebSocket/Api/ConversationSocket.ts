/**
 * A conversation as a `Socket` of `@effect/platform`. Code that is written for Effect's sockets (channels, Ndjson,
 * MsgPack, RPC) runs over it, on a server and on a client.
 *
 * It differs from Effect's own sockets in two ways. Messages are handled one after the other, and the peer is read no
 * faster than that. A write waits while the peer does not read. As in Effect's own sockets, a write to a connection
 * that has ended is dropped, because RPC takes a failed write for a defect; `run` reports that the connection ended,
 * and how.
 */
import * as Socket from "@effect/platform/Socket"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Conversation } from "../Conversation/Conversation.ts"
import type { Close } from "../Frames/CloseCode.ts"

/** The options of a `Socket` over a conversation. */
export interface SocketOptions {
  /** Whether `run` fails if the connection ended with this code: unless given, for all but 1000 and 1006. */
  readonly closeCodeIsError?: (code: number) => boolean
}

const encoder = new TextEncoder()

/** A socket over one connection. Once that has ended, `run` ends at once. */
export const make = (conversation: Conversation, options?: SocketOptions): Socket.Socket =>
  of(receive(conversation, options), write(conversation))

/** A socket that has a connection for each `run`, which closes at its end. A write waits until one is open. */
export const lazy = <R>(
  open: Effect.Effect<Conversation, Socket.SocketError, R | Scope.Scope>,
  socketOptions?: SocketOptions
): Effect.Effect<Socket.Socket, never, R> =>
  Effect.map(Effect.context<R>(), (context) => {
    const isOpen = Effect.unsafeMakeLatch(false)
    let current: Conversation | undefined
    const opened = open.pipe(
      Effect.mapInputContext((scope: Context.Context<Scope.Scope>) => Context.merge(context, scope)),
      Effect.tap((conversation) => {
        current = conversation
        return isOpen.open
      })
    )
    const closed = Effect.sync(() => {
      isOpen.unsafeClose()
      current = undefined
    })
    const runRaw: Socket.Socket["runRaw"] = (handler, options) =>
      Effect.flatMap(opened, (conversation) => receive(conversation, socketOptions)(handler, options)).pipe(
        Effect.ensuring(closed),
        Effect.scoped,
        // The caller may be uninterruptible, as HTTP apps are, but waiting for a peer must be interruptible.
        Effect.interruptible
      )
    // The connection may be gone again when a fiber that waited for it continues: then it waits for the next one.
    const writeWhenOpen = (chunk: Uint8Array | string | Socket.CloseEvent): Effect.Effect<void> =>
      Effect.suspend(() =>
        current === undefined ? Effect.zipRight(isOpen.await, writeWhenOpen(chunk)) : write(current)(chunk)
      )
    return of(runRaw, writeWhenOpen)
  })

const of = (
  runRaw: Socket.Socket["runRaw"],
  write: (chunk: Uint8Array | string | Socket.CloseEvent) => Effect.Effect<void, Socket.SocketError>
): Socket.Socket =>
  Socket.Socket.of({
    [Socket.TypeId]: Socket.TypeId,
    run: (handler, options) =>
      runRaw((message) => handler(typeof message === "string" ? encoder.encode(message) : message), options),
    runRaw,
    writer: Effect.succeed(write)
  })

/** Passes the messages to a handler until the end. Fails with `SocketCloseError` if its code is an error. */
const receive =
  (
    conversation: Conversation,
    { closeCodeIsError = Socket.defaultCloseCodeIsError }: SocketOptions = {}
  ): Socket.Socket["runRaw"] =>
  (handler, options) => {
    const received = Effect.flatMap(
      conversation.forEach((message) => {
        const handling = handler(message)
        return Effect.isEffect(handling) ? handling : Effect.void
      }),
      ({ code, reason }: Close) =>
        closeCodeIsError(code)
          ? Effect.fail(new Socket.SocketCloseError({ reason: "Close", code, closeReason: reason }))
          : Effect.void
    )
    return options?.onOpen === undefined ? received : Effect.zipRight(options.onOpen, received)
  }

const write =
  (conversation: Conversation) =>
  (chunk: Uint8Array | string | Socket.CloseEvent): Effect.Effect<void> =>
    Socket.isCloseEvent(chunk) ? conversation.close(chunk.code, chunk.reason) : Effect.ignore(conversation.send(chunk))
