/** An echo server without the limits of `serve`, so that it can run out of file descriptors. */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { WebSocketServer } from "../../src/WebSocket/Api/WebSocketServer.ts"
import { Reactor } from "../../src/WebSocket/Connection/Reactor.ts"
import { relay, WebSocketRouter } from "../../src/WebSocket/Http/WebSocketRouter.ts"

const echo = relay("/echo/", {
  open: (connection) => ({ onMessage: (message) => connection.send(message), onClose: () => {} })
})

const announce = Layer.effectDiscard(
  Effect.flatMap(WebSocketServer, ({ host, port }) => Console.log(`Listening on http://${host}:${port}/`))
)

announce.pipe(
  Layer.provide(WebSocketServer.layer({ host: "127.0.0.1", port: 0 })),
  Layer.provide(echo),
  Layer.provide(Layer.mergeAll(WebSocketRouter.layer, Reactor.layer())),
  Layer.launch,
  Effect.runFork
)
