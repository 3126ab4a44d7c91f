import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import * as Option from "effect/Option"
import * as Stages from "../../../src/Echo/Scenario/Stages.ts"

const stage = FastCheck.oneof(
  FastCheck.record({
    _tag: FastCheck.constant("Rate" as const),
    from: FastCheck.integer({ min: 0, max: 300 }),
    to: FastCheck.integer({ min: 0, max: 300 }),
    over: FastCheck.integer({ min: 1, max: 20 }).map((n) => n * 100)
  }),
  FastCheck.record({ _tag: FastCheck.constant("Burst" as const), count: FastCheck.integer({ min: 0, max: 20 }) })
)

/** The number of events of a stage until `time`, summed in steps of a tenth of a millisecond. */
const summed = (stages: Stages.Stages, time: number): number => {
  let sum = 0
  let start = 0
  for (const each of stages) {
    if (each._tag === "Burst") {
      if (start < time) sum += each.count
      continue
    }
    const { from, over, to } = each
    for (let t = 0; t < over && start + t < time; t += 0.1) sum += (from + ((to - from) * (t + 0.05)) / over) / 10_000
    start += over
  }
  return sum
}

const read = (text: string) => Option.getOrThrow(Stages.parse(text))

describe("Stages", () => {
  it.prop(
    "Stages bring as many as their rates add up to, each in its time",
    [FastCheck.array(stage, { minLength: 1, maxLength: 4 })],
    ([stages]) => {
      const table = new Stages.Timetable(stages)
      const total = Stages.total(stages)
      const times = Array.from({ length: total }, (_, index) => table.at(index))
      assert.deepStrictEqual(
        times,
        times.toSorted((a, b) => a - b)
      )
      assert.strictEqual(table.at(total), Infinity)
      assert.isTrue(times.every((time) => time >= 0 && time <= Stages.length(stages)))
      for (const part of [0.25, 0.5, 1]) {
        const time = Stages.length(stages) * part
        assert.closeTo(times.filter((each) => each < time).length, summed(stages, time), 1.01)
        assert.closeTo(table.before(time), times.filter((each) => each < time).length, 1)
      }
    }
  )

  it("Stages keep the order of events where one ends, in spite of rounding errors", () => {
    const table = new Stages.Timetable([
      { _tag: "Rate", from: 277, to: 163, over: 1100 },
      { _tag: "Burst", count: 3 },
      { _tag: "Rate", from: 240, to: 191, over: 800 }
    ])
    assert.deepStrictEqual(
      [242, 243, 244, 245].map((index) => table.at(index)),
      [1100, 1100, 1100, 1100]
    )
  })

  it("Stages are read as they are written", () => {
    assert.deepStrictEqual(read("0->500/s in 30s, 60/m for 5m, 100 at once"), [
      { _tag: "Rate", from: 0, to: 500, over: 30_000 },
      { _tag: "Rate", from: 1, to: 1, over: 300_000 },
      { _tag: "Burst", count: 100 }
    ])
    assert.strictEqual(Stages.total(read("20/s for 1m")), 1200)
    assert.strictEqual(Stages.describe(read("0->5 in 1s, 3 at once")), "0 to 5 per second for 1.00 s, 3 at once")
    const large = "500 to 1,500 per second for 1.00 s, 2,000 per second for 1.00 s, 3,000 at once"
    assert.strictEqual(Stages.describe(read("500->1500 in 1s, 2000 for 1s, 3000 at once")), large)
  })

  it.each(["", "fast", "20/s", "20/s for ever", "20/s for 0s", "0/s for 1m", "20/x for 1m", "5 at 3s"])(
    "Stages refuse %j",
    (text) => {
      assert.isTrue(Option.isNone(Stages.parse(text)))
    }
  )
})
