/** Plays a game from its start to its report, for `life` and `demo`. */
import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import type { Ending } from "../../Life/Referee/Ending.ts"
import * as Output from "../Output.ts"
import type { UserError } from "../UserError.ts"
import * as CensusReport from "./CensusReport.ts"
import type { RunChoice } from "./GameOptions.ts"
import * as GamePlan from "./GamePlan.ts"
import * as GameReport from "./GameReport.ts"
import * as GameRun from "./GameRun.ts"
import type { GameView } from "./GameView.ts"
import type { StepFiles } from "./StepFiles.ts"

/** The options about the run. `speed` comes from the command. */
export const runOptions = (choice: RunChoice, speed: number): GameRun.RunOptions => {
  const orEver = Option.getOrElse(() => Number.POSITIVE_INFINITY)
  return {
    steps: orEver(choice.steps),
    speed: Option.getOrElse(choice.speed, () => speed),
    connectRate: orEver(choice.connectRate),
    giveUp: orEver(choice.giveUp),
    resume: false,
    check: choice.check,
    stopWhen: Option.getOrUndefined(choice.stopWhen),
    keepsFrame: Option.isSome(choice.output) || choice.census
  }
}

const reasonOf = Exit.match({
  onSuccess: (ending: Ending | undefined): GameReport.Reason => ending?.kind ?? "steps",
  onFailure: (cause: Cause.Cause<unknown>): GameReport.Reason =>
    Cause.isInterruptedOnly(cause) ? "interrupted" : "failed"
})

/** Writes steps to files during the game. The game does not wait for the disk. */
interface StepWriter {
  /** Takes each complete step, and queues those that must be written. */
  readonly unsafeTake: (frame: GameRun.Frame) => void
  /** Fails when a step can't be written. */
  readonly failed: Effect.Effect<never, UserError>
  /** Waits until all queued steps are written. */
  readonly finish: Effect.Effect<void, UserError>
}

/** For a game without `--save-every`. */
const noWriter: StepWriter = { unsafeTake: () => {}, failed: Effect.never, finish: Effect.void }

/** A slow disk does not slow the game down: the queue of steps is limited only by the memory. */
const makeWriter = Effect.fn("GamePlay.makeWriter")(function* (
  plan: GamePlan.GamePlan,
  files: StepFiles,
  every: number
) {
  const waiting = yield* Queue.unbounded<GameRun.Frame | "end">()
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

const stepWriter = (plan: GamePlan.GamePlan, { steps }: GameView) => {
  const files = Option.getOrUndefined(steps)
  return files?.every === undefined ? Effect.succeed(noWriter) : makeWriter(plan, files, files.every)
}

/**
 * Plays until the game ends, fails, or is interrupted. In each case it reports the result and writes the last step. `onStart`
 * runs at the same time.
 */
export const play = Effect.fn("GamePlay.play")(function* (
  plan: GamePlan.GamePlan,
  options: GameRun.RunOptions,
  view: GameView,
  onStart: (run: GameRun.GameRun) => Effect.Effect<unknown> = () => Effect.void
) {
  if (view.isShown) yield* Output.note(GamePlan.describe(plan))
  const steps = yield* stepWriter(plan, view)
  const run = yield* GameRun.start(plan, steps === noWriter ? options : { ...options, onFrame: steps.unsafeTake })
  yield* Effect.forkScoped(onStart(run))
  let startedAt: number | undefined
  yield* run.game.running.pipe(
    Effect.andThen(() => {
      startedAt = performance.now()
    }),
    Effect.forkScoped
  )
  const end = Effect.raceFirst(run.done, Effect.raceFirst(view.show(run.game.progress, options.steps), steps.failed))
  yield* Effect.uninterruptibleMask((restore) =>
    Effect.gen(function* () {
      const exit = yield* Effect.exit(restore(end))
      const elapsed = startedAt === undefined ? 0 : performance.now() - startedAt
      const ending = Exit.isSuccess(exit) ? exit.value : undefined
      const frame = run.unsafeFrame()
      const census = view.census && frame !== undefined ? yield* CensusReport.take(plan, frame) : undefined
      yield* GameReport.write(view, { run, reason: reasonOf(exit), ending, elapsed, isChecked: options.check, census })
      if (Option.isSome(view.steps) && frame !== undefined) yield* view.steps.value.write(plan, frame)
      yield* steps.finish
      return yield* exit
    })
  )
}, Effect.scoped)
