import { assert, describe, it } from "@effect/vitest"
import { CutHistogram } from "../../../src/Echo/Measure/Histogram.ts"
import * as LoopDelay from "../../../src/Echo/Measure/LoopDelay.ts"
import { Recorder } from "../../../src/Echo/Measure/Recorder.ts"
import { SecondBySecond } from "../../../src/Echo/Measure/SecondBySecond.ts"

describe("SecondBySecond", () => {
  it("SecondBySecond takes the number of a second from the clock, however late and often it is told", () => {
    const recorder = new Recorder(false)
    const series = new SecondBySecond(recorder, new CutHistogram())
    const times = [1000.3, 2001, 5600, 5600.5, 5601, 6000, 6999.9]
    for (const time of times) {
      recorder.sent += 10
      series.tick(time)
    }
    series.finish(7300)
    recorder.sent += 10
    series.tick(9000)
    assert.deepStrictEqual(
      series.rows.all.map(({ second, sent }) => [second, sent]),
      [
        [1, 10],
        [2, 10],
        [5, 10],
        [6, 30],
        [7, 10],
        [8, 0]
      ]
    )
  })

  it("SecondBySecond waits until the next second is over", () => {
    assert.strictEqual(SecondBySecond.untilNext(0), 1000)
    assert.strictEqual(SecondBySecond.untilNext(5600), 400)
    assert.strictEqual(SecondBySecond.untilNext(999), 1001)
  })
})

describe("LoopDelay", () => {
  it("LoopDelay counts the timers that a stall swallowed, not only the one that was late", () => {
    const histogram = new CutHistogram()
    for (let i = 0; i < 1000; i++) LoopDelay.record(histogram, 0.1)
    LoopDelay.record(histogram, 3000)
    assert.strictEqual(histogram.count, 1000 + 151)
    assert.isAbove(histogram.quantile(0.99), 2500)
  })

  it("LoopDelay counts a timer that was early as in time", () => {
    const histogram = new CutHistogram()
    LoopDelay.record(histogram, -0.4)
    assert.strictEqual(histogram.max, 0)
  })
})
