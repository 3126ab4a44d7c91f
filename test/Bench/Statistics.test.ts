import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { median, rotate, summarize } from "../../bench/Statistics.ts"

const samples = FastCheck.array(FastCheck.double({ noNaN: true, min: -1e9, max: 1e9 }), { minLength: 1, maxLength: 50 })

describe("Statistics", () => {
  it("Statistics takes the middle, or the mean of the two in the middle", () => {
    assert.strictEqual(median([3, 1, 2]), 2)
    assert.strictEqual(median([4, 1, 3, 2]), 2.5)
    assert.strictEqual(median([10, 9, 100]), 10)
  })

  it.prop("half of the samples are not above the median, half not below", [samples], ([all]) => {
    const middle = median(all)
    assert.isAtLeast(all.filter((one) => one <= middle).length * 2, all.length)
    assert.isAtLeast(all.filter((one) => one >= middle).length * 2, all.length)
  })

  it.prop("the order of the samples changes nothing", [samples], ([all]) => {
    assert.strictEqual(median([...all].reverse()), median(all))
  })

  it.prop("the median lies between minimum and maximum", [samples], ([all]) => {
    const { max, median: middle, min } = summarize(all)
    assert.isTrue(min <= middle && middle <= max)
  })

  it.prop(
    "Statistics gives each contender each place once in as many runs",
    [FastCheck.uniqueArray(FastCheck.integer(), { maxLength: 8 })],
    ([items]) => {
      const runs = items.map((_, run) => rotate(items, run))
      for (const item of items) {
        const places = runs.map((run) => run.indexOf(item))
        assert.deepStrictEqual(
          places.sort((a, b) => a - b),
          items.map((_, place) => place)
        )
      }
    }
  )
})
