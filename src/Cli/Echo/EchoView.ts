import * as Effect from "effect/Effect"
import type { LoadRun } from "../../Echo/Load/LoadRun.ts"
import type { Second } from "../../Echo/Measure/TimeSeries.ts"
import * as LiveView from "../../Echo/Report/LiveView.ts"
import { PlainLines, ProgressLines } from "../../Echo/Report/PlainLines.ts"
import type { LoadPlan } from "../../Echo/Scenario/LoadPlan.ts"
import * as Longest from "../../Echo/Scenario/Longest.ts"
import * as Output from "../Output.ts"

/** Shows a run until it is interrupted, and then its last state. */
export type EchoView = (run: LoadRun) => Effect.Effect<never, never, Output.Output>

const display = (text: string) => Effect.map(Output.Output, ({ notes }) => notes.unsafeWrite(text))

/** The lines of the original C10k demo, and one every ten seconds with rates, p99 and failures. `delay` is in seconds. */
export const plain =
  (plan: LoadPlan, delay: number): EchoView =>
  (run) => {
    const lines = new PlainLines(plan.clients, delay, plan.duration !== undefined)
    const progress = new ProgressLines()
    const show = Effect.suspend(() => Output.note(...lines.next(run.unsafeSnapshot()), ...progress.next(run)))
    return show.pipe(Effect.delay("50 millis"), Effect.forever, Effect.ensuring(show))
  }

/** Figures, a chart and failures, redrawn four times a second. */
export const live =
  (plan: LoadPlan): EchoView =>
  (run) => {
    const pauses = Longest.pauses(plan)
    const screen = new LiveView.Screen()
    let seconds: ReadonlyArray<Second> = []
    const show = Effect.gen(function* () {
      const { notes } = yield* Output.Output
      const size = { columns: notes.columns(), rows: notes.rows() }
      seconds = [...seconds, ...run.unsafeSeconds(seconds.at(-1)?.second ?? 0)].slice(-size.columns)
      const lines = LiveView.render(run.unsafeSnapshot(), seconds, size, pauses)
      notes.unsafeWrite(screen.draw(lines))
    })
    return show.pipe(
      Effect.delay("250 millis"),
      Effect.forever,
      Effect.ensuring(Effect.suspend(() => display(screen.erase())))
    )
  }
