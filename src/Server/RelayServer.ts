/** The server, composed: the game's services, their endpoints, the pages, on one listener. */
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as FileDescriptors from "../WebSocket/FileDescriptors.ts"
import { Reactor } from "../WebSocket/Reactor.ts"
import { WebSocketRouter } from "../WebSocket/WebSocketRouter.ts"
import { WebSocketServer } from "../WebSocket/WebSocketServer.ts"
import { Admission } from "./Admission.ts"
import { ConnectionLog } from "./ConnectionLog.ts"
import * as DescriptorLimit from "./DescriptorLimit.ts"
import { Game, initialSize } from "./Game.ts"
import * as GameEndpoints from "./GameEndpoints.ts"
import { Metrics } from "./Metrics.ts"
import * as Pages from "./Pages.ts"
import { Relay } from "./Relay.ts"
import { ServerConfig, type ServerSettings } from "./ServerConfig.ts"
import { StartupBarrier } from "./StartupBarrier.ts"
import { StaticFiles } from "./StaticFiles.ts"
import * as TestEndpoints from "./TestEndpoints.ts"
import { Watch } from "./Watch.ts"

/** Barrier, relay and watchers of the game that is on; requires the console that its lines go to. */
const game = Layer.mergeAll(Game.layer, Watch.layer).pipe(
  Layer.provideMerge(StartupBarrier.layer(initialSize * initialSize)),
  Layer.provideMerge(Relay.layer(initialSize, initialSize))
)

const listener = Layer.unwrapEffect(
  Effect.gen(function* () {
    const config = yield* ServerConfig
    const admission = yield* Admission
    const pages = yield* Pages.make
    return WebSocketServer.layer({
      ...config,
      pages,
      admit: admission.unsafeAdmit,
      onRefused: admission.unsafeRefused,
      onDropped: admission.unsafeDropped,
      onStopping: admission.unsafeStop
    })
  })
)

const reactor = Layer.unwrapEffect(Effect.map(ServerConfig, ({ heartbeat }) => Reactor.layer({ heartbeat })))

const admission = Layer.provide(Admission.layer, ConnectionLog.layer())

/** The server; requires the console that tells of its games. `more` mounts endpoints beside its own. */
export const layer = (
  settings: Partial<ServerSettings>,
  more: Layer.Layer<never, never, WebSocketRouter> = Layer.empty
) =>
  listener.pipe(
    // Endpoints are mounted before the first client comes, and are there until the last has left.
    Layer.provide(Layer.mergeAll(GameEndpoints.layer, TestEndpoints.layer, more)),
    Layer.provide(Layer.provideMerge(Metrics.layer, Layer.mergeAll(game, admission))),
    Layer.provide(Layer.mergeAll(WebSocketRouter.layer, reactor)),
    Layer.provide(StaticFiles.layer),
    Layer.provide(
      Layer.effect(ServerConfig, Effect.zipWith(ServerConfig, FileDescriptors.limit, DescriptorLimit.clamp))
    ),
    Layer.provide(ServerConfig.layer(settings)),
    Layer.provide(NodeHttpServer.layerContext)
  )
