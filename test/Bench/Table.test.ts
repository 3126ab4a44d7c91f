import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type { CaseResult } from "../../bench/Result.ts"
import { select } from "../../bench/Selection.ts"
import { summarize } from "../../bench/Statistics.ts"
import { table, toMarkdown, toText } from "../../bench/Table.ts"

const metrics = [{ key: "cpu", label: "CPU", unit: "µs", better: "lower", digits: 1 }] as const

const one: CaseResult = {
  title: "case",
  contenders: [
    { name: "own", title: "Own", figures: { cpu: summarize([2, 1, 4]) } },
    { name: "peer", title: "A | B", figures: { cpu: summarize([8]) } },
    { name: "broken", title: "Broken", figures: {}, failure: "wrong reply" }
  ]
}

describe("Table", () => {
  it("Table shows median, spread and the reference as a multiple of each peer", () => {
    assert.deepStrictEqual(table(one, metrics, "own"), {
      header: ["case", "CPU, µs"],
      rows: [
        ["Own", "2.0 (1.0–4.0)"],
        ["A | B", "8.0 0.25×"],
        ["Broken", "failed: wrong reply"]
      ]
    })
  })

  it("Table writes Markdown with the same number of cells in each row", () => {
    const lines = toMarkdown(table(one, metrics, "own")).split("\n")
    assert.strictEqual(lines[1], "|---|--:|")
    assert.strictEqual(lines[3], "| A \\| B | 8.0 0.25× |")
  })

  it("Table aligns text", () => {
    const [first, second] = toText(table(one, metrics, "own")).split("\n")
    assert.strictEqual(first!.indexOf("CPU"), second!.indexOf("2.0"))
  })
})

describe("select", () => {
  const known = [{ name: "relay" }, { name: "echo" }]

  it.effect("selects the named entries in the known order", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* select("scenario", "echo, relay", known), known)
      assert.deepStrictEqual(yield* select("scenario", "echo", known), [{ name: "echo" }])
      assert.deepStrictEqual(yield* select("scenario", "all", known), known)
      assert.deepStrictEqual(yield* select("peers", "none", known), [])
    })
  )

  it.effect("select says which name is unknown and which names there are", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(select("scenario", "relay,rely", known))
      assert.strictEqual(error.message, "--scenario: there is no 'rely'; choose from relay, echo, or all")
    })
  )
})
