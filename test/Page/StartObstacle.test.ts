import { assert, describe, it } from "@effect/vitest"
import { maxCells } from "../../src/Protocol/Control.ts"
import { blank } from "../../static/watch/Model/Drawing.ts"
import { problemOfRule, problemOfStart } from "../../static/watch/Model/StartObstacle.ts"

const size = { width: 8, height: 8 }
const random = { _tag: "Random" } as const
const glider = { name: "glider", about: "Spaceship.", rows: [".O.", "..O", "OOO"] }

describe("the problem with a start", () => {
  it("the problem with a start is a size that is no whole number, or one with too many cells", () => {
    for (const width of [0, -1, 1.5, Number.NaN])
      assert.strictEqual(
        problemOfStart({ width, height: 8 }, random),
        "Columns and rows must be whole numbers from 1 on."
      )
    assert.match(problemOfStart({ width: maxCells, height: 2 }, random)!, /^A grid has at most .* cells\.$/)
    assert.isUndefined(problemOfStart(size, random))
  })

  it("the problem with a start is a drawing without living cells", () => {
    const frame = blank(8, 8)
    for (const drawn of [undefined, frame])
      assert.strictEqual(problemOfStart(size, { _tag: "Drawn", frame: drawn }), "Draw some living cells first.")
    frame.states[3] = 1
    assert.isUndefined(problemOfStart(size, { _tag: "Drawn", frame }))
  })

  it("the problem with a start is a pattern that is missing, or larger than the grid", () => {
    assert.match(
      problemOfStart(size, { _tag: "Pattern", pattern: undefined, isLoading: false })!,
      /^The server offers no patterns/
    )
    const coming = { _tag: "Pattern", pattern: undefined, isLoading: true } as const
    assert.strictEqual(problemOfStart(size, coming), "The patterns are on their way.")
    const source = { _tag: "Pattern", pattern: glider, isLoading: false } as const
    assert.strictEqual(problemOfStart({ width: 8, height: 2 }, source), "This pattern needs 3 columns and 3 rows.")
    assert.isUndefined(problemOfStart(size, source))
  })
})

describe("the problem with a rule", () => {
  it("the problem with a rule is that it is missing or invalid", () => {
    assert.strictEqual(problemOfRule(""), "A rule is needed, such as B3/S23.")
    assert.match(problemOfRule("B3/S2x")!, /^Not a rule: .* Write it like B3\/S23\.$/)
    assert.isUndefined(problemOfRule("B36/S23"))
  })
})
