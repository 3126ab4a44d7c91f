/** Endpoints in conversation style: a function of a connection, run in a fiber of its own. */
import type * as HttpRouter from "@effect/platform/HttpRouter"
import * as Socket from "@effect/platform/Socket"
import * as Cause from "effect/Cause"
import * as Chunk from "effect/Chunk"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import * as FiberRef from "effect/FiberRef"
import * as Layer from "effect/Layer"
import * as Runtime from "effect/Runtime"
import * as Scope from "effect/Scope"
import type { Connection } from "../Connection/Connection.ts"
import * as Codec from "../Conversation/Codec.ts"
import { ConnectionClosed } from "../Conversation/ConnectionClosed.ts"
import type { Conversation } from "../Conversation/Conversation.ts"
import { TransportConversation } from "../Conversation/TransportConversation.ts"
import { CloseCode } from "../Frames/CloseCode.ts"
import type { Message } from "../Frames/Message.ts"
import type { Endpoint, UpgradeRequest } from "../Http/Endpoint.ts"
import { WebSocketRouter } from "../Http/WebSocketRouter.ts"
import * as AdmissionRunner from "./AdmissionRunner.ts"
import { ConversationCounts, served } from "./ConversationCounts.ts"
import type { CodecOptions, ConversationOptions } from "./ConversationOptions.ts"
import * as ConversationTelemetry from "./ConversationTelemetry.ts"
import type { PathParams } from "./PathParams.ts"

/** The options of an endpoint that decides with `admit` which clients may connect. */
export interface AdmitOptions<Path extends string, A, RA> extends ConversationOptions {
  /** Decides about each request before it is accepted. Its result is the handler's `request.admitted`. */
  readonly admit?: AdmissionRunner.AdmitFunction<Path, A, RA>
  /** Applies to each request before `admit`, as the middleware of an HTTP app: it may refuse the request, or change it. */
  readonly middleware?: AdmissionRunner.Middleware
}

/** The request that opened a conversation, with the parameters of its path. */
export interface ConversationRequest<Path extends string, A = undefined> extends Omit<UpgradeRequest, "params"> {
  /** The parameters of the path, decoded. */
  readonly params: PathParams<Path>
  /** The result of `admit`; `undefined` without `admit`. */
  readonly admitted: A
}

type Handle<Path extends string, A, In, Out, Invalid, E, R> = (
  conversation: Conversation<In, Out, Invalid>,
  request: ConversationRequest<Path, A>
) => Effect.Effect<unknown, E | ConnectionClosed, R>

type RawHandle<Path extends string, A, E, R> = Handle<Path, A, Message, Message, never, E, R>

/** The requirements of the layer: those of the handlers and of `admit`, except for the services that each connection or request provides. */
type Needs<R, RA> = WebSocketRouter | Exclude<R, Scope.Scope> | AdmissionRunner.Needs<RA>

/** The layer that mounts an endpoint. */
type Mounted<R, RA = never> = Layer.Layer<never, never, Needs<R, RA>>

/** Without `admit`, every client is accepted that the server and the middleware accept. */
interface Everybody {
  readonly admit?: never
  readonly middleware?: AdmissionRunner.Middleware
}

/** `conversation` takes a path, options if any (a codec, `admit`, limits), and a handler. */
interface Mount {
  <Path extends HttpRouter.PathInput, E, R>(path: Path, handle: RawHandle<Path, undefined, E, R>): Mounted<R>
  <Path extends HttpRouter.PathInput, In, Out, Invalid, E, R>(
    path: Path,
    options: CodecOptions<In, Out, Invalid> & Everybody,
    handle: Handle<Path, undefined, In, Out, Invalid, E, R>
  ): Mounted<R>
  <Path extends HttpRouter.PathInput, In, Out, Invalid, E, R, A, RA>(
    path: Path,
    options: CodecOptions<In, Out, Invalid> & AdmitOptions<Path, A, RA>,
    handle: Handle<Path, A, In, Out, Invalid, E, R>
  ): Mounted<R, RA>
  <Path extends HttpRouter.PathInput, E, R>(
    path: Path,
    options: ConversationOptions & Everybody,
    handle: RawHandle<Path, undefined, E, R>
  ): Mounted<R>
  <Path extends HttpRouter.PathInput, E, R, A, RA>(
    path: Path,
    options: AdmitOptions<Path, A, RA>,
    handle: RawHandle<Path, A, E, R>
  ): Mounted<R, RA>
}

