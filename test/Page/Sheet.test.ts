import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as PatternText from "../../src/Life/Pattern/PatternText.ts"
import * as Grid from "../../src/Life/Universe/Grid.ts"
import { around, between, clipOf, fromRows, toRle } from "../../static/watch/Model/Clip.ts"
import { blank, copied } from "../../static/watch/Model/Drawing.ts"
import type { Frame } from "../../static/watch/Model/Model.ts"
import { Sheet } from "../../static/watch/Model/Sheet.ts"

const SIDE = 9
const cell = FastCheck.record({ x: FastCheck.nat(SIDE - 1), y: FastCheck.nat(SIDE - 1) })

const frame = FastCheck.uint8Array({ minLength: SIDE * SIDE, maxLength: SIDE * SIDE, max: 3 }).map((states) => {
  const made = blank(SIDE, SIDE, 4)
  made.states.set(states)
  return made
})

const rows = ({ height, states, width }: Frame) => Grid.toRows({ width, height, cells: states })

const glider = fromRows([".O.", "..O", "OOO"])

describe("Clip", () => {
  it("Clip makes undone changes again, until there is another change", () => {
    const sheet = new Sheet(blank(4, 4))
    const set = (index: number) => {
      sheet.remember()
      sheet.change(({ states }) => {
        states[index] = 1
      })
    }
    set(0)
    set(1)
    sheet.undo()
    sheet.undo()
    assert.isTrue(sheet.canRedo)
    sheet.redo()
    sheet.redo()
    assert.isFalse(sheet.canRedo)
    assert.deepStrictEqual([...sheet.drawn.states].slice(0, 2), [1, 1])
    sheet.undo()
    set(2)
    sheet.redo()
    assert.deepStrictEqual([...sheet.drawn.states].slice(0, 3), [1, 0, 1])
    sheet.discard()
    assert.isFalse(sheet.canRedo)
  })

  it("Clip undoes and redoes the changes of the sheet that is gone on with, on a grid of another size too", () => {
    const first = new Sheet(blank(3, 2))
    for (const index of [1, 5]) {
      first.remember()
      first.change(({ states }) => {
        states[index] = 1
      })
    }
    first.undo()
    const next = new Sheet(copied(first.drawn, 4, 3), first)
    next.redo()
    assert.deepStrictEqual([...next.drawn.states].join(""), "0100" + "0010" + "0000")
    next.undo()
    next.undo()
    assert.isFalse(next.canUndo)
    assert.isFalse(next.drawn.states.includes(1))
    // The one before is as it was.
    assert.strictEqual([...first.drawn.states].join(""), "010000")
  })

  it.prop("a rectangle has both cells at its corners, in any order", [cell, cell], ([a, b]) => {
    const rect = between(a, b)
    assert.deepStrictEqual(rect, between(b, a))
    for (const { x, y } of [a, b]) {
      assert.include([rect.x, rect.x + rect.width - 1], x)
      assert.include([rect.y, rect.y + rect.height - 1], y)
    }
  })

  it.prop("Clip is inside the grid at any position", [cell, FastCheck.integer({ min: 1, max: SIDE })], ([at, side]) => {
    const { x, y } = around(at, { width: side, height: side }, { width: SIDE, height: SIDE })
    assert.isTrue(x >= 0 && y >= 0 && x + side <= SIDE && y + side <= SIDE)
    assert.isTrue(at.x >= x && at.x < x + side && at.y >= y && at.y < y + side)
  })

  it.prop("Clip is written as a pattern that reads back", [frame, cell, cell], ([made, a, b]) => {
    const clip = clipOf(made, between(a, b))
    const read = Either.getOrThrow(PatternText.read(toRle(clip, "345/2/4"), "copied"))
    assert.deepStrictEqual(Grid.toRows(read.grid), Grid.toRows(clip))
  })

  it("Clip reads the rows of the library, with two states and with more", () => {
    assert.deepStrictEqual([...fromRows(["O.", ".O"]).cells], [1, 0, 0, 1])
    assert.deepStrictEqual([...fromRows(["CBA", "."]).cells], [3, 2, 1, 0, 0, 0])
  })
})

describe("Sheet", () => {
  it("Sheet shows a stamp over the cells, and changes them only when it is placed", () => {
    const sheet = new Sheet(blank(5, 5))
    assert.isUndefined(sheet.startStamp("glider", glider, { x: 2, y: 2 }))
    assert.deepStrictEqual(rows(sheet.frame), [".....", "..O..", "...O.", ".OOO.", "....."])
    assert.deepStrictEqual(rows(sheet.drawn), [".....", ".....", ".....", ".....", "....."])
    sheet.moveTo({ x: 4, y: 4 })
    assert.deepStrictEqual(sheet.outline, { x: 2, y: 2, width: 3, height: 3 })
    sheet.place()
    sheet.turn()
    sheet.release()
    assert.deepStrictEqual(rows(sheet.frame), [".....", ".....", "...O.", "....O", "..OOO"])
    assert.deepStrictEqual(rows(sheet.drawn), rows(sheet.frame))
    sheet.undo()
    assert.deepStrictEqual(rows(sheet.frame), [".....", ".....", ".....", ".....", "....."])
    assert.isFalse(sheet.canUndo)
  })

  it.prop("four turns, and two mirrors, change nothing", [frame, cell], ([made, at]) => {
    const sheet = new Sheet(made)
    sheet.startStamp("glider", glider, at)
    const before = rows(sheet.frame)
    for (let n = 0; n < 4; n++) sheet.turn()
    for (let n = 0; n < 2; n++) sheet.mirror("vertical")
    assert.deepStrictEqual(rows(sheet.frame), before)
  })

  it.prop("lifting a selection and placing it where it was changes nothing", [frame, cell, cell], ([made, a, b]) => {
    const before = rows(made)
    const sheet = new Sheet({ ...made, states: made.states.slice() })
    sheet.select(a)
    sheet.moveTo(b)
    const rect = between(a, b)
    const selected = sheet.selected!
    assert.deepStrictEqual(Grid.toRows(selected), Grid.toRows(clipOf(made, rect)))
    sheet.lift()
    assert.deepStrictEqual(rows(sheet.frame), before)
    assert.isTrue(clipOf(sheet.drawn, rect).cells.every((state) => state === 0))
    sheet.place()
    sheet.release()
    assert.deepStrictEqual(rows(sheet.drawn), before)
    sheet.undo()
    sheet.undo()
    assert.deepStrictEqual(rows(sheet.drawn), before)
  })

  it("Sheet refuses patterns that do not fit the grid or the rule, and says why", () => {
    const sheet = new Sheet(blank(4, 2))
    assert.strictEqual(sheet.startStamp("glider", glider, { x: 0, y: 0 }), "This pattern needs 3 columns and 3 rows.")
    assert.match(
      sheet.startStamp("racer", fromRows(["CBA"]), { x: 0, y: 0 })!,
      /cells in state 3, but the rule has only 2 states/
    )
    assert.isUndefined(sheet.outline)
    // Turned it would not fit.
    sheet.startStamp("line", fromRows(["OOOO"]), { x: 0, y: 0 })
    sheet.turn()
    assert.deepStrictEqual(rows(sheet.frame), ["OOOO", "...."])
  })
})
