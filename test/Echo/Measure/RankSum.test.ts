import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import * as RankSum from "../../../src/Echo/Measure/RankSum.ts"

/** All ways to choose `size` of a list. */
const choices = (from: ReadonlyArray<number>, size: number): ReadonlyArray<ReadonlyArray<number>> =>
  size === 0
    ? [[]]
    : from.flatMap((index, at) => choices(from.slice(at + 1), size - 1).map((others) => [index, ...others]))

/** The same by the definition: over every way to distribute the values to the two samples. */
const byDealing = (a: ReadonlyArray<number>, b: ReadonlyArray<number>): number => {
  const all = [...a, ...b]
  const rank = (value: number) => {
    const below = all.filter((other) => other < value).length
    const equal = all.filter((other) => other === value).length
    return below + (equal + 1) / 2
  }
  const apart = (indices: ReadonlyArray<number>) =>
    Math.abs(indices.reduce((sum, i) => sum + rank(all[i]!), 0) - (a.length * (all.length + 1)) / 2)
  const given = apart(a.map((_, i) => i))
  const deals = choices([...all.keys()], a.length)
  return deals.filter((deal) => apart(deal) >= given - 1e-9).length / deals.length
}

const sample = FastCheck.array(FastCheck.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 6 })

describe("RankSum", () => {
  it("RankSum agrees with R's wilcox.test on the example of its manual (Hollander and Wolfe, 1973)", () => {
    const atTerm = [0.8, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46]
    const earlier = [1.15, 0.88, 0.9, 0.74, 1.21]
    assert.approximately(RankSum.probability(atTerm, earlier), 2 * 0.1272, 0.0001)
  })

  it("RankSum counts the arrangements that differ as much, also with ties", () => {
    FastCheck.assert(
      FastCheck.property(sample, sample, (a, b) => {
        assert.approximately(RankSum.probability(a, b), byDealing(a, b), 1e-9)
      })
    )
  })

  it("RankSum knows the lowest probability for these numbers of values", () => {
    assert.approximately(RankSum.least(5, 5), 2 / 252, 1e-12)
    assert.strictEqual(RankSum.least(1, 1), 1)
  })
})
