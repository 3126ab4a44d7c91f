/** Decides with an Effect whether requests are accepted. It runs as an HTTP app, whose response is the refusal. */
import type { IncomingMessage } from "node:http"
import type * as Headers from "@effect/platform/Headers"
import type * as HttpApp from "@effect/platform/HttpApp"
import * as HttpMiddleware from "@effect/platform/HttpMiddleware"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import type * as HttpServerRespondable from "@effect/platform/HttpServerRespondable"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as NodeHttpServerRequest from "@effect/platform-node/NodeHttpServerRequest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type * as Scope from "effect/Scope"
import type { Endpoint, PendingUpgrade, Refusal } from "../Http/Endpoint.ts"
import type { PathParams } from "./PathParams.ts"
import * as UpgradableRequest from "./UpgradableRequest.ts"

/** A request for a WebSocket that is not accepted yet. */
export interface AdmissionRequest<Path extends string = string> {
  /** Path and query. */
  readonly url: string
  /** The parameters of the path, decoded. */
  readonly params: PathParams<Path>
  /** The parameters of the query, decoded. */
  readonly query: URLSearchParams
  /** Values by name in lower case. */
  readonly headers: Headers.Headers
  /** The cookies of the request, by name. */
  readonly cookies: Readonly<Record<string, string>>
  /** The address of the peer, which may be a proxy: see `Guards.client`. */
  readonly remoteAddress: string | undefined
}

/** The requirements of the layer, without what each request provides for Effect's own helpers. */
export type Needs<R> = Exclude<
  Exclude<R, HttpServerRequest.ParsedSearchParams>,
  HttpServerRequest.HttpServerRequest | Scope.Scope
>

/**
 * Decides whether a request is accepted, and who the client is. It succeeds with the value of the handler's
 * `request.admitted`, or fails with the response that refuses, or with an error that has a response. A defect is logged
 * and answered with 500. It is interrupted when the client leaves, when the endpoint ends and when the server ends.
 */
export type AdmitFunction<Path extends string, A, R> = (
  request: AdmissionRequest<Path>
) => Effect.Effect<A, HttpServerRespondable.Respondable, R>

/** Wraps the HTTP app that decides about requests: what `HttpMiddleware.make` makes, as `HttpMiddleware.cors()`. */
export type Middleware = <E, R>(app: HttpApp.Default<E, R>) => HttpApp.Default<E, R>

/** Decides about requests until the scope ends. `endpointOf` makes the endpoint for an accepted client. */
export const make = <Path extends string, A, R>(
  path: Path,
  admit: AdmitFunction<Path, A, R>,
  endpointOf: (admitted: A) => Endpoint,
  middleware: Middleware = (app) => app
): Effect.Effect<(pending: PendingUpgrade) => void, never, Needs<R> | Scope.Scope> =>
  Effect.gen(function* () {
    const params = new WeakMap<IncomingMessage, PathParams<Path>>()
    const deciding = new Set<Fiber.RuntimeFiber<unknown, unknown>>()
    const app = Effect.flatMap(HttpServerRequest.HttpServerRequest, (request) => {
      const message = NodeHttpServerRequest.toIncomingMessage(request)
      const query = new URL(`http://localhost${request.url}`)
      const decided = Effect.suspend(() =>
        admit({
          url: request.url,
          params: params.get(message)!,
          query: query.searchParams,
          headers: request.headers,
          cookies: request.cookies,
          remoteAddress: message.socket.remoteAddress
        })
      ).pipe(
        Effect.provideService(HttpServerRequest.ParsedSearchParams, HttpServerRequest.searchParamsFromURL(query)),
        // HTTP apps run uninterruptible.
        Effect.interruptible,
        Effect.tapErrorCause((cause) => (Cause.isDie(cause) ? logged(path, message, cause) : Effect.void)),
        Effect.map((admitted) => answer(UpgradableRequest.accept(message, endpointOf(admitted))))
      )
      return Effect.withFiberRuntime<
        HttpServerResponse.HttpServerResponse,
        Effect.Effect.Error<typeof decided>,
        Effect.Effect.Context<typeof decided>
      >((fiber) => {
        deciding.add(fiber)
        return Effect.ensuring(
          decided,
          Effect.sync(() => deciding.delete(fiber))
        )
      })
    })
    // The span of the platform has the whole url, in which browsers send tokens.
    const handler = yield* Effect.locally(
      NodeHttpServer.makeHandler(middleware(app)),
      HttpMiddleware.currentTracerDisabledWhen,
      () => true
    )
    yield* Effect.addFinalizer(() => Effect.suspend(() => Fiber.interruptAll([...deciding])))
    return (pending) => {
      // The router captured what the path names.
      params.set(pending.message, pending.params as PathParams<Path>)
      UpgradableRequest.handle(pending, handler, "admission")
    }
  })

const logged = (path: string, { socket }: IncomingMessage, cause: Cause.Cause<unknown>) =>
  Effect.annotateLogs(Effect.logError("Admission failed", cause), {
    path,
    peer: `${socket.remoteAddress}:${socket.remotePort}`
  })

/** The response if the server refuses after all. An accepted request already has its answer. */
const answer = (refusal: Refusal | undefined): HttpServerResponse.HttpServerResponse =>
  refusal === undefined ? HttpServerResponse.empty() : HttpServerResponse.text(refusal.text, { status: refusal.status })
