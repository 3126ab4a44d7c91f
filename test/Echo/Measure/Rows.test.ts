import { assert, describe, it } from "@effect/vitest"
import { Histogram } from "../../../src/Echo/Measure/Histogram.ts"
import { type Second, SeriesRows } from "../../../src/Echo/Measure/TimeSeries.ts"

const LENGTH = 3 * 3600

const histogramOf = (second: number) => {
  const histogram = new Histogram()
  for (let sample = 0; sample < 20; sample++) histogram.record(0.05 * 1.3 ** ((second * 7 + sample * 11) % 40))
  return histogram.toData()
}

const HISTOGRAMS = Array.from({ length: 100 }, (_, index) => histogramOf(index))
const PERIOD = HISTOGRAMS.length

const rowOf = (second: number): Second => ({
  second,
  connecting: 0,
  open: second % 10,
  completed: second,
  failed: Math.floor(second / 100),
  sent: 20,
  received: 19,
  roundTrip: HISTOGRAMS[second % PERIOD]!,
  loopDelay: second % 7,
  times: { "step.a": HISTOGRAMS[(second * 3) % PERIOD]! },
  counts: { "step.a.unanswered": 1 }
})

const sum = (numbers: ReadonlyArray<number>): number => numbers.reduce((a, b) => a + b, 0)

describe("the rows of a run", () => {
  it("the rows of a run are few after many hours, with every count of it and the histograms to 1.6 %", async () => {
    const rows = new SeriesRows()
    const exact = new Histogram()
    for (const data of HISTOGRAMS) exact.add(Histogram.fromData(data))
    let most = 0
    for (let second = 1; second <= LENGTH; second++) {
      rows.add(rowOf(second))
      if (second % 1009 !== 0) continue
      most = Math.max(most, rows.all.length)
      // The runner must hear of its process now and then.
      await new Promise((resolve) => setImmediate(resolve))
    }
    const { all } = rows
    assert.isBelow(Math.max(most, all.length), 2000)
    // A number of a histogram takes eight bytes: at most 4 MB.
    const numbers = sum(
      all.map(({ roundTrip, times }) => roundTrip.counts.length + (times["step.a"]?.counts.length ?? 0))
    )
    assert.isBelow(numbers, 500_000)
    assert.strictEqual(sum(all.map(({ sent }) => sent)), 20 * LENGTH)
    assert.strictEqual(sum(all.map(({ counts }) => counts["step.a.unanswered"] ?? 0)), LENGTH)
    assert.strictEqual(all.at(-1)?.completed, LENGTH)
    assert.deepStrictEqual(all.at(-1), rowOf(LENGTH))
    assert.deepStrictEqual(
      all.map(({ second }) => second),
      [...new Set(all.map(({ second }) => second))].toSorted((a, b) => a - b)
    )
    const together = new Histogram()
    for (const { roundTrip } of all) together.add(Histogram.fromData(roundTrip))
    assert.strictEqual(together.count, (exact.count * LENGTH) / PERIOD)
    assert.strictEqual(together.min, exact.min)
    assert.strictEqual(together.max, exact.max)
    for (const q of [0.1, 0.5, 0.9, 0.99]) {
      assert.isAtLeast(together.quantile(q), exact.quantile(q))
      assert.isAtMost(together.quantile(q), exact.quantile(q) * 1.017 + 0.001)
    }
  })

  it("the rows of a run keep the last ten minutes second by second, also after long runs", () => {
    const rows = SeriesRows.of(Array.from({ length: 5000 }, (_, index) => rowOf(index + 1)))
    assert.deepStrictEqual(
      rows.since(4400).map(({ second }) => second),
      Array.from({ length: 600 }, (_, index) => 4401 + index)
    )
    assert.deepStrictEqual(rows.since(4999), [rowOf(5000)])
  })
})
