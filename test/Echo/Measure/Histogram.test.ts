import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { Histogram } from "../../../src/Echo/Measure/Histogram.ts"

/** Microseconds from 0 to an hour. All orders of magnitude are equally likely. */
const micros = FastCheck.tuple(FastCheck.nat(31), FastCheck.double({ min: 0, max: 1, noNaN: true })).map(
  ([octave, part]) => Math.min(3_600_000_000, Math.floor(2 ** octave * (1 + part)) - 1)
)
const samples = FastCheck.array(micros, { minLength: 1, maxLength: 300 })
const parts = FastCheck.array(FastCheck.array(micros, { maxLength: 100 }), { minLength: 1, maxLength: 6 })
const quantile = FastCheck.double({ min: 0, max: 1, noNaN: true })

const fed = (values: ReadonlyArray<number>): Histogram => {
  const histogram = new Histogram()
  for (const value of values) histogram.record(value / 1000)
  return histogram
}

describe("Histogram", () => {
  it.prop(
    "Histogram gives every quantile within 0.1 % above the sample of that rank",
    [samples, quantile],
    ([values, q]) => {
      const sorted = values.toSorted((a, b) => a - b)
      const exact = sorted[Math.max(1, Math.ceil(q * sorted.length)) - 1]!
      const given = fed(values).quantile(q) * 1000
      assert.isAtLeast(given, exact - 1e-6)
      assert.isAtMost(given, exact * 1.001 + 1e-6)
    }
  )

  it.prop("Histogram keeps the extremes and the mean exactly", [samples], ([values]) => {
    const histogram = fed(values)
    assert.strictEqual(histogram.count, values.length)
    assert.strictEqual(histogram.max, Math.max(...values) / 1000)
    assert.strictEqual(histogram.min, Math.min(...values) / 1000)
    assert.closeTo(histogram.mean * 1000, values.reduce((a, b) => a + b, 0) / values.length, 1e-3)
  })

  it.prop(
    "Histogram merged from N encoded parts equals one histogram of all samples",
    [parts, quantile],
    ([lists, q]) => {
      const whole = fed(lists.flat())
      const merged = new Histogram()
      for (const list of lists) merged.add(Histogram.fromData(JSON.parse(JSON.stringify(fed(list).toData()))))
      assert.deepStrictEqual(merged.toData(), whole.toData())
      assert.deepStrictEqual(merged.quantile(q), whole.quantile(q))
      assert.deepStrictEqual(merged.min, whole.min)
    }
  )

  it("Histogram is empty again after a reset", () => {
    const histogram = fed([1, 5000, 7_000_000])
    histogram.reset()
    assert.deepStrictEqual(histogram.toData(), new Histogram().toData())
    assert.isNaN(histogram.quantile(0.5))
  })

  it("Histogram counts what is out of range as the nearest it has", () => {
    const histogram = new Histogram()
    histogram.record(-1)
    histogram.record(1e12)
    assert.strictEqual(histogram.min, 0)
    assert.strictEqual(histogram.max, 3_600_000)
  })
})
