/**
 * Drives a game: connects the cells, keeps the pace, reconnects cells that lost their connection, and ends when all cells
 * have made their last step and their neighbours have heard it. The cells compute their states from their neighbours' messages; nothing here does that.
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Clients } from "../../Protocol/Control.ts"
import { CloseCode } from "../../WebSocket/Frames/CloseCode.ts"
import { type ConnectError, isFinalFailure } from "../../WebSocket/Http/ConnectError.ts"
import type * as Grid from "../Universe/Grid.ts"
import type * as Rule from "../Universe/Rule.ts"
import type * as Topology from "../Universe/Topology.ts"
import * as UniverseText from "../Universe/UniverseText.ts"
import type { Cell } from "./Cell.ts"
import * as Opening from "./CellConnector.ts"
import { CellLinks } from "./CellLinks.ts"
import { GameClosed, type GameFailure } from "./GameClosed.ts"
import { counted, GameProgress } from "./GameProgress.ts"
import * as GameReconnect from "./GameReconnect.ts"
import { type CellConnection, LifeTransport } from "./LifeTransport.ts"
import { LostCells } from "./LostCells.ts"
import type { Block } from "./NodePlacement.ts"
import { Onset, type StateObserver } from "./Onset.ts"
import type { GamePace, PacedCells } from "./PacedCells.ts"
import { PublishedSteps } from "./PublishedSteps.ts"

export interface GameOptions {
  readonly start: Grid.Grid
  readonly rule: Rule.Rule
  readonly topology: Topology.Topology
  /** The last step. Infinity: the game does not end. */
  readonly steps: number
  /** The most steps per second. */
  readonly speed: number
  /** The most connections to open per second. Infinity: as fast as the server accepts them. */
  readonly connectRate: number
  /** Take over the cells of a running game instead of starting a new one. */
  readonly resume: boolean
  /** The game fails when cells have been without a connection for this time, in milliseconds. Infinity: never. */
  readonly giveUp: number
  /** Makes the observer, which gets each state from step `from` on once. It is called for every message. */
  readonly observe?: (from: number) => StateObserver
  /** The cells that this process plays, if others play the rest. */
  readonly share?: Share
}

/** A part of a game, whose other parts other processes play. One process asks the server for the game on behalf of all. */
interface Share {
  readonly block: Block
  /** Gets what must be called when the game is asked for again. */
  readonly renewal: (renewal: Renewal) => void
}

export interface Renewal {
  /** Before the game is asked for. The server then closes the connections of all cells. */
  readonly announced: () => void
  /** When the server has begun the game, unless this process waits for its own `reset`. */
  readonly begun: () => void
}

const chosen = (cells: ReadonlyArray<Cell>, clients: Clients): ReadonlyArray<Cell> => {
  if (!("count" in clients)) return cells.filter(({ col, row }) => row === clients.row && col === clients.col)
  const left = [...cells]
  return Array.from({ length: Math.min(clients.count, left.length) }, () => {
    const at = Math.floor(Math.random() * left.length)
    const [cell] = left.splice(at, 1)
    return cell!
  })
}

/** What can be done to clients. Each returns how many there were. */
const faultsOf = (links: CellLinks) => {
  const each = (clients: Clients, disturb: (cell: Cell) => void): number => {
    const cells = chosen(links.cells, clients)
    for (const cell of cells) disturb(cell)
    return cells.length
  }
  return {
    /** Closes connections. The cells come back over new ones after `away` milliseconds. */
    disconnect: (clients: Clients, away: number) => each(clients, (cell) => links.disconnect(cell, away)),
    /** These clients keep their connections, but publish nothing for `time` milliseconds. */
    freeze: (clients: Clients, time: number) => each(clients, (cell) => links.freeze(cell, time))
  }
}

export interface Game {
  readonly progress: GameProgress
  readonly pace: GamePace
  /** Waits until the cells are told to run. */
  readonly running: Effect.Effect<void>
  /** Waits until all cells have made their last step, and heard their neighbours'. Fails if the game can't go on. */
  readonly done: Effect.Effect<void, GameFailure | ConnectError>
}

/** A game whose cells are all in this process. */
export interface LocalGame extends Game {
  readonly pace: PacedCells
  /** Disturbs clients, to show or test what a game does then. */
  readonly faults: ReturnType<typeof faultsOf>
}

