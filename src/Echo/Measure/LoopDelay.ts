import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { Histogram } from "./Histogram.ts"

/** Milliseconds between two samples. */
const INTERVAL = 20

/**
 * Records that a timer of every `INTERVAL` milliseconds was `late`. The timers that a stall swallowed count too, each
 * with its own lateness: one sample for a stall of three seconds would hide it (coordinated omission).
 */
export const record = (histogram: Histogram, late: number): void => {
  for (let delay = Math.max(0, late); delay >= 0; delay -= INTERVAL) histogram.record(delay)
}

/**
 * How late this process's own timers are, sampled every 20 ms: when this is high, the tool and not the server is the
 * limit. On the real clock always; recorded into a histogram of ours, which merges across processes.
 */
export const make: Effect.Effect<Histogram, never, Scope.Scope> = Effect.acquireRelease(
  Effect.sync(() => {
    const histogram = new Histogram()
    let last = performance.now()
    const timer = setInterval(() => {
      const now = performance.now()
      record(histogram, now - last - INTERVAL)
      last = now
    }, INTERVAL)
    timer.unref()
    return { histogram, timer }
  }),
  ({ timer }) => Effect.sync(() => clearInterval(timer))
).pipe(Effect.map(({ histogram }) => histogram))
