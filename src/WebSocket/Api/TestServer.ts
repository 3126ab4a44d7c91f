/**
 * For tests of endpoints and clients without sockets: a server, its router and a `Connector` to it, in memory.
 * Handshakes, frames and closing are the real ones. Its timeouts (heartbeat, closing, unread and unfinished messages)
 * use Effect's clock, so a `TestClock` controls them.
 */
import { Agent } from "node:http"
import { Agent as HttpsAgent } from "node:https"
import type { Socket } from "node:net"
import type { HttpClient } from "@effect/platform/HttpClient"
import type * as HttpServer from "@effect/platform/HttpServer"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { Connector } from "../Client/Connector.ts"
import { Reactor } from "../Connection/Reactor.ts"
import type { ReactorOptions } from "../Connection/ReactorOptions.ts"
import type { ConnectOptions } from "../Http/Client.ts"
import { MemoryNetwork } from "../Http/MemoryListener.ts"
import { WebSocketRouter } from "../Http/WebSocketRouter.ts"
import * as EffectHttpServer from "./EffectHttpServer.ts"
import type { ListeningOptions } from "./Listening.ts"
import * as NodeConnector from "./NodeConnector.ts"
import type { WebSocketServer } from "./WebSocketServer.ts"

/** The options of `layer`: those of a server and of a reactor. */
export interface TestOptions extends Omit<ListeningOptions, "host" | "port" | "certificate">, Partial<ReactorOptions> {
  /** Options of all clients: headers such as a cookie, compression, ... */
  readonly client?: Omit<ConnectOptions, "url">
}

const make = Effect.fnUntraced(function* ({ client, ...options }: TestOptions) {
  const reactor = yield* Reactor
  const network = new MemoryNetwork()
  const clients = yield* reactor.makeGroup
  const server = yield* Layer.build(Layer.orDie(EffectHttpServer.layerOver(options, network.listen)))
  // Clients and server close at the same time, and neither waits for the other: a `TestClock` would never end such a
  // wait.
  yield* Effect.addFinalizer(() => Effect.forkDaemon(clients.closeAll()))
  const ofClients = Reactor.of({ ...reactor, unsafeAttach: (...args) => clients.unsafeAttach(...args) })
  const connector = yield* Effect.provideService(
    Layer.build(NodeConnector.layer({ ...client, stream: network.connect })),
    Reactor,
    ofClients
  )
  const agent = new MemoryAgent(network)
  yield* Effect.addFinalizer(() => Effect.sync(() => agent.destroy()))
  const http = yield* Layer.build(
    Layer.provide(
      NodeHttpClient.layerWithoutAgent,
      Layer.succeed(NodeHttpClient.HttpAgent, {
        [NodeHttpClient.HttpAgentTypeId]: NodeHttpClient.HttpAgentTypeId,
        http: agent,
        https: new HttpsAgent()
      })
    )
  )
  return Context.mergeAll(server, connector, http)
})

/** Connects HTTP requests to the server in memory. */
class MemoryAgent extends Agent {
  readonly #network: MemoryNetwork

  constructor(network: MemoryNetwork) {
    super({ keepAlive: false })
    this.#network = network
  }

  override createConnection(): Socket {
    return this.#network.connect()
  }
}

/**
 * Provides what endpoints, HTTP apps and clients require: the server, the router, the platform services, a `Connector`
 * and an `HttpClient`. Any host in a client's url leads to this server; the scheme is `ws:` or `http:`. `headers` of
 * `connect` are those of one client, such as its cookie.
 */
export const layer = (options: TestOptions = {}) =>
  Layer.provideMerge(
    Layer.scopedContext(make(options)),
    Layer.mergeAll(Reactor.layer(options), WebSocketRouter.layer, EffectHttpServer.platform)
  ) satisfies Layer.Layer<HttpServer.HttpServer | WebSocketServer | WebSocketRouter | Reactor | Connector | HttpClient>
