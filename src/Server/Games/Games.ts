/**
 * The games with names. All nodes know all of them through the lobby. A node reads the log of a game only when a client
 * of that game connects to it.
 *
 * Functions named `unsafe…` are called for connections, outside of Effect.
 */
import { randomUUID } from "node:crypto"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Runtime from "effect/Runtime"
import { current, type Log, type LogHealth, Logs } from "../../Log/Log.ts"
import type { LogError } from "../../Log/LogError.ts"
import * as MemoryLogs from "../../Log/MemoryLogs.ts"
import { CloseReason } from "../../Protocol/CloseReason.ts"
import type { Reset } from "../../Protocol/Protocol0.ts"
import { real } from "../../Time/Timer.ts"
import type { Owner } from "../Access/AdmissionPolicy.ts"
import { Game } from "../Game/Game.ts"
import { MAX_PENDING_RESETS } from "../Game/GameNode.ts"
import { ThisNode } from "../Game/ThisNode.ts"
import { add, counter, family, gauge } from "../Operations/MetricFamily.ts"
import { Metrics } from "../Operations/Metrics.ts"
import { ServerConfig } from "../ServerConfig.ts"
import * as GameRemoval from "./GameRemoval.ts"
import * as GameRoomModule from "./GameRoom.ts"
import { GameUse } from "./GameUse.ts"
import { type Asked, codec, type KnownGame, Lobby, type LobbyEvent, type Refused } from "./Lobby.ts"
import { type Found, type Needs, OpenGames } from "./OpenGames.ts"

type GameRoom = GameRoomModule.GameRoom

const gamesGauge = gauge("games", "Games with names")
const refusals = family(counter("games_refused", "Resets of games that a limit refused, by limit"), "limit")

/** A game of the list. `here`: what this node knows of it, if it reads the game's log. */
export interface ListedGame extends KnownGame {
  readonly here: GameRoomModule.Summary | undefined
}

/** The health of a log, and for a game whether its state is that of the newest reset. */
export type FoldHealth = LogHealth & { readonly isNewest?: boolean }

export class Games extends Context.Tag("effect-c10k/Server/Games")<
  Games,
  {
    readonly unsafeList: () => ReadonlyArray<ListedGame>
    readonly unsafeFind: (name: string) => KnownGame | undefined
    /** How many games the server takes, if it has so many and none of this name; `undefined` otherwise. */
    readonly unsafeFullAt: (name: string) => number | undefined
    /** Where clients reach the nodes that say so. */
    readonly unsafeNodes: () => ReadonlyArray<{ readonly name: string; readonly url: string }>
    /** The health of each log that is open on this node, with what it is the log of. */
    readonly unsafeHealth: () => ReadonlyArray<readonly [what: string, health: FoldHealth]>
    /** Calls back with the game, or with the reason why there is none, at once if it is open on this node. */
    readonly unsafeEnter: (name: string, use: (found: Found) => void) => void
    /** The game, if this node reads its log. */
    readonly unsafeRoom: (name: string) => GameRoom | undefined
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
  static readonly layer: Layer.Layer<Games, LogError, Game | Needs> = Layer.scoped(
    Games,
    Effect.suspend(() => make)
  )
}

/** How often a game is polled within `gameIdle`, and the most milliseconds between two polls. */
const POLLS = 4
const MAX_POLL = 1000
const tooMany = (reason: string): CloseReason => ({ code: CloseReason.TooManyGames.code, reason })

/** Tells the operator that nodes come and go, and when the engine goes and is back: a line for the node, and not for each game. */
class NodeLines {
  readonly #write: (line: Effect.Effect<void>) => void
  #wasConnected = true

  constructor(write: (line: Effect.Effect<void>) => void) {
    this.#write = write
  }

  /** Must be called with each event before the fold. */
  read(event: LobbyEvent, lobby: Lobby, node: string): void {
    if (event.type !== "here" && event.type !== "gone") return
    if (event.node === node || lobby.nodes.has(event.node) === (event.type === "here")) return
    const what = event.type === "here" ? "takes part" : "has left, or was silent for too long"
    this.#write(Effect.logInfo(`Node ${event.node} ${what}`))
  }

  poll({ connected }: LogHealth): void {
    if (connected === this.#wasConnected) return
    this.#wasConnected = connected
    this.#write(
      connected ? Effect.logInfo("The log can be reached again") : Effect.logWarning("The log can't be reached")
    )
  }
}

