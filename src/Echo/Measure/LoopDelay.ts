import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { real } from "../../Time/Timer.ts"
import { CutHistogram, type Histogram } from "./Histogram.ts"

/** Milliseconds between two samples. */
const INTERVAL = 20

/**
 * Records that a timer with an interval of `INTERVAL` milliseconds was `late`. The ticks that a stall prevented are recorded
 * too, each with its own delay. One sample for a stall of three seconds would hide it (coordinated omission).
 */
export const record = (histogram: Histogram, late: number): void => {
  for (let delay = Math.max(0, late); delay >= 0; delay -= INTERVAL) histogram.record(delay)
}

/**
 * The delay of this process's timers, sampled every 20 ms. If it is high, the limit is the tool and not the server. It always
 * uses the real clock.
 */
export const make: Effect.Effect<CutHistogram, never, Scope.Scope> = Effect.suspend(() => {
  const histogram = new CutHistogram()
  let last = performance.now()
  const stop = real.every(INTERVAL, () => {
    const now = performance.now()
    record(histogram, now - last - INTERVAL)
    last = now
  })
  return Effect.as(
    Effect.addFinalizer(() => Effect.sync(stop)),
    histogram
  )
})
