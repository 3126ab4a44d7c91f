/** A real server on a free port, and the transport that reaches it. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import type { LifeTransport } from "../../../src/Life/Game/LifeTransport.ts"
import * as SocketTransport from "../../../src/Life/Game/SocketTransport.ts"
import { ServerConsole } from "../../../src/Server/Operations/ServerConsole.ts"
import * as RelayServer from "../../../src/Server/RelayServer.ts"
import { WebSocketServer } from "../../../src/WebSocket/Api/WebSocketServer.ts"
import { Reactor } from "../../../src/WebSocket/Connection/Reactor.ts"

const server = RelayServer.layer({ host: "127.0.0.1", port: 0, drain: 0 }).pipe(
  Layer.provide(ServerConsole.layerSilent),
  Layer.provide(Logger.minimumLogLevel(LogLevel.None)),
  Layer.orDie
)

export const layer: Layer.Layer<LifeTransport> = Layer.unwrapScoped(
  Effect.map(Layer.build(server), (services) => {
    const { port } = Context.get(services, WebSocketServer)
    return SocketTransport.layer({ url: new URL(`ws://127.0.0.1:${port}`) }).pipe(Layer.provide(Reactor.layer()))
  })
)
