/** A server with a connection that fails by itself, which no handler can cause. */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { WebSocketServer } from "../../../src/WebSocket/Api/WebSocketServer.ts"
import { Reactor } from "../../../src/WebSocket/Connection/Reactor.ts"
import { relay, WebSocketRouter } from "../../../src/WebSocket/Http/WebSocketRouter.ts"

const broken = (): never => {
  throw new Error("broken, as it was told to")
}

const endpoint = relay("/", {
  open: (connection) => ({
    onMessage: () => {
      connection.fail = broken
      broken()
    },
    onClose: () => {}
  })
})

const announce = Layer.effectDiscard(
  Effect.flatMap(WebSocketServer, ({ host, port }) => Console.log(`Listening on http://${host}:${port}/`))
)

announce.pipe(
  Layer.provide(WebSocketServer.layer({ host: "127.0.0.1", port: 0 })),
  Layer.provide(endpoint),
  Layer.provide(Layer.mergeAll(WebSocketRouter.layer, Reactor.layer())),
  Layer.launch,
  Effect.runFork
)
