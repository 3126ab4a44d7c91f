/** Writes steps to files during the game, which does not wait for the disk unless many steps wait. */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import type * as Scope from "effect/Scope"
import type { GamePace } from "../../Life/Game/PacedCells.ts"
import type { UserError } from "../UserError.ts"
import type { Frame } from "./GameRun.ts"

export interface StepWriter {
  /** Takes each complete step, and queues those that must be written. */
  readonly unsafeTake: (frame: Frame) => void
  /** The game that is blocked while the disk is too slow for it. */
  readonly unsafeFollow: (pace: GamePace) => void
  readonly failed: Effect.Effect<never, UserError>
  /** Waits until all queued steps are written. */
  readonly finish: Effect.Effect<void, UserError>
}

/** For a game without `--save-every`. */
export const none: StepWriter = {
  unsafeTake: () => {},
  unsafeFollow: () => {},
  failed: Effect.never,
  finish: Effect.void
}

/** The cells of waiting steps, a byte each, above which the game is blocked. It goes on at half of them. */
const MAX_WAITING = 64 * 1024 * 1024

export const make = Effect.fn("StepWriter.make")(function* (
  write: (frame: Frame) => Effect.Effect<void, UserError>,
  every: number,
  most = MAX_WAITING
): Effect.fn.Return<StepWriter, never, Scope.Scope> {
  const queue = yield* Queue.unbounded<Frame | "end">()
  const written = yield* Deferred.make<void, UserError>()
  let waiting = 0
  let pace: GamePace | undefined
  let isBlocked = false
  const change = (by: number) => {
    waiting += by
    if (pace === undefined) return
    if (waiting > most && !isBlocked) {
      isBlocked = true
      pace.block()
    } else if (waiting <= most / 2 && isBlocked) {
      isBlocked = false
      pace.unblock()
    }
  }
  const writeAll = Effect.gen(function* () {
    for (let next = yield* Queue.take(queue); next !== "end"; next = yield* Queue.take(queue)) {
      yield* write(next)
      change(-next.grid.cells.length)
    }
  })
  yield* Effect.forkScoped(Deferred.complete(written, writeAll))
  return {
    unsafeTake: (frame) => {
      if (frame.step % every !== 0) return
      queue.unsafeOffer(frame)
      change(frame.grid.cells.length)
    },
    unsafeFollow: (game) => {
      pace = game
    },
    failed: Effect.zipRight(Deferred.await(written), Effect.never),
    finish: Effect.suspend(() => {
      queue.unsafeOffer("end")
      return Deferred.await(written)
    })
  }
})
