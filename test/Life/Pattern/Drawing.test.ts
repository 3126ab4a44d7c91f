import { assert, describe, it } from "@effect/vitest"
import * as Drawing from "../../../src/Life/Pattern/Drawing.ts"
import * as Grid from "../../../src/Life/Universe/Grid.ts"

const glider = Grid.fromRows([".O.", "..O", "OOO"])

describe("Drawing", () => {
  it("Drawing draws cells as large as possible", () => {
    assert.deepStrictEqual(Drawing.draw(glider, 6), ["  ██", "    ██", "██████"])
    assert.deepStrictEqual(Drawing.draw(glider, 5), [" ▀▄", "▀▀▀"])
    assert.deepStrictEqual(Drawing.draw(glider, 2), ["⠬⠆"])
    assert.deepStrictEqual(Drawing.draw(glider, 1), ["⠬"])
  })

  it("Drawing draws nothing for an empty grid", () => {
    assert.deepStrictEqual(Drawing.draw(Grid.make(0, 0), 80), [])
    assert.deepStrictEqual(Drawing.draw(Grid.make(3, 2), 80), ["", ""])
  })
})
