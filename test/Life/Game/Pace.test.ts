import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { Pace } from "../../../src/Life/Game/Pace.ts"

/** Asks like a game: after a wait it asks again. Returns the times at which steps were allowed. */
const timesOf = (pace: Pace, steps: number, from: number, latency: () => number): ReadonlyArray<number> => {
  let now = from
  return Array.from({ length: steps }, () => {
    now += latency()
    for (let wait = pace.request(now); wait > 0; wait = pace.request(now)) now += wait
    return now
  })
}

describe("a pace", () => {
  it("a pace makes sixty steps per minute, whatever time the network takes", () => {
    const pace = new Pace(1, 0)
    pace.start(0, 0)
    assert.deepStrictEqual(timesOf(pace, 60, 0, () => 700).at(-1), 60_000)
    assert.strictEqual(pace.allowed, 60)
  })

  it("a pace does not run faster to catch up", () => {
    const pace = new Pace(10, 0)
    pace.start(0, 0)
    const [first, second, third] = timesOf(pace, 3, 5000, () => 0)
    assert.deepStrictEqual([first, second, third], [5000, 5100, 5200])
  })

  it("a pace allows no step while it is paused except single steps, and then continues", () => {
    const pace = new Pace(10, 0)
    pace.start(0, 0)
    pace.pause()
    assert.isTrue(pace.isPaused)
    assert.strictEqual(pace.request(1000), Number.POSITIVE_INFINITY)
    pace.permit(1000)
    assert.strictEqual(pace.allowed, 1)
    assert.strictEqual(pace.request(2000), Number.POSITIVE_INFINITY)
    pace.resume(3000)
    assert.strictEqual(pace.request(3000), 100)
    pace.setSpeed(2)
    assert.strictEqual(pace.request(3000), 500)
    assert.strictEqual(pace.request(3500), 0)
  })

  it("a pace that is blocked stays paused if its user pauses meanwhile, and stays blocked if its user resumes", () => {
    const pace = new Pace(10, 0)
    pace.start(0, 0)
    pace.block()
    pace.pause()
    pace.unblock(1000)
    assert.strictEqual(pace.request(2000), Number.POSITIVE_INFINITY)
    pace.block()
    pace.resume(2000)
    assert.strictEqual(pace.request(3000), Number.POSITIVE_INFINITY)
    pace.unblock(3000)
    assert.strictEqual(pace.request(3000), 100)
  })

  it("a pace begins at the step of a game that is taken over", () => {
    const pace = new Pace(4, 0)
    pace.start(100, 50)
    assert.strictEqual(pace.request(50), 250)
    assert.strictEqual(pace.allowed, 100)
  })

  it.prop(
    "a pace never allows steps faster than its speed, and never waits longer than one interval",
    [
      FastCheck.integer({ min: 1, max: 1000 }),
      FastCheck.array(FastCheck.integer({ min: 0, max: 2000 }), { minLength: 1 })
    ],
    ([speed, latencies]) => {
      const interval = 1000 / speed
      const pace = new Pace(speed, 0)
      pace.start(0, 0)
      let index = 0
      const times = timesOf(pace, latencies.length, 0, () => latencies[index++]!)
      times.forEach((time, step) => {
        const before = times[step - 1] ?? 0
        assert.isAtMost(time - before, Math.max(latencies[step]!, interval) + 1e-6)
      })
      assert.isAtLeast(times.at(-1)!, latencies.length * interval - 1e-6)
    }
  )
})
