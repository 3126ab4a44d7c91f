/**
 * The games that have names. All nodes know all of them through the lobby. A node reads the log of a game only when a
 * client of that game comes to it.
 *
 * Functions named `unsafe…` are called for connections, outside of Effect.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as ExecutionStrategy from "effect/ExecutionStrategy"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Runtime from "effect/Runtime"
import * as Scope from "effect/Scope"
import { current, Logs } from "../../Log/Log.ts"
import type { LogError } from "../../Log/LogError.ts"
import * as MemoryLogs from "../../Log/MemoryLogs.ts"
import { CloseReason } from "../../Protocol/CloseReason.ts"
import type { Reset } from "../../Protocol/Protocol0.ts"
import { gauge } from "../Operations/MetricFamily.ts"
import { Metrics } from "../Operations/Metrics.ts"
import type { ServerConsole } from "../Operations/ServerConsole.ts"
import { ServerConfig } from "../ServerConfig.ts"
import { logOf } from "./GameName.ts"
import * as GameRoomModule from "./GameRoom.ts"
import { codec, type KnownGame, Lobby } from "./Lobby.ts"

type GameRoom = GameRoomModule.GameRoom

const gamesGauge = gauge("games", "Games that have names")

/** A game of the list; `here`: what this node knows of it, if it reads it. */
export interface ListedGame extends KnownGame {
  readonly here: GameRoomModule.Summary | undefined
}

export class Games extends Context.Tag("effect-c10k/Server/Games")<
  Games,
  {
    readonly unsafeList: () => ReadonlyArray<ListedGame>
    readonly unsafeFind: (name: string) => KnownGame | undefined
    /** Calls back with the game, at once if it is open here; `undefined` if there is none of this name. */
    readonly unsafeEnter: (name: string, use: (room: GameRoom | undefined) => void) => void
    /** A game that nobody has made, for those who look at it before. */
    readonly unsafeNothing: () => GameRoom
    /** Begins a game, and creates it if there is none. `done` gets the reason if that is refused. */
    readonly unsafeReset: (name: string, reset: Reset, done: (problem: CloseReason | undefined) => void) => void
  }
>() {
  static readonly layer: Layer.Layer<Games, LogError, Logs | Metrics | ServerConfig | ServerConsole> = Layer.scoped(
    Games,
    Effect.suspend(() => make)
  )
}

/** A game that is open here, or about to be. */
interface Opening {
  room: GameRoom | undefined
  close: Effect.Effect<void>
  waiting: Array<(room: GameRoom | undefined) => void>
}

/** Looks that an idle game gets before it ends. */
const LOOKS = 4
/** From a game's end until its log is removed: all nodes have closed it by then. */
const REMOVAL = "5 seconds"

const tooMany = (reason: string): CloseReason => ({ code: CloseReason.TooManyGames.code, reason })

type Needs = Logs | Metrics | ServerConfig | ServerConsole

