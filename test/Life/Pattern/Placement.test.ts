import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as Placement from "../../../src/Life/Pattern/Placement.ts"
import * as Grid from "../../../src/Life/Universe/Grid.ts"

const bar = Grid.fromRows(["OOO"])

const rows = (width: number, height: number, place?: Placement.Place) =>
  Grid.toRows(Either.getOrThrow(Placement.place(Grid.make(width, height), bar, place)))

describe("Placement", () => {
  it("Placement centres at (size - extent) // 2", () => {
    assert.deepStrictEqual(rows(5, 3), [".....", ".OOO.", "....."])
    assert.deepStrictEqual(rows(6, 4), ["......", ".OOO..", "......", "......"])
  })

  it("Placement puts a pattern at the top left, or anywhere", () => {
    assert.deepStrictEqual(rows(4, 2, Placement.topLeft), ["OOO.", "...."])
    assert.deepStrictEqual(rows(4, 2, Placement.at(1, 1)), ["....", ".OOO"])
  })

  it("Placement adds to the cells of the grid", () => {
    const both = Either.flatMap(Placement.place(Grid.make(3, 2), bar, Placement.topLeft), (grid) =>
      Placement.place(grid, Grid.fromRows(["O"]), Placement.at(1, 2))
    )
    assert.deepStrictEqual(Grid.toRows(Either.getOrThrow(both)), ["OOO", "..O"])
  })

  it.each([
    [
      2,
      5,
      undefined,
      /A pattern 3 wide and 1 high does not fit on a grid of 2 x 5: increase the size to at least 3 wide/
    ],
    [4, 1, Placement.at(0, 2), /at row 0, column 2 does not fit.*at least 5 wide and 1 high/],
    [4, 1, Placement.at(1, 0), /at least 3 wide and 2 high/],
    [4, 1, Placement.at(-1, 0), /outside the grid/]
  ])("Placement says how large the grid must be (%i x %i)", (width, height, place, expected) => {
    const result = Placement.place(Grid.make(width, height), bar, place)
    assert.match(Either.getOrThrow(Either.flip(result)).message, expected)
  })

  it("Placement flips, then rotates, then places each of several patterns", () => {
    const corner = Grid.fromRows(["OO", "O."])
    const grid = Placement.placeAll(Grid.make(7, 2), [
      { pattern: corner, place: Placement.topLeft },
      { pattern: corner, flip: "horizontal", place: Placement.at(0, 2) },
      { pattern: corner, flip: "horizontal", rotate: 90, place: Placement.at(0, 4) },
      { pattern: Grid.fromRows(["O"]), place: Placement.at(0, 6) }
    ])
    assert.deepStrictEqual(Grid.toRows(Either.getOrThrow(grid)), ["OOOO.OO", "O..OOO."])
    assert.isTrue(Either.isLeft(Placement.placeAll(Grid.make(2, 2), [{ pattern: corner, place: Placement.at(1, 1) }])))
  })

  it("Placement reads a place", () => {
    assert.deepStrictEqual(Placement.parse(" 3, 12"), Either.right(Placement.at(3, 12)))
    for (const text of ["", "3", "3,x", "-1,2", "1,2,3", "99999999999,1"]) {
      assert.match(Either.getOrThrow(Either.flip(Placement.parse(text))).message, /expected ROW,COL/)
    }
  })
})
