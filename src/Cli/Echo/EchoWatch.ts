/** Watches a run: ends it when a condition of `--abort-on` becomes true, and sends its figures to the streams. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schedule from "effect/Schedule"
import type { LoadRun } from "../../Echo/Load/LoadRun.ts"
import type { Report } from "../../Echo/Measure/Report.ts"
import { Observer } from "../../Echo/Report/Observer.ts"
import * as Threshold from "../../Echo/Report/Threshold.ts"
import * as Output from "../Output.ts"
import type { UserError } from "../UserError.ts"
import type { Sink } from "./Streams/Sink.ts"

const EVERY = Schedule.spaced("250 millis")

/**
 * Sends the figures of a run to one sink, in its own fiber, so that a slow receiver delays no other. The first failure is
 * printed at once, and the number of failures at the end. Failures do not end the run.
 */
const stream = Effect.fn("EchoWatch.stream")(function* (run: LoadRun, sink: Sink) {
  const observer = new Observer(run)
  let failures = 0
  const guard = (sending: Effect.Effect<void, UserError, Output.Output>) =>
    Effect.catchAll(sending, ({ message }) =>
      ++failures === 1 ? Output.note(`warning: --stream ${sink.name}: ${message}`) : Effect.void
    )
  const poll = Effect.gen(function* () {
    const observation = observer.poll()
    if (observation.seconds.length > 0) yield* guard(sink.write(observation, yield* Clock.currentTimeMillis))
  })
  const polling = yield* Effect.forkScoped(Effect.repeat(Effect.uninterruptible(poll), EVERY))
  return Effect.fn("EchoWatch.end")(function* (report: Report) {
    yield* Fiber.interrupt(polling)
    yield* poll
    yield* guard(sink.end?.(report, yield* Clock.currentTimeMillis) ?? Effect.void)
    if (failures > 1) yield* Output.note(`warning: --stream ${sink.name}: failed ${failures} times in all`)
  })
})

/** Ends a run as soon as a condition becomes true. Returns a function that gives this condition. */
const abortWhen = Effect.fn("EchoWatch.abortWhen")(function* (run: LoadRun, bars: ReadonlyArray<Threshold.Threshold>) {
  let reason: Threshold.Verdict | undefined
  const observer = new Observer(run)
  const poll = Effect.suspend(() => {
    const { report } = observer.poll()
    reason ??= bars.map((bar) => Threshold.judge(bar, report)).find(({ passed }) => passed)
    return reason === undefined ? Effect.void : run.abort
  })
  if (bars.length > 0) yield* Effect.forkScoped(Effect.repeat(poll, EVERY))
  return () => reason
})

/** Watches a run until its report is given, which the streams get too. Then says which condition of `abortOn` has ended the run. */
export const start = Effect.fn("EchoWatch.start")(function* (
  run: LoadRun,
  abortOn: ReadonlyArray<Threshold.Threshold>,
  streams: ReadonlyArray<Sink>
) {
  const reason = yield* abortWhen(run, abortOn)
  const ends = yield* Effect.forEach(streams, (sink) => stream(run, sink))
  return (report: Report) =>
    Effect.map(
      Effect.forEach(ends, (end) => end(report), { concurrency: "unbounded", discard: true }),
      reason
    )
})
