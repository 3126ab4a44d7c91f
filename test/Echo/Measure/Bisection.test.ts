import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { Bisection, type Bounds } from "../../../src/Echo/Measure/Bisection.ts"

/** Runs a search on a system that holds loads up to `capacity`. Returns the loads that were tried. */
const explore = (search: Bisection, capacity: number): ReadonlyArray<number> => {
  const tried: Array<number> = []
  for (let load = search.next; load !== undefined; load = search.next) {
    tried.push(load)
    search.take(load, load <= capacity)
    assert.isAtMost(tried.length, 60)
  }
  return tried
}

const bounds: Bounds = { least: 1, most: 1e6, within: 0.05, whole: true }

describe("Bisection", () => {
  it("Bisection doubles until a load breaks, then halves what lies between", () => {
    const search = new Bisection(100, bounds)
    assert.deepStrictEqual(explore(search, 730), [100, 200, 400, 800, 600, 700, 750, 725])
    assert.strictEqual(search.sustained, 725)
    assert.strictEqual(search.broke, 750)
  })

  it("Bisection halves the first load until one holds", () => {
    const search = new Bisection(100, bounds)
    assert.deepStrictEqual(explore(search, 9).slice(0, 5), [100, 50, 25, 13, 7])
    assert.strictEqual(search.sustained, 9)
  })

  it("Bisection ends as close to the capacity as was asked for, wherever it begins", () => {
    const whole = FastCheck.integer({ min: 1, max: 200_000 })
    FastCheck.assert(
      FastCheck.property(
        whole,
        whole,
        FastCheck.double({ min: 0.02, max: 0.5, noNaN: true }),
        (first, capacity, within) => {
          const search = new Bisection(first, { ...bounds, within })
          explore(search, capacity)
          const { broke, sustained } = search
          if (sustained === undefined || broke === undefined) assert.fail("both are known")
          assert.isAtMost(sustained, capacity)
          assert.isAbove(broke, capacity)
          assert.isTrue(broke - sustained <= within * broke || broke - sustained === 1, `${sustained} ${broke}`)
        }
      )
    )
  })

  it("Bisection stays within its bounds", () => {
    const up = new Bisection(100, { ...bounds, most: 300 })
    assert.deepStrictEqual(explore(up, 1e9), [100, 200, 300])
    assert.strictEqual(up.broke, undefined)
    const down = new Bisection(100, { ...bounds, least: 40 })
    assert.deepStrictEqual(explore(down, 0), [100, 50, 40])
    assert.strictEqual(down.sustained, undefined)
  })
})