const make = Effect.gen(function* () {
  const { gameIdle, maxAllCells, maxGames, node } = yield* ServerConfig
  const logs = yield* Logs
  const scope = yield* Effect.scope
  const runtime = yield* Effect.runtime<Needs>()
  const run = <A, E>(effect: Effect.Effect<A, E, Needs>) =>
    void Runtime.runFork(runtime)(
      Effect.forkIn(
        Effect.catchAllCause(effect, (cause) => Effect.logError("A game failed", cause)),
        scope
      )
    )
  const nothing = yield* Effect.provide(GameRoomModule.nothing, MemoryLogs.layer())

  const lobby = new Lobby()
  const openings = new Map<string, Opening>()
  const usedAt = new Map<string, number>()
  const asked = new Map<string, () => void>()
  const ending = new Set<number>()
  let requests = 0

  const settle = (opening: Opening, room: GameRoom | undefined) => {
    opening.room = room
    const { waiting } = opening
    opening.waiting = []
    for (const use of waiting) use(room)
  }

  const open = (game: KnownGame): Opening => {
    const opening: Opening = { room: undefined, close: Effect.void, waiting: [] }
    openings.set(game.name, opening)
    run(
      Effect.gen(function* () {
        const own = yield* Scope.fork(scope, ExecutionStrategy.sequential)
        opening.close = Scope.close(own, Exit.void)
        const room = yield* Scope.extend(GameRoomModule.make(logOf(game.name, game.made)), own)
        // It may have ended meanwhile.
        const isOn = openings.get(game.name) === opening
        if (!isOn) yield* opening.close
        settle(opening, isOn ? room : undefined)
      }).pipe(
        Effect.tapErrorCause(() =>
          Effect.sync(() => {
            if (openings.get(game.name) === opening) openings.delete(game.name)
            settle(opening, undefined)
          })
        )
      )
    )
    return opening
  }

  const close = (game: KnownGame, { code, reason }: CloseReason) => {
    const opening = openings.get(game.name)
    openings.delete(game.name)
    usedAt.delete(game.name)
    opening?.room?.closeAll(code, reason)
    if (opening?.room !== undefined) run(opening.close)
    if (ending.delete(game.made)) run(Effect.delay(logs.remove(logOf(game.name, game.made)), REMOVAL))
  }

  const log = yield* logs.open("lobby", {
    codec,
    reader: {
      entry: (event, position) => {
        const isNew = event.type === "asked" && lobby.find(event.name) === undefined
        const ended = lobby.apply(event, position)
        if (ended !== undefined) close(ended, CloseReason.Ended)
        if (event.type !== "ended") usedAt.set(event.name, performance.now())
        if (event.type !== "asked") return
        // Watchers that came before the game was made see it when they connect again.
        if (isNew) nothing.closeAll(CloseReason.Made.code, CloseReason.Made.reason)
        asked.get(event.request)?.()
        asked.delete(event.request)
      },
      snapshot: () => lobby.snapshot(),
      restore: (snapshot) => lobby.restore(snapshot),
      forgotten: () => {
        for (const game of lobby.games) close(game, CloseReason.Moved)
        lobby.forget()
        for (const answer of asked.values()) answer()
        asked.clear()
      }
    }
  })
  yield* current(log)

  const look = () => {
    const now = performance.now()
    for (const { made, name } of lobby.games) {
      if (!usedAt.has(name)) usedAt.set(name, now)
      if (openings.get(name)?.room?.isUsed === true) log.unsafeAppend({ type: "used", name })
      else if (now - usedAt.get(name)! > gameIdle && !ending.has(made)) {
        ending.add(made)
        log.unsafeAppend({ type: "ended", name, made })
      }
    }
  }
  yield* Effect.acquireRelease(
    Effect.sync(() => setInterval(look, gameIdle / LOOKS)),
    (timer) => Effect.sync(() => clearInterval(timer))
  )
  yield* (yield* Metrics).publish(() => [[gamesGauge, lobby.games.length]])

  const enterKnown = (game: KnownGame, use: (room: GameRoom | undefined) => void) => {
    const opening = openings.get(game.name) ?? open(game)
    if (opening.room !== undefined) use(opening.room)
    else opening.waiting.push(use)
  }
  const enter = (name: string, use: (room: GameRoom | undefined) => void) => {
    const known = lobby.find(name)
    if (known !== undefined) return enterKnown(known, use)
    // It may have been made on another node a moment ago.
    log.unsafeWhenCurrent(() => {
      const game = lobby.find(name)
      if (game === undefined) use(undefined)
      else enterKnown(game, use)
    })
  }

  return Games.of({
    unsafeList: () => lobby.games.map((game) => ({ ...game, here: openings.get(game.name)?.room?.summary() })),
    unsafeFind: (name) => lobby.find(name),
    unsafeEnter: enter,
    unsafeNothing: () => nothing,
    unsafeReset: (name, reset, done) => {
      const { height, width } = reset
      if (lobby.find(name) === undefined && lobby.games.length >= maxGames)
        return done(tooMany(`at most ${maxGames} games`))
      if (lobby.cellsBeside(name) + width * height > maxAllCells)
        return done(tooMany(`at most ${maxAllCells} cells in all games`))
      const request = `${node}.${process.pid}.${requests++}`
      asked.set(request, () =>
        enter(name, (room) => {
          if (room === undefined) done(tooMany("the game could not be kept"))
          else room.game.unsafeReset(reset, done)
        })
      )
      log.unsafeAppend({ type: "asked", name, request, width, height })
    }
  })
})
