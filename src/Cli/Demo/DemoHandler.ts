/**
 * `effect-c10k demo`: a server with games that its pages control. The clients have a process of their own, so that a viewer can kill
 * it. That process is this program again, with the same command line.
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { PatternLibrary } from "../../Life/Pattern/PatternLibrary.ts"
import { isLocal } from "../../Server/Access/AdmissionPolicy.ts"
import { ServerConsole } from "../../Server/Operations/ServerConsole.ts"
import * as RelayServer from "../../Server/RelayServer.ts"
import { WebSocketServer } from "../../WebSocket/Api/WebSocketServer.ts"
import * as GamePlan from "../Game/GamePlan.ts"
import * as Output from "../Output.ts"
import * as LibraryOffer from "../Serve/LibraryOffer.ts"
import { addressOf } from "../Serve/ServeAnnouncement.ts"
import * as ClientsHandler from "./ClientsHandler.ts"
import { ENVIRONMENT, playedOf } from "./ClientsMessage.ts"
import { DemoClients } from "./DemoClients.ts"
import * as DemoGames from "./DemoGames.ts"
import { type DemoOptions, SPEED, withPattern } from "./DemoOptions.ts"
import * as Tour from "./Tour.ts"

/** The address at which the clients reach a server that listens on `host`. */
const clientsUrl = (host: string, port: number): string => {
  const isAny = host === "0.0.0.0" || host === "::"
  return addressOf(isAny ? "localhost" : host, port).replace(/^http/, "ws")
}

const WARNING = "Anyone who can reach this server may start and control games: use it only in a network that you trust"

const play = Effect.fn("demo.play")(function* (options: DemoOptions) {
  const tour = Option.isSome(options.games) ? yield* Tour.plan(options.games.value, options.speed) : []
  const speed = Option.getOrElse(options.speed, () => SPEED)
  const first = tour[0] ?? playedOf(yield* GamePlan.make(withPattern(options)), speed, true)
  const most = Math.max(first.cells.length, ...tour.map(({ cells }) => cells.length))
  yield* DemoGames.ensureDescriptors(most)
  const clients = new DemoClients(first, tour)
  const address = yield* Deferred.make<string>()
  // The process loads its modules while the server starts.
  const playing = yield* Effect.fork(clients.run(Deferred.await(address)))
  const { allowHost: allowedHosts, host, port } = options
  yield* Effect.gen(function* () {
    const isShown = yield* Effect.raceFirst(clients.isShown, Effect.as(Fiber.join(playing), false))
    const server = yield* Layer.build(RelayServer.layer({ host, port, allowedHosts }, clients.control.endpoint))
    yield* Effect.gen(function* () {
      const { host, port } = yield* WebSocketServer
      if (!isLocal(host)) yield* Effect.logWarning(WARNING)
      if (isShown) yield* Output.note(`Watch it at ${addressOf(host, port)} (Ctrl-C ends it)`)
      yield* Deferred.succeed(address, clientsUrl(host, port))
      // The clients leave before the server stops.
      yield* Effect.ensuring(Fiber.join(playing), Fiber.interrupt(playing))
    }).pipe(Effect.provide(server))
  }).pipe(Effect.scoped, Effect.ensuring(Fiber.interrupt(playing)))
})

const serve = (options: DemoOptions) =>
  play(options).pipe(
    // The server's own lines about workers are not needed, because the demo shows the progress of its game.
    Effect.provide([LibraryOffer.layer({ hasControl: true }), PatternLibrary.layer, ServerConsole.layerSilent])
  )

export const run = Effect.fn("demo")((options: DemoOptions) =>
  process.env[ENVIRONMENT] === undefined ? serve(options) : ClientsHandler.run(options)
)
