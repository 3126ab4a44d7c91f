/**
 * Brings back cells that lost their connection. When all have, the server may be another that knows nothing of the
 * game: then it is told to start one of the same size, and the cells, which tell their last two states when they are
 * told to run, carry on where they were.
 */
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import type { Reset } from "../Protocol/Protocol0.ts"
import type { Cell } from "./Cell.ts"
import type { GameProgress } from "./GameProgress.ts"
import { LifeTransport } from "./LifeTransport.ts"

/** Milliseconds before the first attempt, and the most between two. */
const FIRST = 50
const LONGEST = 1000
/** Cells that connect at once. */
const CONCURRENCY = 128

export interface ReconnectOptions<E> {
  readonly connect: (cell: Cell) => Effect.Effect<void, E, never>
  readonly lostAll: () => boolean
  readonly reset: Reset
  readonly progress: GameProgress
}

export const make = Effect.fn("GameReconnect.make")(function* <E>({
  connect,
  lostAll,
  progress,
  reset
}: ReconnectOptions<E>) {
  const transport = yield* LifeTransport
  const latch = yield* Effect.makeLatch(false)
  const lost = new Set<Cell>()
  let attempts = 0

  /** Whether the server still has the game: the same size, and past the time when it counts workers anew. */
  const hasGame = Effect.map(
    Effect.scoped(transport.held),
    (held) =>
      held !== undefined &&
      held.width === reset.width &&
      held.height === reset.height &&
      (held.phase === "running" || held.phase === "ended")
  )

  const round = Effect.gen(function* () {
    if (lostAll() && !(yield* hasGame)) yield* transport.reset(reset)
    const cells = [...lost]
    yield* Effect.forEach(
      cells,
      (cell) => {
        lost.delete(cell)
        return connect(cell).pipe(
          Effect.tapBoth({
            onFailure: () => Effect.sync(() => lost.add(cell)),
            onSuccess: () => Effect.sync(() => progress.reconnected++)
          })
        )
      },
      { concurrency: CONCURRENCY, discard: true }
    )
    attempts = 0
  })

  yield* Effect.gen(function* () {
    yield* latch.await
    const wait = Math.min(LONGEST, FIRST * 2 ** attempts) * (yield* Random.nextRange(0.5, 1))
    yield* Effect.sleep(wait)
    attempts++
    yield* Effect.ignore(round)
    if (lost.size === 0) yield* latch.close
  }).pipe(Effect.forever, Effect.forkScoped)

  return {
    /** A cell has lost its connection. */
    lost: (cell: Cell): void => {
      lost.add(cell)
      latch.unsafeOpen()
    }
  }
})
