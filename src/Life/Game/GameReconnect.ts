/**
 * Reconnects cells that lost their connection, in rounds. The server may have been restarted and may not know the game any
 * more. So each round first asks which game the server holds. If it holds another one, the round starts a game of the same
 * size, edges and number of states. The cells publish their last two states when they are told to run, and continue.
 */
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import type { Reset } from "../../Protocol/Protocol0.ts"
import { type ConnectError, isFinalFailure } from "../../WebSocket/Http/ConnectError.ts"
import type { Cell } from "./Cell.ts"
import { type GameFailure, GaveUp, isFinal } from "./GameClosed.ts"
import type { GameProgress } from "./GameProgress.ts"
import { LifeTransport } from "./LifeTransport.ts"
import type { LostCells } from "./LostCells.ts"

/** Milliseconds before the first round, and the longest time between two rounds. */
const FIRST = 50
const LONGEST = 1000
/** Cells that connect at the same time. */
const CONCURRENCY = 128

export interface GameReconnectOptions {
  readonly lost: LostCells
  readonly connect: (cell: Cell) => Effect.Effect<void, ConnectError>
  readonly lostAll: () => boolean
  /** Resets the game on the server. All connected cells lose their connections. */
  readonly reset: Effect.Effect<void, ConnectError | GameFailure>
  readonly game: Reset
  readonly progress: GameProgress
  /** The game fails when cells have been without a connection for this time, in milliseconds. Infinity: never. */
  readonly giveUp: number
  readonly fail: (error: GameFailure | ConnectError) => void
}

const isFinalError = (error: ConnectError | GameFailure): boolean =>
  error._tag === "ConnectError"
    ? isFinalFailure(error)
    : // Another program at the address stays one.
      error._tag !== "GameClosed" || isFinal(error.code)

/** Whether the server holds another game. A server that speaks only protocol 0 can't be asked: then it is assumed when all cells are lost. */
export const hasForgotten = (game: Reset, lostAll: () => boolean) =>
  LifeTransport.pipe(
    Effect.flatMap((transport) => Effect.scoped(transport.serverGame)),
    Effect.map((serverGame) =>
      serverGame === undefined
        ? lostAll()
        : serverGame.width !== game.width ||
          serverGame.height !== game.height ||
          serverGame.topology !== game.topology ||
          serverGame.stateCount !== game.stateCount
    )
  )

/** How many rounds have failed in a row, and why the last of them failed. */
interface Rounds {
  readonly failed: number
  readonly cause: string
}

/** Runs rounds for ever, whenever cells are lost. */
export const run = Effect.fn("GameReconnect.run")(function* (options: GameReconnectOptions) {
  const { connect, fail, game, giveUp, lost, lostAll, progress, reset } = options
  /** Connects a cell. Returns the error instead of failing, so that one cell does not stop the others. */
  const bringBack = (cell: Cell) =>
    Effect.match(connect(cell), {
      onFailure: (error) => error,
      onSuccess: () => {
        lost.delete(cell)
        progress.reconnected++
        return undefined
      }
    })

  const round = Effect.gen(function* () {
    if (yield* hasForgotten(game, lostAll)) yield* reset
    const failures = yield* Effect.forEach(lost.all, bringBack, { concurrency: CONCURRENCY })
    const failure = failures.find((each) => each !== undefined)
    if (failure !== undefined) return yield* failure
  })

  const settle = (cause: string) => {
    // A server that restarts just after it was asked never tells the cells to subscribe. So the rounds go on until all have subscribed.
    if (lost.isEmpty && progress.subscribed === progress.cells) lost.settle()
    else if (lost.elapsed >= giveUp) {
      fail(new GaveUp({ seconds: giveUp / 1000, lost: progress.cells - progress.subscribed, cause }))
    }
  }

  const next = Effect.fnUntraced(function* ({ cause, failed }: Rounds) {
    yield* lost.some
    yield* Effect.sleep(Math.min(LONGEST, FIRST * 2 ** failed) * (yield* Random.nextRange(0.5, 1)))
    const rounds: Rounds = yield* Effect.match(round, {
      onSuccess: () => ({ failed: 0, cause }),
      onFailure: (error) => {
        if (isFinalError(error)) fail(error)
        return { failed: failed + 1, cause: error.message }
      }
    })
    settle(rounds.cause)
    return rounds
  })

  const first: Rounds = { failed: 0, cause: "no reason given" }
  return yield* Effect.iterate(first, { while: () => true, body: next })
})
