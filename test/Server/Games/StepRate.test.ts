import { assert, describe, it } from "@effect/vitest"
import { StepRate } from "../../../src/Server/Games/StepRate.ts"

const rateOf = (...readings: ReadonlyArray<readonly [step: number, at: number]>): number | undefined => {
  const rate = new StepRate(5000)
  for (const [step, at] of readings) rate.record(step, at)
  return rate.perSecond
}

describe("StepRate", () => {
  it("StepRate is not known from one look", () => {
    assert.isUndefined(rateOf())
    assert.isUndefined(rateOf([7, 0]))
  })

  it("StepRate begins with the first step, not while clients connect", () => {
    assert.isUndefined(rateOf([-1, 0], [-1, 1000], [12, 2000]))
    assert.strictEqual(rateOf([-1, 0], [-1, 1000], [12, 2000], [22, 3000]), 10)
  })

  it("StepRate is that of the last five seconds", () => {
    assert.strictEqual(rateOf([0, 0], [3, 1000], [6, 2000]), 3)
    assert.strictEqual(rateOf([0, 0], [100, 1000], [102, 2000], [104, 3000], [106, 4000], [108, 5000], [110, 6000]), 2)
  })

  it("StepRate is 0 when the game stands still", () => {
    assert.strictEqual(rateOf([0, 0], [50, 1000], [50, 5000], [50, 9000], [50, 9500]), 0)
  })

  it("StepRate begins again with another game", () => {
    assert.isUndefined(rateOf([90, 0], [100, 1000], [-1, 2000]))
    assert.strictEqual(rateOf([90, 0], [100, 1000], [0, 2000], [4, 3000]), 4)
  })
})
