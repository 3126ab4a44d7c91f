import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Metric from "effect/Metric"
import * as MetricState from "effect/MetricState"
import * as EventLoopLag from "../../../src/Server/Operations/EventLoopLag.ts"

/** The number of looks that were later than this many seconds. */
const laterThan = (seconds: number): number => {
  const pair = Metric.unsafeSnapshot().find(({ metricKey }) => metricKey.name === "nodejs_eventloop_lag_seconds")
  const state = pair?.metricState
  if (!MetricState.isHistogramState(state)) return 0
  return state.count - state.buckets.find(([boundary]) => boundary === seconds)![1]
}

describe("EventLoopLag", () => {
  it.prop(
    "each look that was prevented counts as late as it would have been",
    [FastCheck.double({ min: 0, max: 1e4, noNaN: true }), FastCheck.double({ min: -5, max: 1e4, noNaN: true })],
    ([due, late]) => {
      const all = EventLoopLag.latenesses(due, due + late)
      assert.closeTo(all[0]!, Math.max(0, late), 1e-6)
      for (let i = 1; i < all.length; i++) assert.closeTo(all[i - 1]! - all[i]!, 20, 1e-6)
      assert.isAtLeast(all.at(-1)!, 0)
      assert.isAtMost(all.at(-1)!, 20 + 1e-6)
    }
  )

  it("an idle loop, which is looked at less often, counts as on time for all looks, and a late look as all that blocked it", () => {
    assert.deepStrictEqual(
      EventLoopLag.since(0, 640, 640, 1),
      Array.from({ length: 32 }, () => 0)
    )
    const [before, due, now, active] = [0, 640, 1000, 900]
    const measured = EventLoopLag.since(before, due, now, active)
    assert.deepStrictEqual(
      [measured.length, measured.filter((late) => late === 0).length, Math.max(...measured)],
      [now / 20 - 1, due / 20 - 28, active]
    )
  })

  it.scopedLive("a loop that is blocked for a second counts as late for that time", () =>
    Effect.gen(function* () {
      yield* EventLoopLag.watch
      const before = laterThan(0.5)
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000)
      yield* Effect.repeat(Effect.sleep(5), { until: () => laterThan(0.5) > before })
      // Half of the fifty looks, less one that was not due yet.
      assert.isAtLeast(laterThan(0.5) - before, 23)
    })
  )
})
