/**
 * A file of its own because its test drives it without a server.
 *
 * The lag of the event loop, as a histogram. Unlike a quantile "since the last reading", several readers can read it at
 * any interval, and Prometheus computes the quantiles of any period from it.
 */
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import * as MetricBoundaries from "effect/MetricBoundaries"
import type * as Scope from "effect/Scope"
import { noTags } from "./MetricFamily.ts"

/** Milliseconds between two readings of the clock. */
const RESOLUTION = 20

const lag = Metric.histogram(
  "nodejs_eventloop_lag_seconds",
  MetricBoundaries.fromIterable([0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5]),
  "How late the event loop was, fifty times a second"
)

/**
 * How late, in milliseconds, each look was that was due from `due` on and happened only at `now`. Otherwise a loop that
 * was blocked for a second would count as one late reading of many, and no quantile would show it.
 */
export const latenesses = (due: number, now: number): ReadonlyArray<number> => {
  const readings = Math.max(1, Math.ceil((now - due) / RESOLUTION))
  return Array.from({ length: readings }, (_, reading) => Math.max(0, now - due - reading * RESOLUTION))
}

export const watch: Effect.Effect<void, never, Scope.Scope> = Effect.asVoid(
  Effect.acquireRelease(
    Effect.sync(() => {
      let due = performance.now() + RESOLUTION
      const poll = () => {
        const now = performance.now()
        for (const late of latenesses(due, now)) lag.unsafeUpdate(late / 1000, noTags)
        due = now + RESOLUTION
      }
      return setInterval(poll, RESOLUTION).unref()
    }),
    (timer) => Effect.sync(() => clearInterval(timer))
  )
)
