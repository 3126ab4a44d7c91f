/** Endpoints in conversation style: a function of a connection, run in a fiber of its own. */
import type * as HttpRouter from "@effect/platform/HttpRouter"
import * as Socket from "@effect/platform/Socket"
import * as Cause from "effect/Cause"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Runtime from "effect/Runtime"
import type * as Scope from "effect/Scope"
import type { Connection } from "../Connection/Connection.ts"
import * as Codec from "../Conversation/Codec.ts"
import { ConnectionClosed } from "../Conversation/ConnectionClosed.ts"
import type { Conversation } from "../Conversation/Conversation.ts"
import { LineConversation } from "../Conversation/LineConversation.ts"
import { CloseCode } from "../Frames/CloseCode.ts"
import type { Message } from "../Frames/Message.ts"
import { type Endpoint, type UpgradeRequest, WebSocketRouter } from "../Http/WebSocketRouter.ts"
import type { PathParams } from "./PathParams.ts"

/** Of the connections of an endpoint. */
export interface ConversationOptions extends Omit<Endpoint, "open"> {}

/** The same, with what their messages mean; without it they are strings and bytes. */
export interface CodecOptions<In, Out, Invalid> extends ConversationOptions {
  readonly codec: Codec.Codec<In, Out, Invalid>
}

/** The request that opened a conversation, with what its path captured. */
export interface ConversationRequest<Path extends string> extends Omit<UpgradeRequest, "params"> {
  readonly params: PathParams<Path>
}

type Handle<Path extends string, In, Out, Invalid, E, R> = (
  conversation: Conversation<In, Out, Invalid>,
  request: ConversationRequest<Path>
) => Effect.Effect<unknown, E | ConnectionClosed, R>

type RawHandle<Path extends string, E, R> = Handle<Path, Message, Message, never, E, R>

/** An endpoint while it lives; requires what its handlers do, but for the scope that each has of its own. */
type Mounted<R> = Layer.Layer<never, never, WebSocketRouter | Exclude<R, Scope.Scope>>

/** A handler, and what goes before it: nothing, options, or options with a codec. */
interface Mount {
  <Path extends HttpRouter.PathInput, E, R>(path: Path, handle: RawHandle<Path, E, R>): Mounted<R>
  <Path extends HttpRouter.PathInput, In, Out, Invalid, E, R>(
    path: Path,
    options: CodecOptions<In, Out, Invalid>,
    handle: Handle<Path, In, Out, Invalid, E, R>
  ): Mounted<R>
  <Path extends HttpRouter.PathInput, E, R>(
    path: Path,
    options: ConversationOptions,
    handle: RawHandle<Path, E, R>
  ): Mounted<R>
}

/**
 * Mounts a handler while the layer lives. Each connection has a fiber and a scope, which end together. When the handler
 * ends the connection closes: with 1000, or with 1011 if it failed. When the client leaves first, `receive` and `send` fail
 * and `forEach` and `messages` end; a handler that lets that failure pass just ends. When the server or the layer ends the
 * handler is interrupted: its finalizers may still send, and then the connection is closed with 1001.
 */
export const conversation: Mount = <Path extends HttpRouter.PathInput, In, Out, Invalid, E, R>(
  path: Path,
  options: CodecOptions<In, Out, Invalid> | ConversationOptions | RawHandle<Path, E, R>,
  handle?: Handle<Path, In, Out, Invalid, E, R> | RawHandle<Path, E, R>
): Mounted<R> => {
  if (typeof options === "function") return mounted(path, {}, Codec.raw, options)
  // As the overloads have it, a handler goes with its codec.
  return "codec" in options
    ? mounted(path, options, options.codec, handle as Handle<Path, In, Out, Invalid, E, R>)
    : mounted(path, options, Codec.raw, handle as RawHandle<Path, E, R>)
}

interface Story {
  readonly connection: Connection
  readonly fiber: Fiber.RuntimeFiber<void>
}

/** Mounts a handler of messages as they are until the scope ends, as `conversation` does while its layer lives. */
export const mount = <E, R>(
  path: HttpRouter.PathInput,
  options: ConversationOptions,
  handle: RawHandle<string, E, R>
): Effect.Effect<void, never, WebSocketRouter | Exclude<R, Scope.Scope> | Scope.Scope> =>
  mountWith(path, options, Codec.raw, handle)

const mounted = <Path extends HttpRouter.PathInput, In, Out, Invalid, E, R>(
  path: Path,
  options: ConversationOptions,
  codec: Codec.Codec<In, Out, Invalid>,
  handle: Handle<Path, In, Out, Invalid, E, R>
): Mounted<R> => Layer.scopedDiscard(mountWith(path, options, codec, handle))

const mountWith = Effect.fnUntraced(function* <Path extends string, In, Out, Invalid, E, R>(
  path: Path & HttpRouter.PathInput,
  options: ConversationOptions,
  codec: Codec.Codec<In, Out, Invalid>,
  handle: Handle<Path, In, Out, Invalid, E, R>
) {
  const router = yield* WebSocketRouter
  const fork = Runtime.runFork(yield* Effect.runtime<Exclude<R, Scope.Scope>>())
  const stories = new Set<Story>()
  // Before the path is mounted: it is gone when those that are there leave.
  yield* Effect.addFinalizer(() =>
    Effect.suspend(() => {
      const leaving = [...stories]
      for (const { connection } of leaving) connection.leave(CloseCode.GoingAway, "going away")
      return Fiber.awaitAll(leaving.map(({ fiber }) => fiber))
    })
  )
  yield* router.mount(path, {
    ...options,
    open: (connection, request) => {
      const talk = new LineConversation(connection, codec, request.protocol)
      // The router captured what the path names.
      const params = request.params as PathParams<Path>
      const story = Effect.suspend(() => handle(talk, { ...request, params }))
      const fiber = fork(tell(talk, connection, story))
      talk.owner = fiber
      const running = { connection, fiber }
      stories.add(running)
      fiber.addObserver(() => stories.delete(running))
      return talk
    }
  })
})

/** Runs a handler in a scope of its own, and closes its connection when both have ended. */
const tell = <E, R>(
  talk: Ended,
  connection: Connection,
  story: Effect.Effect<unknown, E, R>
): Effect.Effect<void, never, Exclude<R, Scope.Scope>> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.flatMap(Effect.exit(restore(Effect.scoped(story))), (exit) =>
      Exit.isSuccess(exit) ? talk.close() : ended(talk, connection, exit.cause)
    )
  )

type Ended = Pick<LineConversation<never, never, never>, "close" | "isOpen">

const ended = (talk: Ended, connection: Connection, cause: Cause.Cause<unknown>): Effect.Effect<void> => {
  if (Cause.isInterruptedOnly(cause)) return talk.close(CloseCode.GoingAway, "going away")
  // The client left in the middle, and the handler let that pass: nothing went wrong here.
  if (!talk.isOpen && isOnlyClosed(cause)) return Effect.void
  return Effect.zipRight(
    Effect.annotateLogs(Effect.logError("A conversation failed", cause), connection.annotations),
    talk.close(CloseCode.InternalError, "internal error")
  )
}

const isOnlyClosed = (cause: Cause.Cause<unknown>): boolean =>
  Chunk.isEmpty(Cause.defects(cause)) &&
  Chunk.every(
    Cause.failures(cause),
    (failure) => failure instanceof ConnectionClosed || Socket.SocketCloseError.is(failure)
  )
