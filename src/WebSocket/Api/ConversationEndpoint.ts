/** Endpoints in conversation style: a function of a connection, run in a fiber of its own. */
import type * as HttpRouter from "@effect/platform/HttpRouter"
import * as Cause from "effect/Cause"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as FiberSet from "effect/FiberSet"
import * as Layer from "effect/Layer"
import * as Runtime from "effect/Runtime"
import { CloseCode } from "../Frames/CloseCode.ts"
import { type Endpoint, type UpgradeRequest, WebSocketRouter } from "../Http/WebSocketRouter.ts"
import { ConnectionClosed, Conversation } from "./Conversation.ts"

/**
 * Mounts a handler. When it ends the connection closes: with 1000, or with 1011 if it failed. When the client leaves
 * first, `receive` and `send` fail and `messages` ends; a handler that lets that failure pass just ends.
 */
export const conversation = <E, R>(
  path: HttpRouter.PathInput,
  handle: (conversation: Conversation, request: UpgradeRequest) => Effect.Effect<unknown, E | ConnectionClosed, R>,
  options?: Omit<Endpoint, "open">
): Layer.Layer<never, never, WebSocketRouter | R> =>
  Layer.scopedDiscard(
    Effect.gen(function* () {
      const router = yield* WebSocketRouter
      const fibers = yield* FiberSet.make()
      const fork = Runtime.runFork(yield* Effect.runtime<R>())
      yield* router.mount(path, {
        ...options,
        open: (connection, request) => {
          const talk = new Conversation(connection, request.protocol)
          const story = Effect.suspend(() => handle(talk, request))
          FiberSet.unsafeAdd(
            fibers,
            fork(Effect.matchCauseEffect(story, { onSuccess: () => talk.close(), onFailure: ended(talk) }))
          )
          return talk
        }
      })
    })
  )

const ended =
  (talk: Conversation) =>
  (cause: Cause.Cause<unknown>): Effect.Effect<void> => {
    if (Cause.isInterruptedOnly(cause)) return talk.close(CloseCode.GoingAway, "going away")
    // The client left in the middle, and the handler let that pass: nothing went wrong here.
    if (!talk.connection.isOpen && isOnlyClosed(cause)) return Effect.void
    return Effect.zipRight(
      Effect.annotateLogs(Effect.logError("A conversation failed", cause), talk.connection.annotations),
      talk.close(CloseCode.InternalError, "internal error")
    )
  }

const isOnlyClosed = (cause: Cause.Cause<unknown>): boolean =>
  Chunk.isEmpty(Cause.defects(cause)) &&
  Chunk.every(Cause.failures(cause), (failure) => failure instanceof ConnectionClosed)
