/** Runs a game to its end, with the referee and the detection of endings. */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import type { GameFailure } from "../../Life/Game/GameClosed.ts"
import type { Driver, Game, GameOptions } from "../../Life/Game/GameDriver.ts"
import type { LifeTransport } from "../../Life/Game/LifeTransport.ts"
import type { StateObserver } from "../../Life/Game/Onset.ts"
import { Check, type Difference } from "../../Life/Referee/Check.ts"
import * as Ending from "../../Life/Referee/Ending.ts"
import { Frames } from "../../Life/Referee/Frames.ts"
import type * as Grid from "../../Life/Universe/Grid.ts"
import type { ConnectError } from "../../WebSocket/Http/ConnectError.ts"
import type { GamePlan } from "./GamePlan.ts"

export interface RunOptions extends Pick<GameOptions, "steps" | "speed" | "connectRate" | "giveUp" | "resume"> {
  readonly check: boolean
  readonly stopWhen: Ending.Kind | undefined
  /** The game ends this many seconds after its cells were told to run. */
  readonly seconds?: number | undefined
  /** Whether to keep the cells of the last complete step. */
  readonly keepsFrame: boolean
  /** Called with each complete step. The frame is a copy. */
  readonly onFrame?: (frame: Frame) => void
}

export interface Frame {
  readonly step: number
  readonly grid: Grid.Grid
}

export interface GameRun<G extends Game = Game> {
  readonly game: G
  /** Waits for the end. Returns the ending, if `--stop-when` ended the game. */
  readonly done: Effect.Effect<Ending.Ending | undefined, GameFailure | ConnectError | Difference>
  /** The newest complete step, if it is kept. */
  readonly unsafeFrame: () => Frame | undefined
  /** The number of complete steps that the referee has compared. */
  readonly unsafeChecked: () => number
}

/** Starts a game with a driver. Closing the scope ends it. */
export const start = Effect.fn("GameRun.start")(function* <G extends Game>(
  { rule, start, topology }: GamePlan,
  options: RunOptions,
  driver: Driver<G>
): Effect.fn.Return<GameRun<G>, GameFailure | ConnectError, LifeTransport | Scope.Scope> {
  const { stopWhen } = options
  const ended = yield* Deferred.make<Ending.Ending, Difference>()
  const detector = new Ending.EndingDetector(rule)
  let frame: Frame | undefined
  let check: Check | undefined
  let isOver = false

  const onFrame = (step: number, grid: Grid.Grid) => {
    if (isOver) return
    frame = { step, grid: { ...grid, cells: grid.cells.slice() } }
    options.onFrame?.(frame)
    if (stopWhen === undefined) return
    const ending = detector.observe(step, grid)
    if (ending === undefined || !Ending.satisfies(ending, stopWhen)) return
    isOver = true
    Deferred.unsafeDone(ended, Effect.succeed(ending))
  }
  const checked = (from: number): StateObserver => {
    const referee = new Check(start, rule, topology, from)
    check = referee
    return (step, row, col, state) => {
      referee.receive(step, row, col, state)
      if (Option.isSome(referee.difference)) Deferred.unsafeDone(ended, Effect.fail(referee.difference.value))
    }
  }
  const framed = (from: number): StateObserver => {
    const frames = new Frames(topology.width, topology.height, onFrame, from)
    return (step, row, col, state) => void frames.receive(step, row, col, state)
  }
  const observers = [
    ...(options.check ? [checked] : []),
    ...(options.keepsFrame || options.onFrame !== undefined || stopWhen !== undefined ? [framed] : [])
  ]
  const observe = (from: number): StateObserver => {
    const made = observers.map((make) => make(from))
    return (step, row, col, state) => {
      for (const observer of made) observer(step, row, col, state)
    }
  }

  const game = yield* driver({ ...options, start, rule, topology, ...(observers.length === 0 ? {} : { observe }) })
  return {
    game,
    done: Effect.raceFirst(Effect.as(game.done, undefined), Deferred.await(ended)),
    unsafeFrame: () => frame,
    unsafeChecked: () => check?.frames ?? 0
  }
})
