/**
 * Drives a game: gives each cell its connection, keeps the pace, brings back cells that lost their connection, and ends
 * when all have made their last step. The cells find their way by themselves; nothing here tells them what to compute.
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { ConnectError } from "../WebSocket/ConnectError.ts"
import type { Cell } from "./Cell.ts"
import { CellLink, type LinkEvents } from "./CellLink.ts"
import { GameClosed, isFinal } from "./GameClosed.ts"
import { GameProgress } from "./GameProgress.ts"
import * as GameReconnect from "./GameReconnect.ts"
import type * as Grid from "./Grid.ts"
import { LifeTransport } from "./LifeTransport.ts"
import * as Opening from "./OpeningGame.ts"
import { Pace } from "./Pace.ts"
import { PacedGame } from "./PacedGame.ts"
import type * as Rule from "./Rule.ts"
import type * as Topology from "./Topology.ts"
import * as TopologyText from "./TopologyText.ts"

export interface GameOptions {
  readonly start: Grid.Grid
  readonly rule: Rule.Rule
  readonly topology: Topology.Topology
  /** The last step; infinity for a game without end. */
  readonly steps: number
  /** Steps a second, at most. */
  readonly speed: number
  /** Connections to open a second, at most; infinity for as fast as the server takes them. */
  readonly connectRate: number
  /** Takes over the cells of a game that is on, instead of starting another. */
  readonly resume: boolean
  /** Called for each step that a cell tells, with the state that it has then. Must be fast. */
  readonly observe?: (step: number, row: number, col: number, state: Rule.State) => void
}

export interface Game {
  readonly progress: GameProgress
  readonly pace: PacedGame
  /** Waits until every cell has made its last step, or the game can't go on. */
  readonly done: Effect.Effect<void, GameClosed | ConnectError>
}

/** Starts a game; closing the scope closes its connections. */
export const start: (
  options: GameOptions
) => Effect.Effect<Game, GameClosed | ConnectError, LifeTransport | Scope.Scope> = Effect.fn("GameDriver.start")(
  function* (options: GameOptions) {
    const { topology, rule, steps } = options
    const { width, height } = topology
    const transport = yield* LifeTransport
    const done = yield* Deferred.make<void, GameClosed | ConnectError>()
    const progress = new GameProgress(width, height)
    const pace = new PacedGame(new Pace(options.speed, performance.now()))
    const reset = { width, height, topology: TopologyText.format(topology) }
    const links = new Map<Cell, CellLink>()
    /** The newest step that each cell has told. */
    const told = new Int32Array(width * height).fill(-1)
    let finished = 0
    let closing = false

    const note = (cell: Cell, step: number, state: Rule.State) => {
      const index = cell.row * width + cell.col
      if (step <= told[index]!) return
      told[index] = step
      progress.told(step, state)
      options.observe?.(step, cell.row, cell.col, state)
      if (step === steps && ++finished === progress.cells) Deferred.unsafeDone(done, Effect.void)
    }
    const fail = (error: GameClosed | ConnectError) => Deferred.unsafeDone(done, Effect.fail(error))

    const events: LinkEvents = {
      subscribed: () => {
        progress.subscribed++
      },
      run: (link) => {
        const { cell } = link
        if (!progress.running) {
          progress.running = true
          pace.start(cell.step)
        }
        link.tellAgain()
        if (cell.step > 0) note(cell, cell.step - 1, cell.previousState)
        note(cell, cell.step, cell.state)
      },
      advanced: (link) => pace.reached(link),
      surprised: (text) => fail(new GameClosed({ code: 1002, reason: `unexpected message ${JSON.stringify(text)}` })),
      closed: (link, { code, reason }) => {
        if (closing || links.get(link.cell) !== link) return
        links.delete(link.cell)
        progress.connected--
        progress.subscribed--
        if (isFinal(code)) fail(new GameClosed({ code, reason }))
        else reconnect.lost(link.cell)
      }
    }
    pace.tell = (link) => {
      if (links.get(link.cell) !== link) return
      link.tell()
      note(link.cell, link.cell.step, link.cell.state)
    }

    const connect = (resumes: boolean) => (cell: Cell) =>
      transport.connect((link) => {
        const made = new CellLink(cell, link, events, steps, resumes)
        links.set(cell, made)
        progress.connected++
        return made
      })
    const cells = Opening.cells(options.start, rule, topology)
    const reconnect = yield* GameReconnect.make({
      connect: connect(false),
      lostAll: () => links.size === 0,
      reset,
      progress
    })
    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        closing = true
        pace.stop()
        for (const link of links.values()) link.close()
      })
    )
    if (!options.resume) yield* transport.reset(reset)
    yield* Opening.open(cells, connect(options.resume), options.connectRate).pipe(
      Effect.zipRight(options.resume ? Opening.startAnew(links) : Effect.void),
      Effect.catchAll((error) => Effect.sync(() => fail(error))),
      Effect.forkScoped
    )
    return { progress, pace, done: Deferred.await(done) }
  }
)
