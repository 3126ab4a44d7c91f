/** Plays a game from its start to its report, for `life` and `demo`. */
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import type { Driver, Game } from "../../Life/Game/GameDriver.ts"
import type { Ending } from "../../Life/Referee/Ending.ts"
import * as Output from "../Output.ts"
import * as CensusReport from "./CensusReport.ts"
import type { RunChoice } from "./GameOptions.ts"
import * as GamePlan from "./GamePlan.ts"
import * as GameReport from "./GameReport.ts"
import * as GameRun from "./GameRun.ts"
import type { GameView } from "./GameView.ts"
import * as StepWriter from "./StepWriter.ts"

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

/** How the run was over: by an ending of its cells, by its time, or else by its steps. */
type Outcome = Ending | "time" | undefined

const reasonOf = Exit.match({
  onSuccess: (outcome: Outcome): GameReport.Reason => (outcome === "time" ? outcome : (outcome?.kind ?? "steps")),
  onFailure: (cause: Cause.Cause<unknown>): GameReport.Reason =>
    Cause.isInterruptedOnly(cause) ? "interrupted" : "failed"
})

const timeIsOver = ({ running }: Game, seconds: number | undefined): Effect.Effect<Outcome> =>
  seconds === undefined
    ? Effect.never
    : Effect.as(Effect.zipRight(running, Effect.sleep(Duration.seconds(seconds))), "time")

const stepWriter = (plan: GamePlan.GamePlan, { steps }: GameView) => {
  const files = Option.getOrUndefined(steps)
  return files?.every === undefined
    ? Effect.succeed(StepWriter.none)
    : StepWriter.make((frame) => files.write(plan, frame), files.every)
}

/**
 * Plays until the game ends, fails, or is interrupted. In each case it reports the result and writes the last step. `onStart`
 * runs at the same time. Returns the ending, if `--stop-when` ended the game.
 */
export const play = Effect.fn("GamePlay.play")(function* <G extends Game>(
  plan: GamePlan.GamePlan,
  options: GameRun.RunOptions,
  view: GameView,
  driver: Driver<G>,
  onStart: (run: GameRun.GameRun<G>) => Effect.Effect<unknown>
) {
  if (view.isShown) yield* Output.note(GamePlan.describe(plan))
  const steps = yield* stepWriter(plan, view)
  const run = yield* GameRun.start(
    plan,
    steps === StepWriter.none ? options : { ...options, onFrame: steps.unsafeTake },
    driver
  )
  steps.unsafeFollow(run.game.pace)
  yield* Effect.forkScoped(onStart(run))
  let startedAt: number | undefined
  yield* run.game.running.pipe(
    Effect.andThen(() => {
      startedAt = performance.now()
    }),
    Effect.forkScoped
  )
  const end = run.done.pipe(
    Effect.raceFirst(timeIsOver(run.game, options.seconds)),
    Effect.raceFirst(view.show(run.game.progress, options.steps)),
    Effect.raceFirst(steps.failed)
  )
  return yield* Effect.uninterruptibleMask((restore) =>
    Effect.gen(function* () {
      const exit = yield* Effect.exit(restore(end))
      const elapsed = startedAt === undefined ? 0 : performance.now() - startedAt
      const ending = Exit.isSuccess(exit) && exit.value !== "time" ? exit.value : undefined
      const frame = run.unsafeFrame()
      const census = view.census && frame !== undefined ? yield* CensusReport.take(plan, frame) : undefined
      yield* GameReport.write(view, { run, reason: reasonOf(exit), ending, elapsed, isChecked: options.check, census })
      if (Option.isSome(view.steps) && frame !== undefined) yield* view.steps.value.write(plan, frame)
      yield* steps.finish
      yield* exit
      return ending
    })
  )
}, Effect.scoped)