/**
 * Mounts a handler on a path while the layer lives. Each connection has a fiber and a scope, which end together.
 *
 * When the handler ends, the connection is closed with 1000, or with 1011 if the handler failed. When the client leaves
 * first, `receive` and `send` fail with `ConnectionClosed`, and `forEach` and `messages` end. A handler that does not
 * catch this failure just ends. When the server or the layer ends, the handler is interrupted. Its finalizers may still
 * send, and then the connection is closed with 1001.
 */
export const conversation: Mount = <Path extends HttpRouter.PathInput, A, In, Out, Invalid, E, R, RA>(
  path: Path,
  options:
    | (CodecOptions<In, Out, Invalid> & AdmitOptions<Path, A, RA>)
    | AdmitOptions<Path, A, RA>
    | RawHandle<Path, undefined, E, R>,
  handle?: Handle<Path, A, In, Out, Invalid, E, R> | RawHandle<Path, A, E, R>
): Mounted<R, RA> => {
  if (typeof options === "function") return Layer.scopedDiscard(mount(path, {}, Codec.raw, options))
  // By the overloads, the handler's messages are those of the codec.
  return Layer.scopedDiscard(
    "codec" in options
      ? mount(path, options, options.codec, handle as Handle<Path, A, In, Out, Invalid, E, R>)
      : mount(path, options, Codec.raw, handle as RawHandle<Path, A, E, R>)
  )
}

/** Milliseconds for handlers to end, with their finalizers. One that never ends must not stop the shutdown. */
const MAX_ENDING = 15_000

interface RunningHandler {
  readonly connection: Connection
  readonly fiber: Fiber.RuntimeFiber<void>
}

