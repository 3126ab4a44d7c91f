/** The games of a demo's clients: first the game of the command line, then each game that a page asks for. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import * as GameDriver from "../../Life/Game/GameDriver.ts"
import { LifeTransport } from "../../Life/Game/LifeTransport.ts"
import { PatternLibrary } from "../../Life/Pattern/PatternLibrary.ts"
import * as PatternText from "../../Life/Pattern/PatternText.ts"
import type { Ending } from "../../Life/Referee/Ending.ts"
import { CloseReason } from "../../Protocol/CloseReason.ts"
import { cellsFile, type GameRequest, type Start } from "../../Protocol/Control.ts"
import * as Count from "../../Text/Count.ts"
import * as FileDescriptors from "../../WebSocket/Connection/FileDescriptors.ts"
import type { PageRequest } from "../ControlChannel.ts"
import { type GameChoice, noChoice } from "../Game/GameOptions.ts"
import * as GamePlan from "../Game/GamePlan.ts"
import * as GamePlay from "../Game/GamePlay.ts"
import type { GameRun, RunOptions } from "../Game/GameRun.ts"
import type { GameView } from "../Game/GameView.ts"
import { planOf } from "../Game/SentPlan.ts"
import { type FromClients, type Play, type Played, playedOf } from "./ClientsMessage.ts"

/** Each cell needs a file descriptor in the process of the clients, and one in that of the server. */
export const ensureDescriptors = (cells: number) => FileDescriptors.ensure(cells, `${Count.format(cells)} cells`)

/** How long clients stay away or are frozen, in milliseconds: long enough to watch their neighbours wait. */
const AWAY = 4_000
const FROZEN = 5_000

/** How long the last step of a game of `--games` stays. */
const LAST = "4 seconds"

export interface GamesContext {
  /** How the game of the command line is run. */
  readonly run: RunOptions
  readonly view: GameView
  readonly asked: Queue.Dequeue<PageRequest>
  readonly post: (message: FromClients) => void
}

const reasons: { readonly [K in Ending["kind"]]: (ending: Ending) => string } = {
  dead: () => "All cells are dead",
  still: () => "No cell changes any more",
  periodic: ({ period }) => `The cells repeat every ${Count.format(period)} steps`
}

/** Why a game of `--games` is over; `undefined`: its time is over. */
const over = (ending: Ending | undefined): string =>
  `${ending === undefined ? "Its time is over" : reasons[ending.kind](ending)}. The next game follows.`

const choiceOf = ({ height, rule, start, topology, width }: GameRequest): GameChoice => ({
  ...noChoice,
  width: Option.some(width),
  height: Option.some(height),
  patterns: start.type === "random" ? [] : [start.type === "pattern" ? start.name : "the drawing"],
  // A drawing covers the whole grid.
  noCenter: start.type === "cells",
  topology: Option.some(topology),
  rule: Option.some(rule),
  density: start.type === "random" ? Option.some(start.density) : Option.none()
})

/** A page may use the patterns of the library, but no other files of this machine. */
const libraryFor = (start: Start) =>
  Effect.map(PatternLibrary, (library) =>
    PatternLibrary.of({
      ...library,
      load: start.type === "cells" ? (name) => PatternText.read(cellsFile(start.rle), name) : library.get
    })
  )

/** Makes a plan for the game that a page asks for. */
export const requestedPlan = Effect.fn("DemoGames.requestedPlan")((game: GameRequest) =>
  Effect.provideServiceEffect(GamePlan.make(choiceOf(game)), PatternLibrary, libraryFor(game.start))
)

/** Handles a page's request about the running game. */
const steer = (
  { game }: GameRun<GameDriver.LocalGame>,
  post: GamesContext["post"],
  { refuse, request }: PageRequest
): void => {
  const { faults, pace } = game
  const show = (game: "running" | "paused") => post({ _tag: "State", to: { game } })
  if (request.type === "speed") {
    pace.setSpeed(request.speed)
    post({ _tag: "State", to: { speed: request.speed } })
  } else if (request.type === "pause") {
    pace.pause()
    show("paused")
  } else if (request.type === "resume") {
    show("running")
    pace.resume(request.step, () => show("paused"))
  } else if (request.type === "step") {
    if (pace.isPaused) pace.step()
    else refuse("single steps are possible only while the game is paused")
  } else if (request.type === "disconnect" || request.type === "freeze") {
    const time = request.type === "disconnect" ? AWAY : FROZEN
    const count = faults[request.type](request.clients, time)
    if (count > 0) post({ _tag: "Fault", fault: request.type, count, time })
    else refuse("this client is not connected now")
  }
}

