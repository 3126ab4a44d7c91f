import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Ramp from "../../../src/Echo/Scenario/Ramp.ts"

const ramps: ReadonlyArray<readonly [string, Ramp.Ramp]> = [
  ["random:30s", { _tag: "Random", over: 30_000 }],
  ["random:0.5", { _tag: "Random", over: 500 }],
  ["rate:500", { _tag: "Rate", perSecond: 500 }],
  ["rate:0.5/s", { _tag: "Rate", perSecond: 0.5 }],
  ["steps:1000/10s", { _tag: "Steps", size: 1000, every: 10_000 }],
  ["once", { _tag: "Once" }]
]

describe("Ramp", () => {
  for (const [text, ramp] of ramps) {
    it(`Ramp reads ${text}`, () => assert.deepStrictEqual(Ramp.parse(text), Either.right(ramp)))
  }

  it("Ramp is described with the numbers as people read them", () => {
    assert.strictEqual(Ramp.describe({ _tag: "Rate", perSecond: 1000 }), "1,000 a second")
    assert.strictEqual(Ramp.describe({ _tag: "Rate", perSecond: 0.5 }), "0.5 a second")
    assert.strictEqual(Ramp.describe({ _tag: "Steps", size: 1000, every: 10_000 }), "1,000 every 10.0 s")
  })

  for (const text of [
    "",
    "fast",
    "rate:0",
    "rate:-1",
    "steps:10",
    "steps:0/1s",
    "random:",
    "random:soon",
    "once more"
  ]) {
    it(`Ramp refuses "${text}" and says what it expects`, () =>
      assert.include(Ramp.parse(text).pipe(Either.flip, Either.getOrThrow), "expected random:TIME"))
  }

  const anyRamp = FastCheck.constantFrom(...ramps.map(([, ramp]) => ramp))
  it.prop(
    "Ramp starts every client once, within its time, the same for the same seed",
    [anyRamp, FastCheck.nat(500), FastCheck.nat()],
    ([ramp, n, seed]) => {
      const clients = n + 1
      const times = Ramp.startTimes(ramp, clients, seed)
      assert.strictEqual(times.length, clients)
      const end = ramp._tag === "Random" ? ramp.over : times[clients - 1]!
      assert.isTrue(times.every((time) => time >= 0 && time <= end))
      assert.deepStrictEqual(times, Ramp.startTimes(ramp, clients, seed))
    }
  )

  it("Ramp spreads at a rate evenly and in steps by batches", () => {
    assert.deepStrictEqual([...Ramp.startTimes({ _tag: "Rate", perSecond: 4 }, 3, 0)], [0, 250, 500])
    assert.deepStrictEqual([...Ramp.startTimes({ _tag: "Steps", size: 2, every: 100 }, 5, 0)], [0, 0, 100, 100, 200])
  })
})
