import { readFile } from "node:fs/promises"
import { assert, describe, it } from "@effect/vitest"
import { directions } from "../../src/Life/Universe/Neighbourhood.ts"
import * as Hexagons from "../../src/Protocol/Hexagons.ts"
import { act, harness, hueOf, untilColour, untilText } from "./Harness.ts"
import { TestGame } from "./TestGame.ts"

const test = harness()

const grid = { width: 8, height: 8 }

describe("A game of hexagons", () => {
  it("A hexagon touches exactly the six cells of its neighbourhood, and each place belongs to the nearest", () => {
    const distance = (x: number, y: number) => {
      const [from, to] = [Hexagons.centreOf({ x: 3, y: 3 }, 8), Hexagons.centreOf({ x: 3 + x, y: 3 + y }, 8)]
      return Math.hypot(to.x - from.x, to.y - from.y)
    }
    const near = [-1, 0, 1]
      .flatMap((y) => [-1, 0, 1].map((x) => [x, y] as const))
      .filter(([x, y]) => distance(x, y) < 1.01)
    const six = directions.Hexagonal.map(({ cols, rows }) => `${cols},${rows}`)
    assert.deepStrictEqual(near.map(String).sort(), [...six, "0,0"].sort())
    for (const cell of [
      { x: 0, y: 0 },
      { x: 7, y: 3 },
      { x: 2, y: 7 }
    ]) {
      const { x, y } = Hexagons.centreOf(cell, 8)
      for (const [dx, dy] of [
        [0, 0],
        [0.45, 0],
        [-0.2, 0.4],
        [0.2, -0.4]
      ] as const)
        assert.deepStrictEqual(Hexagons.cellAt({ x: x + dx, y: y + dy }, 8), cell)
    }
  })

  it("A game of hexagons is drawn in shifted rows; pointer, pen and picture find the same cells", async () => {
    TestGame.running(test.server.state, 8, 8, (row, column) => row === 6 && column === 1, "B2/S34H:T8,8")
    const page = await test.visit()
    const extent = Hexagons.extentOf(grid)
    /** The place of a cell, for the tools of tests that know squares. */
    const placeOf = (row: number, column: number) => {
      const { x, y } = Hexagons.centreOf({ x: column, y: row }, grid.height)
      return { row: y - 0.5, column: x - 0.5 }
    }
    const colour = (row: number, column: number, state: 0 | 1) => {
      const place = placeOf(row, column)
      return untilColour(page, extent, place.row, place.column, hueOf(0, state))
    }
    await colour(6, 1, 1)
    for (const [row, column] of [
      [6, 0],
      [6, 2],
      [5, 1],
      [7, 1],
      [0, 7]
    ] as const)
      await colour(row, column, 0)

    const box = (await page.locator("#grid").boundingBox())!
    const scale = Math.floor(Math.min((box.width - 32) / extent.width, (box.height - 32) / extent.height))
    const click = (row: number, column: number) => {
      const place = placeOf(row, column)
      return page.mouse.click(
        box.x + box.width / 2 + (place.column + 0.5 - extent.width / 2) * scale,
        box.y + box.height / 2 + (place.row + 0.5 - extent.height / 2) * scale
      )
    }
    await click(6, 1)
    await untilText(page, "#inspector", /^row 6, column 1: alive.*: an object that dies in 1 step$/)

    const [download] = await Promise.all([page.waitForEvent("download"), act(page, "save-png")])
    const png = await readFile(await download.path())
    const side = Math.floor(1_024 / extent.width)
    assert.deepStrictEqual(
      [png.readUInt32BE(16), png.readUInt32BE(20)],
      [Math.round(extent.width * side), Math.round(extent.height * side)]
    )

    await act(page, "edit")
    await page.locator("#drawing").waitFor()
    await click(2, 5)
    await colour(2, 5, 1)
    await colour(2, 4, 0)
    await colour(6, 1, 1)
  })
})