const make = Effect.gen(function* () {
  const { advertise, gameIdle, maxAllCells, maxGames, maxGamesPerToken } = yield* ServerConfig
  const limits = { games: maxGames, gamesPerOwner: Math.min(maxGames, maxGamesPerToken), cells: maxAllCells }
  const logs = yield* Logs
  const { name: node } = yield* ThisNode
  const unnamed = yield* Game
  const nothing = yield* Effect.provide(GameRoomModule.nothing, MemoryLogs.layer())
  const lobby = new Lobby()
  const games = yield* OpenGames.make
  /** The resets that wait for their entry. They get its position, or `undefined` if it may never come, and why it is refused. */
  const asked = new Map<string, (position: number | undefined, refused?: Refused) => void>()
  const append = (event: LobbyEvent) => log.unsafeAppend(event)
  const played = () => [unnamed, ...games.rooms.map(([, { game }]) => game)]
  const runtime = yield* Effect.runtime()
  const lines = new NodeLines((line) => void Runtime.runFork(runtime)(line))
  const use = new GameUse({
    node,
    isShared: logs.isShared,
    url: advertise,
    idle: gameIdle,
    lobby,
    append,
    players: () => played().flatMap(({ unsafeProcesses }) => unsafeProcesses()),
    removePlayer: (silent) => {
      for (const { unsafeRemove } of played()) unsafeRemove(silent)
    },
    hasClients: (name) => games.room(name)?.isUsed === true,
    now: () => performance.now()
  })
  const removals = yield* GameRemoval.make(lobby, append)

  /** The list begins again, or goes on where this node has not read it. What was asked and not read is not in the log, or is not known to be. */
  const restart = () => {
    use.restart()
    for (const answer of asked.values()) answer(undefined)
    asked.clear()
  }

  const log: Log<LobbyEvent> = yield* logs.open("lobby", {
    codec,
    reader: {
      entry: (event, position) => {
        lines.read(event, lobby, node)
        const { ended, made, refused } = lobby.apply(event, position)
        use.read(event)
        if (ended !== undefined) removals.begin(ended, games.close(ended.name, CloseReason.Ended))
        // Watchers that connected before the game was created see it when they connect again.
        if (made !== undefined) nothing.closeAll(CloseReason.Made.code, CloseReason.Made.reason)
        if (event.type !== "asked") return
        asked.get(event.request)?.(position, refused)
        asked.delete(event.request)
      },
      snapshot: () => lobby.snapshot(),
      // Again, if this node has missed a part of the log.
      restore: (snapshot) => {
        const before = lobby.games
        lobby.restore(snapshot)
        for (const game of before)
          if (lobby.find(game.name)?.log !== game.log && games.close(game.name, CloseReason.Moved))
            removals.begin(game, true)
        // Nodes that ended may have left logs behind.
        for (const game of lobby.removing) removals.begin(game, false)
        restart()
      },
      forgotten: () => {
        const { games: before, removing } = lobby
        for (const { name } of before) games.close(name, CloseReason.Moved)
        lobby.forget()
        // Nobody else knows that these logs exist. The log of a new game has another name.
        for (const game of [...before, ...removing]) removals.begin(game, true)
        restart()
      }
    }
  })
  const existing = yield* logs.names
  yield* current(log)
  yield* removals.unlisted(existing)

  yield* Effect.acquireRelease(
    Effect.sync(() => {
      const poll = () => {
        use.poll()
        lines.poll(log.unsafeHealth())
      }
      // At once, so that the other nodes know this one before they see it in a game.
      poll()
      return real.every(Math.min(MAX_POLL, gameIdle / POLLS), poll)
    }),
    (stop) =>
      Effect.sync(() => {
        stop()
        if (logs.isShared) append({ type: "gone", node })
      })
  )
  yield* (yield* Metrics).publish(() => [[gamesGauge, lobby.games.length]])

  const enter = (name: string, found: (found: Found) => void) => {
    const known = lobby.find(name)
    if (known !== undefined) return games.enter(known, found)
    // The game may have been created on another node a moment ago.
    log.unsafeWhenCurrent(() => {
      const game = lobby.find(name)
      if (game === undefined) found("unknown")
      else games.enter(game, found)
    })
  }

  return Games.of({
    unsafeList: () => lobby.games.map((game) => ({ ...game, here: games.room(game.name)?.summary() })),
    unsafeFind: (name) => lobby.find(name),
    unsafeFullAt: (name) => (lobby.isFull(name, limits.games) ? limits.games : undefined),
    unsafeNodes: () => lobby.urls,
    unsafeRoom: (name) => games.room(name),
    unsafeHealth: () => [
      ["the list of games", log.unsafeHealth()],
      ...games.rooms.map(([name, room]) => [`the log of game ${name}`, room.game.unsafeHealth()] as const)
    ],
    unsafeEnter: (name, found) =>
      enter(name, (room) => {
        found(room)
        const game = lobby.find(name)
        if (game !== undefined && games.room(name)?.isUsed === true) use.entered(game)
      }),
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
      asked.set(request, (position, refused) => {
        if (position === undefined) return done(CloseReason.Moved)
        if (refused !== undefined) return refuse(refused)
        enter(name, (room) => {
          if (typeof room === "object") return room.game.unsafeReset({ ...reset, asked: position }, done)
          // A new game without a log is none. One that was there before stays, and is tried again.
          const game = lobby.find(name)
          if (room === "unavailable" && game?.made === position) append({ type: "dropped", name, made: position })
          done(CloseReason.Unavailable)
        })
      })
      append(ask)
    }
  })
})
