import * as Terminal from "@effect/platform/Terminal"
import * as Effect from "effect/Effect"
import type { LoadRun } from "../../Echo/Load/LoadRun.ts"
import type { Second } from "../../Echo/Measure/TimeSeries.ts"
import * as LiveView from "../../Echo/Report/LiveView.ts"
import { PlainLines } from "../../Echo/Report/PlainLines.ts"
import type { LoadPlan } from "../../Echo/Scenario/LoadPlan.ts"

/** Shows a run until it is interrupted, and its last state then. */
export type EchoView = (run: LoadRun) => Effect.Effect<never, never, Terminal.Terminal>

const display = (text: string) =>
  text === "" ? Effect.void : Effect.flatMap(Terminal.Terminal, (terminal) => Effect.ignore(terminal.display(text)))

/** The lines of the C10k demo; `delay` in seconds. */
export const plain =
  (plan: LoadPlan, delay: number, print: (line: string) => Effect.Effect<void>): EchoView =>
  (run) => {
    const lines = new PlainLines(plan.clients, delay)
    const show = Effect.suspend(() => {
      const next = lines.next(run.unsafeSnapshot())
      return next.length === 0 ? Effect.void : print(next.join("\n"))
    })
    return show.pipe(Effect.delay("50 millis"), Effect.forever, Effect.ensuring(show))
  }

/** A few lines that are drawn anew four times a second. */
export const live: EchoView = (run) => {
  const screen = new LiveView.Screen()
  let seen = 0
  let second: Second | undefined
  const show = Effect.gen(function* () {
    const terminal = yield* Terminal.Terminal
    const seconds = run.unsafeSeconds(seen)
    second = seconds.at(-1) ?? second
    seen = second?.second ?? 0
    const lines = LiveView.render(run.unsafeSnapshot(), second, yield* terminal.columns)
    yield* Effect.ignore(terminal.display(screen.draw(lines)))
  })
  return show.pipe(
    Effect.delay("250 millis"),
    Effect.forever,
    Effect.ensuring(Effect.suspend(() => display(screen.erase())))
  )
}
