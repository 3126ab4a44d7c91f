import * as Effect from "effect/Effect"
import type { LoadRun } from "../../Echo/Load/LoadRun.ts"
import type { Second } from "../../Echo/Measure/TimeSeries.ts"
import * as LiveView from "../../Echo/Report/LiveView.ts"
import { PlainLines } from "../../Echo/Report/PlainLines.ts"
import type { LoadPlan } from "../../Echo/Scenario/LoadPlan.ts"
import * as Output from "../Output.ts"

/** Shows a run until it is interrupted, and its last state then. */
export type EchoView = (run: LoadRun) => Effect.Effect<never, never, Output.Output>

const display = (text: string) => Effect.map(Output.Output, ({ notes }) => notes.unsafeWrite(text))

/** The lines of the C10k demo; `delay` in seconds. */
export const plain =
  (plan: LoadPlan, delay: number): EchoView =>
  (run) => {
    const lines = new PlainLines(plan.clients, delay)
    const show = Effect.suspend(() => {
      const next = lines.next(run.unsafeSnapshot())
      return Output.note(...next)
    })
    return show.pipe(Effect.delay("50 millis"), Effect.forever, Effect.ensuring(show))
  }

/** A few lines that are drawn anew four times a second. */
export const live: EchoView = (run) => {
  const screen = new LiveView.Screen()
  let seen = 0
  let second: Second | undefined
  const show = Effect.gen(function* () {
    const { notes } = yield* Output.Output
    const seconds = run.unsafeSeconds(seen)
    second = seconds.at(-1) ?? second
    seen = second?.second ?? 0
    const lines = LiveView.render(run.unsafeSnapshot(), second, notes.columns())
    notes.unsafeWrite(screen.draw(lines))
  })
  return show.pipe(
    Effect.delay("250 millis"),
    Effect.forever,
    Effect.ensuring(Effect.suspend(() => display(screen.erase())))
  )
}
