/**
 * Serves an echo on `/test/echo/` in one of the styles of this project or in one of the two ways of `@effect/platform-node`.
 * Usage: node --import tsx bench/servers/styles.ts STYLE PORT
 */
import { createServer } from "node:http"
import * as HttpRouter from "@effect/platform/HttpRouter"
import * as HttpServer from "@effect/platform/HttpServer"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import type * as Socket from "@effect/platform/Socket"
import * as SocketServer from "@effect/platform/SocketServer"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeSocketServer from "@effect/platform-node/NodeSocketServer"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { conversation } from "../../src/WebSocket/Api/ConversationEndpoint.ts"
import { WebSocketServer } from "../../src/WebSocket/Api/WebSocketServer.ts"
import { Reactor } from "../../src/WebSocket/Connection/Reactor.ts"
import { relay, WebSocketRouter } from "../../src/WebSocket/Http/WebSocketRouter.ts"
import type { Style } from "../Styles.ts"

const [style, port] = process.argv.slice(2)
const address = { host: "127.0.0.1", port: Number(port) }
const PATH = "/test/echo/"

/** A server of this project with one endpoint. */
const own = (endpoint: Layer.Layer<never, never, WebSocketRouter>) =>
  WebSocketServer.layer(address).pipe(
    Layer.provide(endpoint),
    Layer.provide(Layer.mergeAll(WebSocketRouter.layer, Reactor.layer()))
  )

/** The echo with Effect's `Socket`. */
const echo = (socket: Socket.Socket) =>
  Effect.scoped(Effect.flatMap(socket.writer, (write) => socket.runRaw((data) => write(data))))

const servers: Readonly<Record<Style, () => Layer.Layer<never, unknown>>> = {
  messages: () => own(conversation(PATH, (talk) => Stream.runForEach(talk.messages, talk.send))),
  receive: () => own(conversation(PATH, (talk) => Effect.forever(Effect.flatMap(talk.receive, talk.send)))),
  forEach: () => own(conversation(PATH, (talk) => talk.forEach(talk.send))),
  relay: () =>
    own(
      relay(PATH, {
        open: (connection) => ({ onMessage: (message) => connection.send(message), onClose: () => {} })
      })
    ),
  "platform-upgrade": () =>
    HttpRouter.empty.pipe(
      HttpRouter.get(
        PATH,
        Effect.gen(function* () {
          const request = yield* HttpServerRequest.HttpServerRequest
          yield* echo(yield* request.upgrade)
          return HttpServerResponse.empty()
        })
      ),
      HttpServer.serve(),
      Layer.provide(NodeHttpServer.layer(() => createServer(), { ...address, backlog: 4096 }))
    ),
  "platform-socket": () =>
    Layer.scopedDiscard(
      Effect.gen(function* () {
        const server = yield* SocketServer.SocketServer
        yield* Effect.forkScoped(server.run(echo))
      })
    ).pipe(Layer.provide(NodeSocketServer.layerWebSocket({ ...address, backlog: 4096 })))
}

NodeRuntime.runMain(Layer.launch(servers[style as Style]()))
