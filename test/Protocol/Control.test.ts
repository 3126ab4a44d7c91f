import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import type { ControlRequest } from "../../src/Protocol/Control.ts"
import { formatControl, parseControlRequest, parseControlResponse } from "../../src/Protocol/Control.ts"
import { readPatternList } from "../../src/Protocol/PatternList.ts"

const speed = FastCheck.double({ min: 0.01, max: 1_000, noNaN: true })

const literal = <const Value>(value: Value) => FastCheck.constant<Value>(value)

const start = FastCheck.oneof(
  FastCheck.record({ type: literal("pattern"), name: FastCheck.string({ maxLength: 100 }) }),
  FastCheck.record({ type: literal("random"), density: FastCheck.constantFrom(0, 0.25, 1) }),
  FastCheck.record({ type: literal("cells"), rle: FastCheck.string() })
)

const side = FastCheck.integer({ min: 1, max: 1_000 })

const request: FastCheck.Arbitrary<ControlRequest> = FastCheck.oneof(
  FastCheck.record({ type: FastCheck.constantFrom("pause" as const, "resume" as const, "step" as const) }),
  FastCheck.record({ type: literal("resume"), step: FastCheck.nat() }),
  FastCheck.record({ type: literal("speed"), speed }),
  FastCheck.record({
    type: literal("start"),
    game: FastCheck.record({
      width: side,
      height: side,
      rule: literal("B3/S23"),
      topology: literal("torus"),
      speed,
      start
    })
  })
)

describe("Control", () => {
  it.prop("requests are parsed as they were formatted", [request], ([value]) => {
    assert.deepStrictEqual(parseControlRequest(formatControl(value)), value)
  })

  it("responses are parsed as they were formatted", () => {
    for (const value of [
      { type: "state", game: "paused", speed: 2.5 },
      { type: "refused", reason: "No." }
    ] as const)
      assert.deepStrictEqual(parseControlResponse(formatControl(value)), value)
  })

  it.prop(
    "garbage is refused and never makes it throw",
    [FastCheck.oneof(FastCheck.string(), FastCheck.json())],
    ([text]) => {
      parseControlRequest(text)
      parseControlResponse(text)
    }
  )

  it("Control refuses values that are out of bounds", () => {
    const game = {
      width: 8,
      height: 8,
      rule: "B3/S23",
      topology: "torus",
      speed: 1,
      start: { type: "random", density: 0.5 }
    }
    const asked = (change: object) =>
      parseControlRequest(JSON.stringify({ type: "start", game: { ...game, ...change } }))
    assert.isDefined(asked({}))
    for (const change of [
      { width: 0 },
      { width: 1.5 },
      { width: 100_000, height: 100_000 },
      { speed: 0 },
      { speed: 1e9 },
      { rule: 3 },
      { rule: "B".repeat(101) },
      { start: { type: "random", density: 2 } },
      { start: { type: "pattern" } },
      { start: null }
    ])
      assert.isUndefined(asked(change), JSON.stringify(change))
    for (const text of ["", "null", "[]", '{"type":"stop"}', '{"type":"speed","speed":-1}', " ".repeat(3_000_000)])
      assert.isUndefined(parseControlRequest(text))
    for (const step of [-1, 1.5, "43", null])
      assert.isUndefined(parseControlRequest(JSON.stringify({ type: "resume", step })))
  })
})

describe("PatternList", () => {
  it("PatternList reads a valid list, and nothing else", () => {
    const list = { command: "life", hasControl: true, patterns: [{ name: "block", about: "", rows: ["OO", "OO"] }] }
    assert.deepStrictEqual(readPatternList(list), list)
    for (const value of [null, 1, {}, { ...list, command: 1 }, { ...list, patterns: [{ name: "block" }] }])
      assert.isUndefined(readPatternList(value))
  })
})
