/** Plays a game from its start to its last word: what `life` and `demo` have in common. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import type { Ending } from "../../Life/Referee/Ending.ts"
import * as Output from "../Output.ts"
import type { RunChoice } from "./GameOptions.ts"
import * as GamePlan from "./GamePlan.ts"
import * as GameReport from "./GameReport.ts"
import * as GameRun from "./GameRun.ts"
import type { GameView } from "./GameView.ts"

/** What the options say about the run; `speed` is that of the command. */
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
    keepsFrame: Option.isSome(choice.output)
  }
}

const reasonOf = Exit.match({
  onSuccess: (ending: Ending | undefined): GameReport.Reason => ending?.kind ?? "steps",
  onFailure: (cause: Cause.Cause<unknown>): GameReport.Reason =>
    Cause.isInterruptedOnly(cause) ? "interrupted" : "failed"
})

/**
 * Plays until the game ends, can't go on, or is interrupted; in each case tells how far it came and writes that.
 * `onStart` runs beside it.
 */
export const play = Effect.fn("GamePlay.play")(function* (
  plan: GamePlan.GamePlan,
  options: GameRun.RunOptions,
  view: GameView,
  onStart: (run: GameRun.GameRun) => Effect.Effect<unknown> = () => Effect.void
) {
  if (view.isTold) yield* Output.note(GamePlan.describe(plan))
  const run = yield* GameRun.start(plan, options)
  yield* Effect.forkScoped(onStart(run))
  let startedAt: number | undefined
  yield* run.game.running.pipe(
    Effect.andThen(() => {
      startedAt = performance.now()
    }),
    Effect.forkScoped
  )
  const end = Effect.raceFirst(run.done, view.show(run.game.progress))
  yield* Effect.uninterruptibleMask((restore) =>
    Effect.gen(function* () {
      const exit = yield* Effect.exit(restore(end))
      const elapsed = startedAt === undefined ? 0 : performance.now() - startedAt
      const ending = Exit.isSuccess(exit) ? exit.value : undefined
      yield* GameReport.tell(view, { run, reason: reasonOf(exit), ending, elapsed, isChecked: options.check })
      yield* GameReport.write(view, plan, run.unsafeFrame())
      return yield* exit
    })
  )
}, Effect.scoped)
