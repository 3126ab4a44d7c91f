/** Requests of an app that become WebSockets: `HttpServerRequest.upgrade` a `Socket`, `upgrade` a conversation. */
import { type IncomingMessage, ServerResponse, STATUS_CODES } from "node:http"
import * as Headers from "@effect/platform/Headers"
import type * as HttpApp from "@effect/platform/HttpApp"
import * as HttpRouter from "@effect/platform/HttpRouter"
import * as HttpServerError from "@effect/platform/HttpServerError"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as Socket from "@effect/platform/Socket"
import * as NodeHttpServerRequest from "@effect/platform-node/NodeHttpServerRequest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FiberRef from "effect/FiberRef"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import type { Connection } from "../Connection/Connection.ts"
import * as Codec from "../Conversation/Codec.ts"
import type { Conversation } from "../Conversation/Conversation.ts"
import { TransportConversation } from "../Conversation/TransportConversation.ts"
import { CloseCode } from "../Frames/CloseCode.ts"
import type { Message } from "../Frames/Message.ts"
import type { Endpoint, PendingUpgrade, Refusal } from "../Http/Endpoint.ts"
import * as ConversationCounts from "./ConversationCounts.ts"
import type { CodecOptions, ConversationOptions } from "./ConversationOptions.ts"
import * as ConversationSocket from "./ConversationSocket.ts"
import * as ConversationTelemetry from "./ConversationTelemetry.ts"

interface Upgradable {
  readonly upgrade: PendingUpgrade
  readonly response: ServerResponse
}

/** The requests that have not been answered yet. */
const upgradables = new WeakMap<IncomingMessage, Upgradable>()

/** Passes a request to an app, which may upgrade it, or answer it: `cause` names that in logs and metrics. */
export const handle = (
  upgrade: PendingUpgrade,
  handler: (request: IncomingMessage, response: ServerResponse) => void,
  cause = "path"
): void => {
  const { message, socket } = upgrade
  const response = new ServerResponse(message)
  response.shouldKeepAlive = false
  response.assignSocket(socket)
  response.once("finish", () => {
    // The app answered with a page, so the request can't become a WebSocket any more.
    if (!upgradables.delete(message)) return
    upgrade.onRefused({ cause, status: response.statusCode, text: "" })
    socket.end(() => socket.destroy())
  })
  upgradables.set(message, { upgrade, response })
  handler(message, response)
}

/** The same app, with requests on which `upgrade` works. */
export const upgradable = <E, R>(app: HttpApp.Default<E, R>): HttpApp.Default<E, R> =>
  Effect.updateService(app, HttpServerRequest.HttpServerRequest, (request) =>
    upgradables.has(NodeHttpServerRequest.toIncomingMessage(request)) ? withSocket(request) : request
  )

/** The request, and each one that middleware derives from it, with an `upgrade` to a `Socket`. */
const withSocket = (request: HttpServerRequest.HttpServerRequest): HttpServerRequest.HttpServerRequest => {
  const opened = Effect.mapError(
    open(request, Codec.raw, {}),
    (cause) => new Socket.SocketGenericError({ reason: "Open", cause })
  )
  const upgrade = Effect.suspend(() => {
    const known = upgradables.get(NodeHttpServerRequest.toIncomingMessage(request))
    return known === undefined ? Effect.fail(notUpgradable(request)) : ConversationSocket.lazy(opened)
  })
  return Object.create(request, {
    upgrade: { value: upgrade },
    modify: {
      value: (options: Parameters<HttpServerRequest.HttpServerRequest["modify"]>[0]) =>
        withSocket(request.modify(options))
    }
  })
}

const notUpgradable = (request: HttpServerRequest.HttpServerRequest, description?: string) =>
  new HttpServerError.RequestError({
    request,
    reason: "Decode",
    description: description ?? "this request does not ask for a WebSocket, or has been answered already"
  })

const refused = (request: HttpServerRequest.HttpServerRequest, { status, text }: Refusal) =>
  notUpgradable(request, `${status} ${STATUS_CODES[status] ?? ""}: ${text.trim()}`)

