/** The report of a game that is over: its last line, its census, and its last JSON line. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Census from "../../Life/Referee/Census.ts"
import type { Ending } from "../../Life/Referee/Ending.ts"
import * as Grid from "../../Life/Universe/Grid.ts"
import * as Count from "../../Text/Count.ts"
import * as CensusReport from "./CensusReport.ts"
import type { GameRun } from "./GameRun.ts"
import * as GameStatus from "./GameStatus.ts"
import * as GameView from "./GameView.ts"

export type Reason = Ending["kind"] | "steps" | "time" | "interrupted" | "failed"

/** How the last line begins, if the reason is not one that a cell knows. */
const beginnings: { readonly [K in Reason]?: string } = {
  interrupted: "interrupted at step",
  time: "time is over at step"
}

export interface Finished {
  readonly run: GameRun
  readonly reason: Reason
  readonly ending: Ending | undefined
  /** Milliseconds since the cells were told to run. */
  readonly elapsed: number
  readonly isChecked: boolean
  /** The objects of the last step, with `--census`. */
  readonly census: ReadonlyArray<Census.Entry> | undefined
}

/** A game that was taken over had its first steps before. */
const stepsPerSecond = ({ elapsed, run }: Finished): number => {
  const { from, step } = run.game.progress
  return elapsed === 0 ? 0 : (Math.max(0, step - from) * 1000) / elapsed
}

const summary = (finished: Finished): string => {
  const { elapsed, ending, isChecked, reason, run } = finished
  const { cells, population, reconnected, step } = run.game.progress
  const frame = ending === undefined ? undefined : run.unsafeFrame()
  const at = frame === undefined ? { step, population } : { step: frame.step, population: Grid.population(frame.grid) }
  const parts = [
    `${beginnings[reason] ?? "step"} ${Count.format(Math.max(0, at.step))}`,
    ...(ending === undefined ? [] : [GameStatus.describeEnding(ending)]),
    `${Count.format(at.population)} of ${Count.format(cells)} cells are alive`,
    `${(elapsed / 1000).toFixed(1)} s, ${GameStatus.formatRate(stepsPerSecond(finished))}`,
    ...(reconnected === 0 ? [] : [`${Count.format(reconnected)} lost connections were restored`]),
    ...(isChecked ? [`${Count.format(run.unsafeChecked())} steps compared with a simulation, all cells right`] : [])
  ]
  return parts.join("; ")
}

/** What does not apply is `undefined`, which JSON leaves out. */
const object = (finished: Finished) => {
  const { census, elapsed, ending, isChecked, reason, run } = finished
  return {
    ...GameStatus.figures(run.game.progress, stepsPerSecond(finished)),
    phase: "ended",
    reason,
    elapsedMs: Math.round(elapsed),
    since: ending?.since,
    period: ending?.period,
    checked: isChecked ? run.unsafeChecked() : undefined,
    census: census && CensusReport.figures(census)
  }
}

export const write = Effect.fn("GameReport.write")(function* (view: GameView.GameView, finished: Finished) {
  if (finished.run.game.progress.step < 0) return
  if (Option.isSome(view.json)) yield* view.json.value.write(GameView.jsonLine(object(finished)))
  if (view.isShown && finished.reason !== "failed") yield* view.conclude(summary(finished))
  if (view.isShown && finished.census !== undefined)
    yield* view.conclude(CensusReport.lines(finished.census).join("\n"))
})
