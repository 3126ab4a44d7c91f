/** The server, composed: the game's services, their endpoints, the pages, on one listener. */
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Reactor } from "../WebSocket/Reactor.ts"
import { WebSocketRouter } from "../WebSocket/WebSocketRouter.ts"
import { WebSocketServer } from "../WebSocket/WebSocketServer.ts"
import { Game, type GameOptions, initialSize } from "./Game.ts"
import * as GameEndpoints from "./GameEndpoints.ts"
import * as Pages from "./Pages.ts"
import { Relay } from "./Relay.ts"
import { StartupBarrier } from "./StartupBarrier.ts"
import { StaticFiles } from "./StaticFiles.ts"
import * as TestEndpoints from "./TestEndpoints.ts"
import { Watch } from "./Watch.ts"

export interface RelayServerOptions extends Partial<GameOptions> {
  readonly host: string
  readonly port: number
}

/** Barrier, relay and watchers of the game that is on; requires the console that its lines go to. */
const game = (options: Partial<GameOptions>) =>
  Layer.mergeAll(Game.layer(options), Watch.layer).pipe(
    Layer.provideMerge(StartupBarrier.layer(initialSize * initialSize)),
    Layer.provideMerge(Relay.layer(initialSize, initialSize))
  )

const listener = ({ host, port }: RelayServerOptions) =>
  Layer.unwrapEffect(Effect.map(Pages.make, (pages) => WebSocketServer.layer({ host, port, pages })))

export const layer = (options: RelayServerOptions) =>
  listener(options).pipe(
    // Mounted before the first connection comes.
    Layer.provide([GameEndpoints.layer, TestEndpoints.layer]),
    Layer.provide(game(options)),
    Layer.provide([WebSocketRouter.layer, Reactor.layer()]),
    Layer.provide(StaticFiles.layer),
    Layer.provide(NodeHttpServer.layerContext)
  )
