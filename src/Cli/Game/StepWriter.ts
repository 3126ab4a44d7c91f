/** Writes steps to files during the game. The game does not wait for the disk. */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import type { UserError } from "../UserError.ts"
import type { GamePlan } from "./GamePlan.ts"
import type { Frame } from "./GameRun.ts"
import type { StepFiles } from "./StepFiles.ts"

export interface StepWriter {
  /** Takes each complete step, and queues those that must be written. */
  readonly unsafeTake: (frame: Frame) => void
  /** Fails when a step can't be written. */
  readonly failed: Effect.Effect<never, UserError>
  /** Waits until all queued steps are written. */
  readonly finish: Effect.Effect<void, UserError>
}

/** For a game without `--save-every`. */
export const none: StepWriter = { unsafeTake: () => {}, failed: Effect.never, finish: Effect.void }

/** A slow disk does not slow the game down: the queue of steps is limited only by the memory. */
export const make = Effect.fn("StepWriter.make")(function* (plan: GamePlan, files: StepFiles, every: number) {
  const waiting = yield* Queue.unbounded<Frame | "end">()
  const written = yield* Deferred.make<void, UserError>()
  const writeNext = Effect.flatMap(Queue.take(waiting), (frame) =>
    frame === "end" ? Effect.succeed(true) : Effect.as(files.write(plan, frame), false)
  )
  const writeAll = Effect.asVoid(Effect.repeat(writeNext, { until: (isEnd) => isEnd }))
  yield* Effect.forkScoped(Deferred.complete(written, writeAll))
  const writer: StepWriter = {
    unsafeTake: (frame) => {
      if (frame.step % every === 0) waiting.unsafeOffer(frame)
    },
    failed: Effect.zipRight(Deferred.await(written), Effect.never),
    finish: Effect.suspend(() => {
      waiting.unsafeOffer("end")
      return Deferred.await(written)
    })
  }
  return writer
})