/**
 * Accepts the WebSocket that a request asks for: the answer 101 is sent, and the app's own response is ignored. The
 * conversation ends with the request's scope. It is closed with 1000, with 1001 if the request was interrupted (as when
 * the server ends), or with 1011 if it failed. Fails with `RequestError`, and sends nothing, if the request does not
 * ask for a WebSocket or the server refuses it.
 */
export function upgrade<In, Out, Invalid>(options: CodecOptions<In, Out, Invalid>): Upgrade<In, Out, Invalid>
export function upgrade(options?: ConversationOptions): Upgrade<Message, Message, never>
export function upgrade<In, Out, Invalid>(
  options: CodecOptions<In, Out, Invalid> | ConversationOptions = {}
): Upgrade<In, Out, Invalid> | Upgrade<Message, Message, never> {
  return "codec" in options ? opening(options, options.codec) : opening(options, Codec.raw)
}

type Upgrade<In, Out, Invalid> = Effect.Effect<
  Conversation<In, Out, Invalid>,
  HttpServerError.RequestError,
  HttpServerRequest.HttpServerRequest | Scope.Scope
>

const opening = <In, Out, Invalid>(options: ConversationOptions, codec: Codec.Codec<In, Out, Invalid>) =>
  Effect.flatMap(HttpServerRequest.HttpServerRequest, (request) => open(request, codec, options))

const open = <In, Out, Invalid>(
  request: HttpServerRequest.HttpServerRequest,
  codec: Codec.Codec<In, Out, Invalid>,
  options: ConversationOptions
): Effect.Effect<Conversation<In, Out, Invalid>, HttpServerError.RequestError, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.withFiberRuntime<TransportConversation<In, Out, Invalid>, HttpServerError.RequestError, Scope.Scope>(
      (fiber) => {
        const message = NodeHttpServerRequest.toIncomingMessage(request)
        if (!upgradables.has(message)) return Effect.fail(notUpgradable(request))
        let opened: Effect.Effect<TransportConversation<In, Out, Invalid>, never, Scope.Scope> | undefined
        const endpoint: Endpoint = {
          ...options,
          open: (connection, { protocol }) => {
            const conversation = new TransportConversation(connection, codec, protocol)
            conversation.owner = fiber
            opened = Effect.as(begin(connection, message, conversation), conversation)
            return conversation
          }
        }
        const refusal = accept(message, endpoint)
        return refusal === undefined ? opened! : Effect.fail(refused(request, refusal))
      }
    ),
    (conversation, exit) => {
      if (Exit.isSuccess(exit)) return conversation.close()
      return Exit.isInterrupted(exit)
        ? conversation.close(CloseCode.GoingAway, "going away")
        : conversation.close(CloseCode.InternalError, "internal error")
    }
  )

const countsOf = ConversationCounts.byLabel(ConversationCounts.served)

/** Makes the request's fiber the fiber of a conversation: its scheduler, counts and telemetry. */
const begin = (
  connection: Connection,
  { headers, url = "" }: IncomingMessage,
  conversation: Pick<TransportConversation<never, never, never>, "onEnded">
) =>
  Effect.gen(function* () {
    yield* FiberRef.set(FiberRef.currentScheduler, connection.scheduler)
    const route = Option.getOrUndefined(yield* Effect.serviceOption(HttpRouter.RouteContext))
    const path = route?.route.path
    const counts = countsOf(path ?? "")
    counts.unsafeOpened()
    conversation.onEnded = counts.unsafeClosed
    yield* ConversationTelemetry.observe(path, connection, { headers: Headers.fromInput(headers), url })
  })

/** Opens the connection of a request of `handle`, and ends its response. Returns the refusal if it is refused. */
export const accept = (message: IncomingMessage, endpoint: Endpoint): Refusal | undefined => {
  const known = upgradables.get(message)
  return known?.upgrade.accept(endpoint, () => {
    upgradables.delete(message)
    known.response.detachSocket(known.upgrade.socket)
    known.response.end()
  })
}
