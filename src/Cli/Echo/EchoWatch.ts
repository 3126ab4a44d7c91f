/** Watches a run while it goes on: ends it where `--abort-on` says so. */
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import type { LoadRun } from "../../Echo/Load/LoadRun.ts"
import { Observer } from "../../Echo/Report/Observer.ts"
import * as Threshold from "../../Echo/Report/Threshold.ts"

const EVERY = "250 millis"

/** Watches until the scope ends; `reason` is what `abortOn` ended the run for. */
export const start = Effect.fn("EchoWatch.start")(function* (
  run: LoadRun,
  abortOn: ReadonlyArray<Threshold.Threshold>
) {
  const observer = new Observer(run)
  let reason: Threshold.Verdict | undefined
  const look = Effect.suspend(() => {
    const { report } = observer.look()
    reason ??= abortOn.map((bar) => Threshold.judge(bar, report)).find(({ passed }) => passed)
    return reason === undefined ? Effect.void : run.abort
  })
  if (abortOn.length > 0) yield* Effect.forkScoped(Effect.repeat(look, Schedule.spaced(EVERY)))
  return { reason: () => reason }
})
