import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { backoff } from "../../static/Link.ts"
import { centreOfLife } from "../../static/watch/Model/Centre.ts"
import { count, duration, rate } from "../../static/watch/Model/Format.ts"
import { emptyFrame } from "../../static/watch/Model/Model.ts"
import { Rates } from "../../static/watch/Model/Rates.ts"
import { StepClock } from "../../static/watch/Model/StepClock.ts"
import { fromTheMiddle } from "../../static/watch/Stage/Vacancies.ts"

describe("StepClock", () => {
  it("StepClock measures steps that are seconds apart, and ends when there are no more", () => {
    const clock = new StepClock()
    assert.isUndefined(clock.perSecond(0))
    for (let step = 0; step < 4; step++) clock.note(1, step, step * 10_000)
    assert.strictEqual(clock.perSecond(31_000), 0.1)
    assert.strictEqual(clock.perSecond(59_000), 0.1)
    assert.isUndefined(clock.perSecond(61_000))
    // Another game begins anew.
    clock.note(2, 0, 62_000)
    assert.isUndefined(clock.perSecond(62_000))
  })
})

describe("Rates", () => {
  it.prop(
    "Rates measure steady growth with any spacing of samples",
    [FastCheck.array(FastCheck.integer({ min: 1, max: 500 }), { minLength: 2, maxLength: 100 })],
    ([pauses]) => {
      const rates = new Rates<"total">(1_000)
      let time = 0
      for (const pause of pauses) {
        time += pause
        rates.add({ time, total: time * 3 })
      }
      assert.closeTo(rates.perSecond("total"), 3_000, 1e-6)
    }
  )

  it("Rates forget samples that are older than the window", () => {
    const rates = new Rates<"total">(1_000)
    rates.add({ time: 0, total: 0 })
    rates.add({ time: 5_000, total: 1_000_000 })
    rates.add({ time: 6_000, total: 1_000_010 })
    assert.strictEqual(rates.perSecond("total"), 10)
    assert.strictEqual(rates.growth("total"), 10)
  })

  it("Rates start anew with another server's clock", () => {
    const rates = new Rates<"total">(1_000)
    rates.add({ time: 90_000, total: 500 })
    rates.add({ time: 90_100, total: 510 })
    // A little late is not another clock.
    rates.add({ time: 90_050, total: 510 })
    assert.strictEqual(rates.perSecond("total"), 100)
    rates.add({ time: 10, total: 3 })
    assert.strictEqual(rates.perSecond("total"), 0)
  })
})

describe("Format", () => {
  it("numbers as people read them", () => {
    assert.deepStrictEqual([0, 999, 12_345.6].map(count), ["0", "999", "12,346"])
    assert.deepStrictEqual([0, 0.1, 0.84, 99.94, 340.4].map(rate), ["0.0", "0.1", "0.84", "99.9", "340"])
    assert.deepStrictEqual([0.31, 4.2, 1_500].map(duration), ["310 µs", "4.2 ms", "1.5 s"])
  })
})

describe("Backoff", () => {
  it.prop(
    "Backoff grows to a limit and never vanishes",
    [FastCheck.nat(2_000), FastCheck.double({ min: 0, max: 1, noNaN: true })],
    ([attempt, random]) => {
      const wait = backoff(attempt, random)
      assert.isTrue(wait >= 250 && wait <= 15_000)
      assert.isAtLeast(backoff(attempt + 1, random), wait)
    }
  )
})

describe("Vacancies", () => {
  it.prop(
    "every place is used once, the nearest to the centre first",
    [FastCheck.integer({ min: 1, max: 30 }), FastCheck.integer({ min: 1, max: 30 })],
    ([width, height]) => {
      const order = fromTheMiddle(width, height)
      assert.strictEqual(new Set(order).size, width * height)
      const distances = [...order].map((index) =>
        Math.hypot((index % width) + 0.5 - width / 2, Math.floor(index / width) + 0.5 - height / 2)
      )
      distances.forEach((distance, rank) => {
        if (rank > 0) assert.isAbove(distance, distances[rank - 1]! - 0.5)
      })
    }
  )
})

describe("centreOfLife", () => {
  const withCells = (width: number, height: number, cells: ReadonlyArray<readonly [row: number, column: number]>) => {
    const frame = emptyFrame(width, height)
    frame.states.fill(0)
    for (const [row, column] of cells) frame.states[row * width + column] = 1
    return frame
  }

  it.prop(
    "centreOfLife is the cell itself if one cell is alive",
    [FastCheck.nat(9), FastCheck.nat(7)],
    ([column, row]) => {
      const centre = centreOfLife(withCells(10, 8, [[row, column]]))!
      assert.closeTo(centre.x, column + 0.5, 1e-9)
      assert.closeTo(centre.y, row + 0.5, 1e-9)
    }
  )

  it("centreOfLife lies at the edge for a group that crosses it", () => {
    const centre = centreOfLife(
      withCells(10, 10, [
        [5, 9],
        [5, 0]
      ])
    )!
    assert.closeTo(centre.x % 10, 0, 1e-9)
  })

  it("centreOfLife is undefined if no cell is alive", () => {
    assert.isUndefined(centreOfLife(withCells(4, 4, [])))
  })
})
