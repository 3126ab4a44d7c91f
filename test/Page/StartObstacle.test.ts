import { assert, describe, it } from "@effect/vitest"
import { MAX_CELLS } from "../../src/Protocol/Control.ts"
import { blank } from "../../static/watch/Model/Drawing.ts"
import { problemOfEdges, problemOfRule, problemOfStart } from "../../static/watch/Model/StartObstacle.ts"

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
    assert.match(problemOfStart({ width: MAX_CELLS, height: 2 }, random)!, /^A grid has at most .* cells\.$/)
    assert.isUndefined(problemOfStart(size, random))
  })

  it("the problem with a start is a drawing without living cells", () => {
    const frame = blank(8, 8)
    for (const drawn of [undefined, frame])
      assert.strictEqual(problemOfStart(size, { _tag: "Drawn", frame: drawn }), "Draw some living cells first.")
    frame.states[3] = 1
    assert.isUndefined(problemOfStart(size, { _tag: "Drawn", frame }))
  })

  it("the problem with a start is a drawing whose living cells do not fit on the grid, and not one of a larger grid that do", () => {
    const frame = blank(20, 12)
    frame.states[7 * 20 + 7] = 1
    assert.isUndefined(problemOfStart(size, { _tag: "Drawn", frame }))
    frame.states[20 + 15] = 1
    assert.strictEqual(problemOfStart(size, { _tag: "Drawn", frame }), "These cells need 16 columns and 8 rows.")
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

describe("the problem with edges", () => {
  it("the problem with edges is that there are none such, or that they do not fit the grid", () => {
    assert.match(problemOfEdges("möbius", size)!, /^Not these edges: it cannot be read\.$/)
    assert.match(problemOfEdges("sphere", { width: 8, height: 9 })!, /a sphere needs a width equal to its height/)
    for (const edges of ["torus", "klein", "T8+1,8"]) assert.isUndefined(problemOfEdges(edges, size))
  })
})