/** Mounts a handler until the scope ends, as `conversation` does while its layer lives. */
export const mount = Effect.fnUntraced(function* <
  Path extends HttpRouter.PathInput,
  A,
  In,
  Out,
  Invalid,
  E,
  R,
  RA = never
>(
  path: Path,
  { admit, middleware, ...options }: AdmitOptions<Path, A, RA>,
  codec: Codec.Codec<In, Out, Invalid>,
  handle: Handle<Path, A, In, Out, Invalid, E, R>
) {
  const router = yield* WebSocketRouter
  const runtime = ConversationTelemetry.withIdentities(yield* Effect.runtime<Exclude<R, Scope.Scope>>())
  const fork = Runtime.runFork(runtime)
  const isTraced = yield* ConversationTelemetry.isTraced
  const handlers = new Set<RunningHandler>()
  const counts = new ConversationCounts(served, path)
  // Added before the path is mounted, so it runs after the path is gone, and no new connection comes.
  yield* Effect.addFinalizer(() =>
    Effect.suspend(() => {
      const leaving = [...handlers]
      for (const { connection, fiber } of leaving) {
        if (connection.isOpen) connection.leave(CloseCode.GoingAway, "going away")
        // The client has left while the handler still runs, so no close frame is sent.
        else fiber.unsafeInterruptAsFork(FiberId.none)
      }
      return Fiber.awaitAll(leaving.map(({ fiber }) => fiber)).pipe(
        Effect.interruptible,
        Effect.timeoutTo({ duration: MAX_ENDING, onSuccess: () => 0, onTimeout: () => handlers.size }),
        Effect.flatMap((stuck) =>
          stuck === 0
            ? Effect.void
            : Effect.annotateLogs(Effect.logWarning("Handlers have not ended in time, and are left"), { path, stuck })
        )
      )
    })
  )
  const open =
    (admitted: A): Endpoint["open"] =>
    (connection, request) => {
      const conversation = new TransportConversation(connection, codec, request.protocol)
      // The router captured what the path names.
      const params = request.params as PathParams<Path>
      const { protocol, remoteAddress, url } = request
      const asked: ConversationRequest<Path, A> = {
        url,
        remoteAddress,
        protocol,
        params,
        admitted,
        get headers() {
          return request.headers
        }
      }
      const program = Effect.suspend(() => handle(conversation, asked))
      counts.unsafeOpened()
      conversation.onEnded = counts.unsafeClosed
      const fiber = fork(
        runScoped(
          conversation,
          { shared: runtime.context, own: ConversationTelemetry.identity(connection) },
          isTraced ? ConversationTelemetry.traced(program, path, connection, request) : program
        ),
        { scheduler: connection.scheduler }
      )
      conversation.owner = fiber
      const running = { connection, fiber }
      handlers.add(running)
      fiber.addObserver(() => handlers.delete(running))
      return conversation
    }
  const endpointOf = (admitted: A): Endpoint => ({ ...options, open: open(admitted) })
  // Without `admit`, `admitted` is undefined.
  const everybody = undefined as A
  const endpoint = endpointOf(everybody)
  if (admit === undefined && middleware === undefined) return yield* router.mount(path, endpoint)
  const admitting: AdmissionRunner.AdmitFunction<Path, A, RA> = admit ?? (() => Effect.succeed(everybody))
  const decide = yield* AdmissionRunner.make(path, admitting, endpointOf, middleware)
  yield* router.mount(path, { ...endpoint, decide })
})

/**
 * Runs a handler in a scope of its own, and closes its connection when both have ended. The fiber belongs to the
 * handler alone, so its context is set and never restored: `Effect.scoped` and `Effect.provide` would keep 8 KB for as
 * long as the handler runs.
 */
const runScoped = <E, R>(
  conversation: Ended,
  context: {
    readonly shared: Context.Context<Exclude<R, Scope.Scope>>
    readonly own: Context.Context<never>
  },
  program: Effect.Effect<unknown, E, R>
): Effect.Effect<void> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.flatMap(Scope.make(), (scope) => {
      // The context that is set below has all that the handler requires.
      const provided = restore(program) as Effect.Effect<unknown, E>
      const whole = Context.merge(context.shared, Context.add(context.own, Scope.Scope, scope))
      return FiberRef.set(FiberRef.currentContext, whole).pipe(
        Effect.zipRight(Effect.exit(provided)),
        Effect.flatMap((exit) =>
          Effect.map(Effect.exit(Scope.close(scope, exit)), (closed) => Exit.zipLeft(exit, closed))
        ),
        Effect.flatMap((exit) => (Exit.isSuccess(exit) ? conversation.close() : ended(conversation, exit.cause)))
      )
    })
  )

type Ended = Pick<TransportConversation<never, never, never>, "close" | "isOpen">

const ended = (conversation: Ended, cause: Cause.Cause<unknown>): Effect.Effect<void> => {
  if (Cause.isInterruptedOnly(cause)) return conversation.close(CloseCode.GoingAway, "going away")
  // The client left and the handler did not catch that failure, which is not an error.
  if (!conversation.isOpen && isOnlyClosed(cause)) return Effect.void
  return Effect.zipRight(
    Effect.logError("A conversation failed", cause),
    conversation.close(CloseCode.InternalError, "internal error")
  )
}

const isOnlyClosed = (cause: Cause.Cause<unknown>): boolean =>
  Chunk.isEmpty(Cause.defects(cause)) &&
  Chunk.every(
    Cause.failures(cause),
    (failure) => failure instanceof ConnectionClosed || Socket.SocketCloseError.is(failure)
  )
