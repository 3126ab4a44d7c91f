/** The whole server as a layer: the services of games, their endpoints and the pages, on one listener. */
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { Logs } from "../Log/Log.ts"
import type { LogError } from "../Log/LogError.ts"
import * as MemoryLogs from "../Log/MemoryLogs.ts"
import { WebSocketServer } from "../WebSocket/Api/WebSocketServer.ts"
import * as FileDescriptors from "../WebSocket/Connection/FileDescriptors.ts"
import { Reactor } from "../WebSocket/Connection/Reactor.ts"
import { WebSocketRouter } from "../WebSocket/Http/WebSocketRouter.ts"
import { AdmissionPolicy } from "./Access/AdmissionPolicy.ts"
import * as DescriptorLimit from "./Access/DescriptorLimit.ts"
import * as Game from "./Game/Game.ts"
import * as GameMetrics from "./Game/GameMetrics.ts"
import { ThisNode } from "./Game/ThisNode.ts"
import * as GameEndpoints from "./GameEndpoints.ts"
import { Games } from "./Games/Games.ts"
import { History } from "./History/History.ts"
import { ConnectionLog } from "./Operations/ConnectionLog.ts"
import { Metrics } from "./Operations/Metrics.ts"
import * as Pages from "./Pages/Pages.ts"
import { StaticFiles } from "./Pages/StaticFiles.ts"
import * as TestEndpoints from "./Pages/TestEndpoints.ts"
import { ServerConfig, type ServerSettings } from "./ServerConfig.ts"
import { Watch } from "./Watch/Watch.ts"

/** The services of the game without a name. They require the console that prints its lines. */
const game = Layer.provideMerge(Layer.merge(Watch.layer, History.layer), Game.layer)

const listener = Layer.unwrapEffect(
  Effect.gen(function* () {
    const config = yield* ServerConfig
    const admission = yield* AdmissionPolicy
    const { app, shortcut } = yield* Pages.make
    return WebSocketServer.layer({
      ...config,
      ...(config.compress ? { compression: {} } : {}),
      pages: app,
      shortcut,
      admit: admission.unsafeAdmit,
      refusePage: admission.unsafeRefusePage,
      onRefused: admission.unsafeRefused,
      onDropped: admission.unsafeDropped,
      onStopping: admission.unsafeStop
    })
  })
)

const reactor = Layer.unwrapEffect(
  Effect.map(ServerConfig, ({ heartbeat, maxMemory }) => Reactor.layer({ heartbeat, maxMemory }))
)

const admission = Layer.provide(AdmissionPolicy.layer, ConnectionLog.layer())

/** The server. `more` mounts more endpoints, `logs` keep the games, and the console prints lines about them. */
export const layer = (
  settings: Partial<ServerSettings>,
  more: Layer.Layer<never, never, WebSocketRouter | Reactor> = Layer.empty,
  logs: Layer.Layer<Logs, LogError> = MemoryLogs.layer()
) =>
  Layer.merge(listener, Layer.service(Metrics)).pipe(
    // Endpoints are mounted before the first client comes, and stay until the last has left.
    Layer.provide(Layer.mergeAll(GameEndpoints.layer, TestEndpoints.layer, more)),
    Layer.provide(
      Layer.mergeAll(GameMetrics.layer, GameMetrics.layerNode, Games.layer).pipe(
        Layer.provideMerge(Layer.mergeAll(game, admission, Metrics.layer)),
        Layer.provide(ThisNode.layer),
        Layer.provide(logs)
      )
    ),
    Layer.provide(Layer.mergeAll(WebSocketRouter.layer, reactor)),
    Layer.provide(StaticFiles.layer),
    Layer.provide(
      Layer.effect(ServerConfig, Effect.zipWith(ServerConfig, FileDescriptors.limit, DescriptorLimit.clamp))
    ),
    Layer.provide(ServerConfig.layer(settings)),
    Layer.provide(NodeFileSystem.layer)
  )
