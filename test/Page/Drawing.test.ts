import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import * as PatternText from "../../src/Life/Pattern/PatternText.ts"
import { blank, copied, scatter, setLine, toRleBody } from "../../static/watch/Model/Drawing.ts"
import type { Frame } from "../../static/watch/Model/Model.ts"
import { Pen } from "../../static/watch/Model/Pen.ts"
import { Sheet } from "../../static/watch/Model/Sheet.ts"

const rows = ({ height, states, width }: Frame) =>
  Array.from({ length: height }, (_, row) =>
    [...states.subarray(row * width, (row + 1) * width)].map((state) => (state === 1 ? "O" : ".")).join("")
  )

const frame = FastCheck.record({
  width: FastCheck.integer({ min: 1, max: 12 }),
  height: FastCheck.integer({ min: 1, max: 12 }),
  cells: FastCheck.array(FastCheck.boolean(), { minLength: 144, maxLength: 144 })
}).map(({ cells, height, width }) => {
  const made = blank(width, height)
  made.states.set(cells.slice(0, width * height).map(Number))
  return made
})

const cell = FastCheck.record({ x: FastCheck.nat(11), y: FastCheck.nat(11) })

describe("Drawing", () => {
  it.prop("a line joins its ends without a gap", [cell, cell], ([from, to]) => {
    const made = blank(12, 12)
    setLine(made, from, to, 1)
    const alive = [...made.states.keys()].filter((index) => made.states[index] === 1)
    assert.lengthOf(alive, Math.max(Math.abs(from.x - to.x), Math.abs(from.y - to.y)) + 1)
    assert.strictEqual(made.states[from.y * 12 + from.x], 1)
    assert.strictEqual(made.states[to.y * 12 + to.x], 1)
  })

  it("a line leaves the grid without harm", () => {
    const made = blank(3, 3)
    setLine(made, { x: -2, y: 1 }, { x: 5, y: 1 }, 1)
    assert.deepStrictEqual(rows(made), ["...", "OOO", "..."])
  })

  it.prop("Drawing is read back by life, cell by cell", [frame], ([drawn]) => {
    const pattern = PatternText.read(`${toRleBody(drawn)}\n`, "drawn")
    assert(pattern._tag === "Right", toRleBody(drawn))
    assert.deepStrictEqual([...pattern.right.grid.cells], [...drawn.states])
  })

  it.prop(
    "Drawing keeps its cells on a grid of another size, as far as they fit",
    [frame, FastCheck.integer({ min: 1, max: 12 })],
    (values) => {
      const [drawn, width] = values
      const expected = rows(drawn).map((row) => row.slice(0, width).padEnd(width, "."))
      assert.deepStrictEqual(rows(copied(drawn, width, drawn.height)), expected)
    }
  )

  it("Drawing with the pen of a dying state gives cells that state, and erases those that have it", () => {
    const sheet = new Sheet(blank(4, 1, 4))
    const pen = new Pen()
    pen.state = 3
    pen.stroke(sheet, { x: 0, y: 0 }, true)
    pen.stroke(sheet, { x: 2, y: 0 }, false)
    pen.toggle(sheet, { x: 1, y: 0 })
    assert.deepStrictEqual([...sheet.drawn.states], [3, 0, 3, 0])
    // The pen of living cells erases every cell that is not dead.
    pen.state = 1
    pen.toggle(sheet, { x: 0, y: 0 })
    pen.toggle(sheet, { x: 3, y: 0 })
    assert.deepStrictEqual([...sheet.drawn.states], [0, 0, 3, 1])
    sheet.undo()
    assert.deepStrictEqual([...sheet.drawn.states], [0, 0, 3, 0])
  })

  it("Drawing scatters about as many cells as asked", () => {
    const made = blank(100, 100)
    let seed = 1
    scatter(made, 0.3, () => {
      seed = (seed * 48_271) % 2_147_483_647
      return seed / 2_147_483_647
    })
    assert.closeTo(made.states.filter((state) => state === 1).length, 3_000, 200)
  })
})
