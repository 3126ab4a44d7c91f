/**
 * Drives a game: gives each cell its connection, keeps the pace, brings back cells that lost their connection, and ends
 * when all have made their last step. The cells find their way by themselves; nothing here tells them what to compute.
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { CloseReason } from "../../Protocol/CloseReason.ts"
import type { ConnectError } from "../../WebSocket/Http/ConnectError.ts"
import type * as Grid from "../Universe/Grid.ts"
import type * as Rule from "../Universe/Rule.ts"
import type * as Topology from "../Universe/Topology.ts"
import * as UniverseText from "../Universe/UniverseText.ts"
import type { Cell } from "./Cell.ts"
import { CellLink, type LinkEvents } from "./CellLink.ts"
import { GameClosed, type GameFailure, isFinal, NotARelay } from "./GameClosed.ts"
import { GameProgress } from "./GameProgress.ts"
import * as GameReconnect from "./GameReconnect.ts"
import { LifeTransport } from "./LifeTransport.ts"
import { type Observer, Onset } from "./Onset.ts"
import * as Opening from "./OpeningGame.ts"
import { Pace } from "./Pace.ts"
import { PacedGame } from "./PacedGame.ts"

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
  /** Milliseconds after which lost connections end the game; infinity: never. */
  readonly giveUp: number
  /**
   * Makes what hears each state that a cell tells, once, all cells' states of each step from `from` on. It is called for
   * every message, so it must be fast.
   */
  readonly observe?: (from: number) => Observer
}

export interface Game {
  readonly progress: GameProgress
  readonly pace: PacedGame
  /** Waits until the cells are told to run. */
  readonly running: Effect.Effect<void>
  /** Waits until every cell has made its last step, or the game can't go on. */
  readonly done: Effect.Effect<void, GameFailure | ConnectError>
}

const FORGOTTEN = "it forgot the game before all cells were taken over"

/** Starts a game; closing the scope closes its connections. */
export const start: (
  options: GameOptions
) => Effect.Effect<Game, GameClosed | ConnectError, LifeTransport | Scope.Scope> = Effect.fn("GameDriver.start")(
  function* (options: GameOptions) {
    const { topology, rule, steps } = options
    const { width, height } = topology
    const transport = yield* LifeTransport
    const done = yield* Deferred.make<void, GameFailure | ConnectError>()
    const running = yield* Deferred.make<void>()
    const progress = new GameProgress(width, height)
    const pace = new PacedGame(new Pace(options.speed, performance.now()))
    const game = { width, height, topology: UniverseText.format(rule, topology) }
    const links = new Map<Cell, CellLink>()
    /** The newest step that each cell has told. */
    const told = new Int32Array(width * height).fill(-1)
    let finished = 0
    let closing = false
    /** How often the server was asked for the game. */
    let epoch = 0

    const begin = (from: number): Observer => {
      const observer = options.observe?.(from)
      progress.from = from
      return (step, row, col, state) => {
        progress.told(step, state)
        observer?.(step, row, col, state)
      }
    }
    const takeOver = (onset: Onset): Observer => {
      return (step, row, col, state) => {
        const from = onset.receive(step, row, col, state)
        if (from === undefined) return
        observe = begin(from)
        onset.replay(observe)
      }
    }
    let observe = options.resume ? takeOver(new Onset(progress.cells)) : begin(0)

    const note = (cell: Cell, step: number, state: Rule.State) => {
      const index = cell.row * width + cell.col
      if (step <= told[index]!) return
      told[index] = step
      observe(step, cell.row, cell.col, state)
      if (step === steps && ++finished === progress.cells) Deferred.unsafeDone(done, Effect.void)
    }
    const fail = (error: GameFailure | ConnectError) => Deferred.unsafeDone(done, Effect.fail(error))
    const remove = (link: CellLink) => {
      links.delete(link.cell)
      progress.connected--
      if (link.isSubscribed) progress.subscribed--
    }

    const events: LinkEvents = {
      subscribed: () => {
        progress.subscribed++
      },
      run: (link) => {
        const { cell } = link
        if (!progress.running) {
          progress.running = true
          pace.start(cell.step)
          Deferred.unsafeDone(running, Effect.void)
        }
        const newest = told[cell.row * width + cell.col]!
        if (newest >= 0 && cell.step > newest) {
          // It waits for its time. Were it told now, its neighbours could pass over a step that another one still holds.
          link.tellBefore()
          return pace.reached(link)
        }
        link.tellAgain()
        if (cell.previousState !== undefined) note(cell, cell.step - 1, cell.previousState)
        note(cell, cell.step, cell.state)
      },
      advanced: (link) => pace.reached(link),
      surprised: (text) => fail(new NotARelay({ detail: `unexpected message ${JSON.stringify(text.slice(0, 40))}` })),
      closed: (link, { code, reason }) => {
        if (closing || links.get(link.cell) !== link) return
        remove(link)
        // What our own asking for the game closed is no verdict.
        const isOurs = code === CloseReason.NewGame.code && link.epoch < epoch
        if (isFinal(code) && !isOurs) fail(new GameClosed({ code, reason }))
        else reconnect.lost(link.cell)
      }
    }
    pace.tell = (link) => {
      if (links.get(link.cell) !== link) return
      link.tell()
      const { cell } = link
      // Two steps at once: the first was told when the second was made.
      if (cell.previousState !== undefined) note(cell, cell.step - 1, cell.previousState)
      note(cell, cell.step, cell.state)
    }

    const hasBegun = ({ row, col }: Cell) => told[row * width + col]! >= 0
    const connect = (cell: Cell) =>
      Effect.suspend(() => {
        const begun = epoch
        const resumes = options.resume && !hasBegun(cell)
        return transport.connect((link) => {
          const made = new CellLink(cell, begun, link, events, steps, resumes)
          links.set(cell, made)
          progress.connected++
          return made
        })
      })
    const reset = Effect.suspend(() => {
      epoch++
      return Effect.as(transport.reset(game), undefined)
    })
    const cells = Opening.cells(options.start, rule, topology)
    const reconnect = yield* GameReconnect.make({
      connect,
      lostAll: () => links.size === 0,
      reset: Effect.andThen(reset, () => {
        if (options.resume && !cells.every(hasBegun)) return fail(new GameClosed({ code: 1006, reason: FORGOTTEN }))
        for (const link of [...links.values()]) {
          remove(link)
          link.close()
          reconnect.lost(link.cell)
        }
      }),
      game,
      progress,
      giveUp: options.giveUp,
      fail
    })
    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        closing = true
        pace.stop()
        for (const link of links.values()) link.close()
      })
    )
    if (!options.resume) yield* reset
    // A cell that finds no server now, which was there before, is as if it had lost its connection.
    const connectOrLose = (cell: Cell) =>
      Effect.catchIf(
        connect(cell),
        (error) => error.failure !== "Local" && !GameReconnect.isFinalFailure(error),
        () => Effect.sync(() => reconnect.lost(cell))
      )
    yield* Opening.open(cells, connectOrLose, options.connectRate).pipe(
      Effect.zipRight(options.resume ? Opening.beginAll(links, () => cells.every(hasBegun)) : Effect.void),
      Effect.catchAll((error) => Effect.sync(() => fail(error))),
      Effect.forkScoped
    )
    return { progress, pace, running: Deferred.await(running), done: Deferred.await(done) }
  }
)
