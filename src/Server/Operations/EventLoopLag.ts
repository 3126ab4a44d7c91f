/**
 * A file of its own because its test drives it without a server.
 *
 * The lag of the event loop, as a histogram. Unlike a quantile "since the last reading", several readers can read it at
 * any interval, and Prometheus computes the quantiles of any period from it.
 */
import { performance } from "node:perf_hooks"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import * as MetricBoundaries from "effect/MetricBoundaries"
import type * as Scope from "effect/Scope"
import { real } from "../../Time/Timer.ts"
import { noTags } from "./MetricFamily.ts"

/** Milliseconds between two readings. */
const RESOLUTION = 20
/** The most of them while the loop has nothing to do, and which part of them a loop without work takes for this at most. */
const MAX_PAUSE = 640
const IDLE = 0.05

const lag = Metric.histogram(
  "nodejs_eventloop_lag_seconds",
  MetricBoundaries.fromIterable([0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5]),
  "How late the event loop was, fifty times a second"
)

/**
 * How late, in milliseconds, each reading was that was due from `due` on and happened only at `now`. Otherwise a loop that
 * was blocked for a second would count as one late reading of many, and no quantile would show it.
 */
export const latenesses = (due: number, now: number): ReadonlyArray<number> => {
  const readings = Math.max(1, Math.ceil((now - due) / RESOLUTION))
  return Array.from({ length: readings }, (_, reading) => Math.max(0, now - due - reading * RESOLUTION))
}

/**
 * What one reading says of the time since the reading at `before`: the lateness of each of the readings that a loop with work has
 * fifty times a second. `active` is how long the loop was busy in this time. An idle loop is read less often, so a reading
 * that is late may come in the middle of what blocked the loop. It began when the loop was idle last.
 */
export const since = (before: number, due: number, now: number, active: number): ReadonlyArray<number> => {
  const began = now - due > RESOLUTION ? Math.max(before + RESOLUTION, Math.min(due, now - active)) : due
  const idle = Math.max(0, Math.round((began - before) / RESOLUTION) - 1)
  return [...Array.from({ length: idle }, () => 0), ...latenesses(began, now)]
}

export const watch: Effect.Effect<void, never, Scope.Scope> = Effect.gen(function* () {
  let stop = () => {}
  yield* Effect.addFinalizer(() => Effect.sync(() => stop()))
  let before = performance.now()
  let pause = RESOLUTION
  let used = performance.eventLoopUtilization()
  const poll = () => {
    const now = performance.now()
    const use = performance.eventLoopUtilization()
    const active = use.active - used.active
    for (const late of since(before, before + pause, now, active)) lag.unsafeUpdate(late / 1000, noTags)
    pause = active / (now - before) < IDLE ? Math.min(MAX_PAUSE, pause * 2) : RESOLUTION
    before = now
    used = use
    stop = real.after(pause, poll)
  }
  stop = real.after(pause, poll)
})