/** Starts a game. It fails if the server refuses it or can't be reached. Closing the scope closes the connections. */
export type Driver<G extends Game> = (
  options: GameOptions
) => Effect.Effect<G, GameFailure | ConnectError, LifeTransport | Scope.Scope>

const FORGOTTEN = "it forgot the game before all cells were taken over"

/** Passes each published state to the progress and to the observer of the caller. */
const observerOf = ({ observe, resume, share, topology }: GameOptions, progress: GameProgress): StateObserver => {
  // A share passes on what it has, and who has all shares counts it, and finds the first step that all cells publish.
  if (share !== undefined) return observe?.(0) ?? (() => {})
  const begin = counted(progress, observe)
  if (!resume) return begin(0)
  const onset = new Onset(topology.width, topology.height, begin)
  return (step, row, col, state) => onset.receive(step, row, col, state)
}

/** Starts a game whose cells are in this process: all of them, or those of its share. */
export const start: Driver<LocalGame> = Effect.fn("GameDriver.start")(function* (options: GameOptions) {
  const { connectRate, giveUp, resume, rule, speed, steps, topology } = options
  const { height, width } = topology
  const block = options.share?.block ?? { row: 0, col: 0, width, height }
  const transport = yield* LifeTransport
  const done = yield* Deferred.make<void, GameFailure | ConnectError>()
  const running = yield* Deferred.make<void>()
  const fail = (error: GameFailure | ConnectError) => Deferred.unsafeDone(done, Effect.fail(error))

  const game = { width, height, topology: UniverseText.format(rule, topology), stateCount: rule.states }
  const progress = new GameProgress(width, height, block.width * block.height)
  const lost = new LostCells()
  const published = new PublishedSteps(block, steps, observerOf(options, progress), () =>
    Deferred.unsafeDone(done, Effect.void)
  )
  const links = new CellLinks({
    ...{ progress, published, lost, speed, resume, fail },
    onRunning: () => Deferred.unsafeDone(running, Effect.void)
  })

  const connect = (cell: Cell, ended: (error?: ConnectError) => void) => {
    const open = links.opener(cell)
    const opened = (link: CellConnection) => {
      const handler = open(link)
      ended()
      return handler
    }
    return transport.unsafeConnect(cell, opened, ended)
  }
  const ask = Effect.suspend(() => {
    links.askedForGame()
    return transport.reset(game)
  })
  const begunAgain = () => {
    if (resume && !published.haveAllBegun) fail(new GameClosed({ code: CloseCode.Abnormal, reason: FORGOTTEN }))
    else links.renew()
  }
  const askAgain = Effect.andThen(ask, begunAgain)
  options.share?.renewal({ announced: () => links.askedForGame(), begun: begunAgain })
  // The server was there before. A cell that does not reach it now is treated like one that lost its connection.
  const connectOrLose = (cell: Cell, ended: (error?: ConnectError) => void) =>
    connect(cell, (error) => {
      const isFinal = error !== undefined && (error.failure === "Local" || isFinalFailure(error))
      if (error !== undefined && !isFinal) lost.add(cell)
      ended(isFinal ? error : undefined)
    })

  // Finalizers run in reverse order. This one runs last, when nothing opens connections any more.
  yield* Effect.addFinalizer(() => Effect.sync(() => links.end()))
  if (!resume) yield* ask
  yield* Effect.forkScoped(
    GameReconnect.run({
      ...{ lost, game, progress, giveUp, fail },
      connect: (cell) => Opening.connected(connect, cell),
      lostAll: () => links.isEmpty,
      reset: askAgain
    })
  )
  const cells = Opening.cells(options.start, rule, topology, steps, block)
  yield* Opening.open(cells, connectOrLose, connectRate).pipe(
    Effect.zipRight(
      resume
        ? Opening.beginAll(
            () => links.begin(),
            () => published.haveAllBegun
          )
        : Effect.void
    ),
    Effect.catchAll((error) => Effect.sync(() => fail(error))),
    Effect.forkScoped
  )
  const faults = faultsOf(links)
  return { progress, pace: links.pace, faults, running: Deferred.await(running), done: Deferred.await(done) }
})
