/**
 * The games with names. All nodes know all of them through the lobby. A node reads the log of a game only when a client
 * of that game connects to it.
 *
 * Functions named `unsafe…` are called for connections, outside of Effect.
 */
import { randomUUID } from "node:crypto"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as ExecutionStrategy from "effect/ExecutionStrategy"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Runtime from "effect/Runtime"
import * as Scope from "effect/Scope"
import { current, type LogHealth, Logs } from "../../Log/Log.ts"
import type { LogError } from "../../Log/LogError.ts"
import * as MemoryLogs from "../../Log/MemoryLogs.ts"
import { CloseReason } from "../../Protocol/CloseReason.ts"
import type { Reset } from "../../Protocol/Protocol0.ts"
import type { Owner } from "../Access/Owner.ts"
import { MAX_PENDING_RESETS } from "../Game/GameNode.ts"
import { add, counter, family, gauge } from "../Operations/MetricFamily.ts"
import { Metrics } from "../Operations/Metrics.ts"
import type { ServerConsole } from "../Operations/ServerConsole.ts"
import { ServerConfig } from "../ServerConfig.ts"
import { logOf } from "./GameName.ts"
import * as GameRoomModule from "./GameRoom.ts"
import { type Asked, codec, type KnownGame, Lobby, type Refused } from "./Lobby.ts"

type GameRoom = GameRoomModule.GameRoom

const gamesGauge = gauge("games", "Games with names")
const refusals = family(counter("games_refused", "Resets of games that a limit refused, by limit"), "limit")

/** A game of the list. `here`: what this node knows of it, if it reads the game's log. */
export interface ListedGame extends KnownGame {
  readonly here: GameRoomModule.Summary | undefined
}

export class Games extends Context.Tag("effect-c10k/Server/Games")<
  Games,
  {
    readonly unsafeList: () => ReadonlyArray<ListedGame>
    readonly unsafeFind: (name: string) => KnownGame | undefined
    /** The health of each log that is open on this node, with what it is the log of. */
    readonly unsafeHealth: () => ReadonlyArray<readonly [what: string, health: LogHealth]>
    /**
     * Calls back with the game, at once if it is open on this node; with `undefined` if there is no game of this name.
     */
    readonly unsafeEnter: (name: string, use: (room: GameRoom | undefined) => void) => void
    /** The placeholder for games that do not exist yet. */
    readonly unsafeNothing: () => GameRoom
    /** Begins a game, and creates it for this owner if it does not exist. `done` gets the reason if that is refused. */
    readonly unsafeReset: (
      name: string,
      owner: Owner | undefined,
      reset: Reset,
      done: (problem: CloseReason | undefined) => void
    ) => void
  }
>() {
  static readonly layer: Layer.Layer<Games, LogError, Logs | Metrics | ServerConfig | ServerConsole> = Layer.scoped(
    Games,
    Effect.suspend(() => make)
  )
}

/** A game that is open on this node, or about to be. */
interface Opening {
  room: GameRoom | undefined
  close: Effect.Effect<void>
  waiting: Array<(room: GameRoom | undefined) => void>
}

/** How often a game is looked at within `gameIdle`. */
const POLLS = 4
/** The time from a game's end until its log is removed. By then all nodes have closed the game. */
const REMOVAL = "5 seconds"

const tooMany = (reason: string): CloseReason => ({ code: CloseReason.TooManyGames.code, reason })

type Needs = Logs | Metrics | ServerConfig | ServerConsole

const make = Effect.gen(function* () {
  const { gameIdle, maxAllCells, maxGames, maxGamesPerToken } = yield* ServerConfig
  const limits = { games: maxGames, gamesPerOwner: Math.min(maxGames, maxGamesPerToken), cells: maxAllCells }
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
  const asked = new Map<string, (refused: Refused | undefined) => void>()
  const ending = new Set<number>()

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
        // The game may have ended meanwhile.
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

  /** What was asked is not in the log any more, or this node can't know. */
  const answerAll = () => {
    const answers = [...asked.values()]
    asked.clear()
    for (const answer of answers) answer(undefined)
  }

  const log = yield* logs.open("lobby", {
    codec,
    reader: {
      entry: (event, position) => {
        const { ended, made, refused } = lobby.apply(event, position)
        if (ended !== undefined) close(ended, CloseReason.Ended)
        if (lobby.find(event.name) !== undefined && event.type !== "ended") usedAt.set(event.name, performance.now())
        // Watchers that connected before the game was created see it when they connect again.
        if (made !== undefined) nothing.closeAll(CloseReason.Made.code, CloseReason.Made.reason)
        if (event.type !== "asked") return
        asked.get(event.request)?.(refused)
        asked.delete(event.request)
      },
      snapshot: () => lobby.snapshot(),
      // Again, if this node has missed a part of the log.
      restore: (snapshot) => {
        const before = lobby.games
        lobby.restore(snapshot)
        for (const game of before) if (lobby.find(game.name)?.made !== game.made) close(game, CloseReason.Moved)
        answerAll()
      },
      forgotten: () => {
        for (const game of lobby.games) close(game, CloseReason.Moved)
        lobby.forget()
        answerAll()
      }
    }
  })
  yield* current(log)

  const poll = () => {
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
    Effect.sync(() => setInterval(poll, gameIdle / POLLS)),
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
    // The game may have been created on another node a moment ago.
    log.unsafeWhenCurrent(() => {
      const game = lobby.find(name)
      if (game === undefined) use(undefined)
      else enterKnown(game, use)
    })
  }

  return Games.of({
    unsafeList: () => lobby.games.map((game) => ({ ...game, here: openings.get(game.name)?.room?.summary() })),
    unsafeFind: (name) => lobby.find(name),
    unsafeHealth: () => [
      ["the list of games", log.unsafeHealth()],
      ...[...openings].flatMap(([name, { room }]) =>
        room === undefined ? [] : [[`the log of game ${name}`, room.game.unsafeHealth()] as const]
      )
    ],
    unsafeEnter: enter,
    unsafeNothing: () => nothing,
    unsafeReset: (name, owner, reset, done) => {
      const { height, width } = reset
      if (asked.size >= MAX_PENDING_RESETS) return done(CloseReason.Waiting)
      const request = randomUUID()
      const wish = { type: "asked", name, request, width, height, limits } as const
      const ask: Asked = owner === undefined ? wish : { ...wish, owner }
      const refuse = ({ limit, reason }: Refused) => {
        add(refusals(limit), 1)
        done(tooMany(reason))
      }
      // A reset that this node knows to be refused is not written to the log. Any other may still be refused when its
      // entry is read.
      const problem = lobby.problemOf(ask)
      if (problem !== undefined) return refuse(problem)
      asked.set(request, (refused) => {
        if (refused !== undefined) return refuse(refused)
        enter(name, (room) => {
          if (room === undefined) done(tooMany("the game could not be kept"))
          else room.game.unsafeReset(reset, done)
        })
      })
      log.unsafeAppend(ask)
    }
  })
})
