/**
 * An HTTP server for the WebSocket endpoints of the router, and for pages beside them. It owns its `http.Server`:
 * `@effect/platform`'s own upgrade costs several times the memory and time per connection (docs/decisions/0001).
 */

import type * as HttpApp from "@effect/platform/HttpApp"
import type { HttpServerRequest } from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import { Reactor } from "../Connection/Reactor.ts"
import { CloseCode } from "../Frames/CloseCode.ts"
import * as HttpListener from "../Http/HttpListener.ts"
import * as Upgrade from "../Http/Upgrade.ts"
import type { WebSocketRouter } from "../Http/WebSocketRouter.ts"

export interface ServerOptions<E = never, R = never>
  extends Partial<Upgrade.UpgradeOptions>,
    Partial<Omit<HttpListener.ListenOptions, "pendingLimit">>,
    Pick<HttpListener.Listeners, "onDropped"> {
  /** What answers the requests that ask for no WebSocket. */
  readonly pages?: HttpApp.Default<E, R>
  /** Connections that may be no WebSockets (yet): with more, the one that has waited longest is closed. */
  readonly maxPending?: number
  /** Connections of both kinds that there may be, as file descriptors allow. */
  readonly maxSockets?: number
  /** Milliseconds over which clients are sent away at the end, so that they do not all come back at once. */
  readonly drain?: number
  /** Called when the end begins. */
  readonly onStopping?: () => void
}

export class WebSocketServer extends Context.Tag("effect-c10k/WebSocket/WebSocketServer")<
  WebSocketServer,
  { readonly host: string; readonly port: number }
>() {
  /** Listens while the layer lives; then closes all connections with 1001. */
  static readonly layer = <E = never, R = never>(
    options: ServerOptions<E, R> = {}
  ): Layer.Layer<
    WebSocketServer,
    HttpListener.ListenError,
    Reactor | WebSocketRouter | Exclude<R, HttpServerRequest | Scope.Scope>
  > => Layer.scoped(WebSocketServer, make(options))
}

const noPages: HttpApp.Default = HttpServerResponse.text("Not Found", { status: 404 })

const make = Effect.fn("WebSocketServer.make")(function* <E, R>(options: ServerOptions<E, R>) {
  const { host = "localhost", port = 8000, pages = noPages, drain, onStopping, onDropped, ...rest } = options
  const { maxPending = 16_384, maxSockets = Infinity } = options
  const reactor = yield* Reactor
  const pendingLimit = () => Math.min(maxPending, maxSockets - reactor.connections.size)
  const { guard } = reactor.faults
  const clients = yield* reactor.makeGroup
  const upgrade = yield* Upgrade.makeListener({ ...Upgrade.defaults, ...rest }, clients)
  const request = yield* NodeHttpServer.makeHandler(pages)
  const listening = yield* HttpListener.listen(
    { ...HttpListener.defaults, ...rest, host, port, pendingLimit },
    { request, upgrade, onDropped: guard("onDropped failed", onDropped) }
  )
  yield* Effect.addFinalizer(() =>
    Effect.sync(guard("onStopping failed", onStopping)).pipe(
      Effect.zipRight(listening.stop),
      Effect.zipRight(clients.closeAll(CloseCode.GoingAway, "going away", drain))
    )
  )
  return WebSocketServer.of({ host, port: listening.port })
})
