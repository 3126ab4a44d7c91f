/**
 * An HTTP server for the WebSocket endpoints of the router, and for pages beside them. It has its own `http.Server`,
 * because the upgrade of `@effect/platform` costs several times as much memory and time per connection
 * (docs/decisions/0001).
 */

import type * as HttpApp from "@effect/platform/HttpApp"
import * as Request from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import type { Reactor } from "../Connection/Reactor.ts"
import type { ListenError } from "../Http/HttpListener.ts"
import type { WebSocketRouter } from "../Http/WebSocketRouter.ts"
import { type ListeningOptions, listen } from "./Listening.ts"
import * as UpgradableRequest from "./UpgradableRequest.ts"

/** The options of `WebSocketServer.layer`. */
export interface ServerOptions<E = never, R = never> extends ListeningOptions {
  /**
   * The app that answers requests for which there is no endpoint. Answers 404 unless given. `HttpServerRequest.upgrade`
   * works in it. If it dies, the cause is logged and the answer is 500.
   */
  readonly pages?: HttpApp.Default<E, R>
}

/** A server that listens: its host, and the port that it got if port 0 was asked for. */
export class WebSocketServer extends Context.Tag("effect-c10k/WebSocket/WebSocketServer")<
  WebSocketServer,
  { readonly host: string; readonly port: number }
>() {
  /** Listens while the layer lives, then closes all connections with 1001. Fails with `ListenError`. */
  static readonly layer = <E = never, R = never>(
    options: ServerOptions<E, R> = {}
  ): Layer.Layer<
    WebSocketServer,
    ListenError,
    Reactor | WebSocketRouter | Exclude<R, Request.HttpServerRequest | Scope.Scope>
  > => Layer.scoped(WebSocketServer, make(options))
}

const noPages: HttpApp.Default = HttpServerResponse.text("Not Found", { status: 404 })

/** The platform answers a request whose app dies with 500, and logs nothing. */
const logDefects = <E, R>(app: HttpApp.Default<E, R>): HttpApp.Default<E, R> =>
  Effect.tapErrorCause(app, (cause) =>
    Cause.isDie(cause)
      ? Effect.flatMap(Request.HttpServerRequest, ({ method, url }) =>
          // A query may have secrets.
          Effect.annotateLogs(Effect.logError("A page failed", cause), { method, path: url.split("?", 1)[0] })
        )
      : Effect.void
  )

const make = Effect.fn("WebSocketServer.make")(function* <E, R>({ pages = noPages, ...options }: ServerOptions<E, R>) {
  const app = yield* NodeHttpServer.makeHandler(UpgradableRequest.upgradable(logDefects(pages)))
  const { host, port } = yield* listen(options, () => app)
  return WebSocketServer.of({ host, port })
})
