/** `effect-c10k demo`: a server with games that its pages control. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import * as SocketTransport from "../../Life/Game/SocketTransport.ts"
import { PatternLibrary } from "../../Life/Pattern/PatternLibrary.ts"
import { isLocal } from "../../Server/Access/AdmissionPolicy.ts"
import { ServerConsole } from "../../Server/Operations/ServerConsole.ts"
import * as RelayServer from "../../Server/RelayServer.ts"
import { WebSocketServer } from "../../WebSocket/Api/WebSocketServer.ts"
import { Reactor } from "../../WebSocket/Connection/Reactor.ts"
import * as GamePlan from "../Game/GamePlan.ts"
import * as GamePlay from "../Game/GamePlay.ts"
import * as GameView from "../Game/GameView.ts"
import * as Output from "../Output.ts"
import * as LibraryOffer from "../Serve/LibraryOffer.ts"
import { addressOf } from "../Serve/ServeAnnouncement.ts"
import { type Asked, ControlChannel } from "./ControlChannel.ts"
import * as DemoGames from "./DemoGames.ts"
import type { DemoOptions } from "./DemoOptions.ts"

/** Steps per second without `--speed`: fast enough to look alive, slow enough to follow. */
const SPEED = 4
/** The default pattern. It never ends and fits a square grid. */
const PATTERN = "galaxy"
const PATTERN_SIDE = 9

const withPattern = (options: DemoOptions): DemoOptions => {
  const { density, height, seed, size, width } = options
  const isSmall = [size, width, height].some((side) => Option.isSome(side) && side.value < PATTERN_SIDE)
  const isRandom = isSmall || Option.isSome(density) || Option.isSome(seed)
  return options.patterns.length > 0 || isRandom ? options : { ...options, patterns: [PATTERN] }
}

/** The address at which the cells reach a server that listens on `host`. */
const cellsUrl = (host: string, port: number): URL => {
  const isAny = host === "0.0.0.0" || host === "::"
  return new URL(addressOf(isAny ? "localhost" : host, port).replace(/^http/, "ws"))
}

const warning = "Anyone who can reach this server may start and control games: use it only in a network that you trust"

const play = Effect.fn("demo.play")(function* (options: DemoOptions) {
  const game = { plan: yield* GamePlan.make(withPattern(options)), run: GamePlay.runOptions(options, SPEED) }
  yield* DemoGames.ensureDescriptors(game.plan)
  const asked = yield* Queue.unbounded<Asked>()
  const control = new ControlChannel(game.run.speed, (each) => void asked.unsafeOffer(each))
  const view = yield* GameView.open(options)
  const { allowHost: allowedHosts, host, port } = options
  const server = yield* Layer.build(RelayServer.layer({ host, port, allowedHosts }, control.endpoint))
  yield* Effect.gen(function* () {
    const { host, port } = yield* WebSocketServer
    if (!isLocal(host)) yield* Effect.logWarning(warning)
    if (view.isShown) yield* Output.note(`Watch it at ${addressOf(host, port)} (Ctrl-C ends it)`)
    yield* DemoGames.play(game, view, control, asked).pipe(
      Effect.provide(SocketTransport.layer({ url: cellsUrl(host, port) }).pipe(Layer.provide(Reactor.layer())))
    )
  }).pipe(Effect.provide(server))
})

export const run = Effect.fn("demo")(function* (options: DemoOptions) {
  yield* Effect.scoped(play(options)).pipe(
    // The server's own lines about workers are not needed, because the demo shows the progress of its game.
    Effect.provide([LibraryOffer.layer({ hasControl: true }), PatternLibrary.layer, ServerConsole.layerSilent])
  )
})