/** Whether the server still holds the game of this plan. */
const isThere = Effect.fnUntraced(function* (plan: GamePlan.GamePlan) {
  const { serverGame } = yield* LifeTransport
  const present = yield* Effect.scoped(serverGame)
  return present !== undefined && (yield* Effect.isSuccess(GamePlan.ensureSame(plan, present)))
})

/** Plays games until one ends whose end also ends the demo. */
export const play = Effect.fn("DemoGames.play")(function* (
  { game: first, resume, tour, until }: Play,
  { asked, post, run, view }: GamesContext
) {
  const games = yield* Queue.sliding<Played>(1)
  let current: GameRun<GameDriver.LocalGame> | undefined

  const answer = (each: PageRequest) => {
    const { refuse, request } = each
    if (request.type !== "start") {
      return Effect.sync(() => {
        if (current === undefined) refuse("no game is running")
        else steer(current, post, each)
      })
    }
    return Effect.gen(function* () {
      const plan = yield* requestedPlan(request.game)
      yield* ensureDescriptors(plan.start.cells.length)
      yield* games.offer(playedOf(plan, request.game.speed, false))
    }).pipe(Effect.catchAll(({ message }) => Effect.sync(() => refuse(message))))
  }
  yield* Queue.take(asked).pipe(Effect.flatMap(answer), Effect.forever, Effect.forkScoped)

  const show = (game: "running" | "paused") => post({ _tag: "State", to: { game } })
  const started = (isTakenOver: boolean) => (started: GameRun<GameDriver.LocalGame>) =>
    Effect.andThen(started.game.running, () => {
      current = started
      show("running")
      if (isTakenOver && until !== undefined) started.game.pace.resume(until, () => show("paused"))
    })
  const ended = (note: string) =>
    Effect.sync(() => {
      current = undefined
      post({ _tag: "State", to: { game: "ended", note } })
    })
  const runOf = ({ cells, isFirst, speed, tour }: Played, resume: boolean): RunOptions => ({
    ...{ ...run, speed, resume },
    ...(isFirst
      ? {}
      : {
          ...{ steps: Number.POSITIVE_INFINITY, stopWhen: tour?.stopWhen, seconds: tour?.seconds },
          connectRate: Math.max(1000, cells.length)
        })
  })
  const playOne = Effect.fnUntraced(function* (game: Played, resume: boolean) {
    const plan = yield* planOf(game)
    if (resume && !(yield* isThere(plan))) return yield* Effect.never
    if (!resume) post({ _tag: "Playing", game })
    const ending = yield* GamePlay.play(plan, runOf(game, resume), view, GameDriver.start, started(resume)).pipe(
      // Another `life` has started its own game on this server. The demo serves it and waits for the next request of a page.
      Effect.catchIf(
        (error) => error._tag === "GameClosed" && error.code === CloseReason.NewGame.code,
        () => Effect.zipRight(ended(""), Effect.never)
      )
    )
    return game.tour === undefined ? "" : over(ending)
  })
  const next = Effect.asSome(games.take)
  const after = (game: Played) =>
    game.tour === undefined
      ? Effect.succeedNone
      : Effect.as(Effect.sleep(LAST), Option.some(tour[(game.tour.index + 1) % tour.length] ?? game))
  const playOut = (game: Played, resume: boolean) =>
    Effect.onExit(playOne(game, resume), (exit) => ended(Exit.isSuccess(exit) ? exit.value : ""))
  let game: Played | undefined = first
  let resumes = resume
  for (;;) {
    const played = game === undefined ? Effect.never : Effect.zipRight(playOut(game, resumes), after(game))
    const following: Option.Option<Played> = yield* Effect.raceFirst(played, next)
    if (Option.isNone(following)) return
    game = following.value
    resumes = false
  }
}, Effect.scoped)
