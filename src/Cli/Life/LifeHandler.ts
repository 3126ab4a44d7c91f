/** `effect-c10k life`: makes a plan from the options, plays the game, shows it and reports the result. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as GameDriver from "../../Life/Game/GameDriver.ts"
import type { ServerGame } from "../../Life/Game/LifeTransport.ts"
import { LifeTransport } from "../../Life/Game/LifeTransport.ts"
import * as NodePlacement from "../../Life/Game/NodePlacement.ts"
import * as SocketTransport from "../../Life/Game/SocketTransport.ts"
import { PatternLibrary } from "../../Life/Pattern/PatternLibrary.ts"
import type { Topology } from "../../Life/Universe/Topology.ts"
import * as Count from "../../Text/Count.ts"
import * as WebSocketUrl from "../../Text/WebSocketUrl.ts"
import * as FileDescriptors from "../../WebSocket/Connection/FileDescriptors.ts"
import { Reactor } from "../../WebSocket/Connection/Reactor.ts"
import * as GamePlan from "../Game/GamePlan.ts"
import * as GamePlay from "../Game/GamePlay.ts"
import * as GameView from "../Game/GameView.ts"
import * as Output from "../Output.ts"
import * as PemFiles from "../PemFiles.ts"
import * as ServerAddress from "../ServerAddress.ts"
import { UserError } from "../UserError.ts"
import { ENVIRONMENT } from "./CellsMessage.ts"
import type { LifeOptions } from "./LifeOptions.ts"
import { ServerUnreachable } from "./ServerUnreachable.ts"

/** Steps per second without `--speed`. */
const SPEED = 1

/** The game that the server holds, if it has started. */
const begunGame = Effect.gen(function* () {
  const transport = yield* LifeTransport
  const present = yield* Effect.scoped(transport.serverGame)
  if (present === undefined) {
    return yield* UserError.of(
      "--resume: the server does not say which game it holds; start a new game without --resume"
    )
  }
  if (present.phase !== "running" && present.phase !== "ended") {
    return yield* UserError.of(
      "--resume: there is nothing to resume: no game has begun on this server; start a new game without --resume"
    )
  }
  return present
})

const play = Effect.fn("life.play")(function* (options: LifeOptions, url: URL) {
  const present = options.resume ? yield* begunGame : undefined
  const plan = yield* GamePlan.make(options, present)
  const run = GamePlay.runOptions(options, SPEED)
  yield* ensureBlocks(plan.topology, options.processes)
  const { height, width } = plan.topology
  // The first block is the largest.
  const largest = NodePlacement.cellsOf(NodePlacement.blocksOf(width, height, options.processes), width, height, 0)
  const cells = largest.width * largest.height
  yield* FileDescriptors.ensure(cells, `${Count.format(cells)} cells${options.processes > 1 ? " of each process" : ""}`)
  if (present !== undefined) yield* GamePlan.ensureSame(plan, present)
  const view = yield* GameView.open(options)
  const { notes } = yield* Output.Output
  const started = Effect.sync(() => {
    if (view.isShown) notes.unsafeWrite(`Watch it at ${pageOf(url)}\n`)
  })
  // Loaded only for a game of several processes.
  const driver: GameDriver.Driver<GameDriver.Game> =
    options.processes === 1
      ? GameDriver.start
      : (yield* Effect.promise(() => import("./SplitGame.ts"))).driver(options.processes)
  yield* GamePlay.play(plan, { ...run, resume: options.resume }, view, driver, () => started)
})

/** Each process must have cells. */
const ensureBlocks = ({ height, width }: Topology, processes: number) => {
  const { across, down } = NodePlacement.blocksOf(width, height, processes)
  return across <= width && down <= height
    ? Effect.void
    : UserError.of(
        `--processes ${processes}: a grid of ${width} x ${height} cells can't be divided into so many blocks: give fewer, or another number`
      )
}

/** The page of the game whose server is at this URL. */
const pageOf = ({ href }: URL): string => href.replace(/^ws/, "http")

const side = ({ height, width }: ServerGame): string => `${width} x ${height}`

/** Where a game plays beside the one of `url`. */
const named = (url: URL): string => WebSocketUrl.under(new URL("/", url), "games/NAME/").href

export const run = Effect.fn("life")(function* (options: LifeOptions) {
  const url = yield* ServerAddress.parse(options.url)
  const ca = yield* PemFiles.readAuthorities(url, options.ca)
  const server = {
    url,
    ...(Option.isSome(options.token)
      ? { headers: { authorization: `Bearer ${Redacted.value(options.token.value)}` } }
      : {}),
    ...(ca === undefined ? {} : { ca })
  }
  if (process.env[ENVIRONMENT] !== undefined)
    return yield* (yield* Effect.promise(() => import("./CellsHandler.ts"))).run(server)
  const { notes } = yield* Output.Output
  const transport = SocketTransport.layer({
    ...server,
    onOtherGame: (game) => {
      if (!options.quiet)
        notes.unsafeWrite(
          `This ends the game of ${side(game)} cells on this server. To play beside it: --url ${named(url)}\n`
        )
    }
  })
  yield* play(options, url).pipe(
    Effect.catchTag("ConnectError", (cause) => new ServerUnreachable({ cause })),
    Effect.provide([transport.pipe(Layer.provide(Reactor.layer())), PatternLibrary.layer])
  )
}, Effect.scoped)
