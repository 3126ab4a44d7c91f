/**
 * `HttpServer` of `@effect/platform` on this core. What is written for it (routers, `HttpApi`, middleware, RPC) runs
 * unchanged, beside the endpoints of the `WebSocketRouter`.
 */
import * as HttpServer from "@effect/platform/HttpServer"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Reactor } from "../Connection/Reactor.ts"
import type { ReactorOptions } from "../Connection/ReactorOptions.ts"
import type { ListenError } from "../Http/HttpListener.ts"
import { WebSocketRouter } from "../Http/WebSocketRouter.ts"
import { type Listener, type ListeningOptions, listen, type NodeHandler } from "./Listening.ts"
import * as UpgradableRequest from "./UpgradableRequest.ts"
import { WebSocketServer } from "./WebSocketServer.ts"

/** The app that was served last answers. While no app is served, requests are answered with 503. */
const notServing: NodeHandler = (_request, response) => {
  response.writeHead(503, { "Retry-After": "1" }).end("the server is starting or ending\n")
}

const make = Effect.fn("EffectHttpServer.make")(function* (options: ListeningOptions, listener?: Listener) {
  const apps: Array<NodeHandler> = []
  const { host, port } = yield* listen(options, () => apps.at(-1) ?? notServing, listener)
  const server = HttpServer.make({
    address: { _tag: "TcpAddress", hostname: host, port },
    serve: (httpApp, middleware) =>
      Effect.gen(function* () {
        const app = UpgradableRequest.upgradable(httpApp)
        const handler = yield* middleware === undefined
          ? NodeHttpServer.makeHandler(app)
          : NodeHttpServer.makeHandler(app, middleware)
        apps.push(handler)
        yield* Effect.addFinalizer(() => Effect.sync(() => apps.splice(apps.indexOf(handler), 1)))
      })
  })
  return Context.make(HttpServer.HttpServer, server).pipe(
    Context.add(WebSocketServer, WebSocketServer.of({ host, port }))
  )
})

/** As `layerServer`, over another listener than the network's. */
export const layerOver = (
  options: ListeningOptions,
  listener: Listener
): Layer.Layer<HttpServer.HttpServer | WebSocketServer, ListenError, Reactor | WebSocketRouter> =>
  Layer.scopedContext(make(options, listener))

/** Listens while the layer lives, then closes all connections with 1001. Fails with `ListenError`. */
export const layerServer = (
  options: ListeningOptions = {}
): Layer.Layer<HttpServer.HttpServer | WebSocketServer, ListenError, Reactor | WebSocketRouter> =>
  Layer.scopedContext(make(options))

/** The platform services of HTTP apps: file system, paths, etags, subprocesses. */
export const platform = NodeHttpServer.layerContext

/** Replaces `NodeHttpServer.layer`: the server, the router for endpoints, the reactor, the platform services. */
export const layer = (options: ListeningOptions & Partial<ReactorOptions> = {}) =>
  Layer.provideMerge(layerServer(options), Layer.mergeAll(Reactor.layer(options), WebSocketRouter.layer)).pipe(
    Layer.merge(platform)
  )
