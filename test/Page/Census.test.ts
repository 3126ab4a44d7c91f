import { assert, describe, it } from "@effect/vitest"
import * as Census from "../../static/watch/Model/Census.ts"
import { blank } from "../../static/watch/Model/Drawing.ts"

/** A grid with a pattern whose top left cell is at (x, y), across joined edges if need be. */
const grid = (rows: string, x = 10, y = 10, size = { width: 40, height: 30 }) => {
  const frame = blank(size.width, size.height)
  rows.split(" ").forEach((row, down) => {
    for (let right = 0; right < row.length; right++)
      if (row[right] !== ".")
        frame.states[((y + down) % size.height) * size.width + ((x + right) % size.width)] =
          row[right] === "O" ? 1 : row.charCodeAt(right) - 64
  })
  return frame
}

const living = (frame: ReturnType<typeof blank>) => {
  const index = frame.states.indexOf(1)
  return { x: index % frame.width, y: Math.floor(index / frame.width) }
}

const what = (rows: string, rule = "B3/S23", x?: number, y?: number) => {
  const frame = grid(rows, x, y)
  return Census.describe(frame, living(frame), rule, true)
}

describe("The census of what is under the pointer", () => {
  it("The census names still lifes, oscillators and spaceships of Life in any phase and position", () => {
    assert.deepStrictEqual(
      [
        what("OO OO"),
        what(".OO O..O O.O. .O.."),
        what("O O O"),
        what("OOO. .OOO"),
        // The other phase of a beacon, whose two parts touch at no corner.
        what("OO.. O... ...O ..OO"),
        what("OOO O.. .O."),
        what(".OOOO O...O ....O O..O.")
      ],
      [
        "block, a still life of 4 cells",
        "loaf, a still life of 7 cells",
        "blinker, an oscillator, period 2",
        "toad, an oscillator, period 2",
        "beacon, an oscillator, period 2",
        "glider, a spaceship, c/4 diagonally, period 4",
        "lightweight spaceship, a spaceship, c/2, period 4"
      ]
    )
  })

  it("The census says of an object without a name what it does, in its rule", () => {
    assert.strictEqual(what("OO.OO .O.O. .O.O. OO.OO"), "a still life of 12 cells")
    assert.strictEqual(what("O"), "an object that dies in 1 step")
    assert.strictEqual(what("OO .OO .O."), "an object that changes: no period within 64 steps")
    // Two living cells beside two dying ones are the spaceship of Brian's Brain.
    assert.match(what("OO BB", "/2/3")!, /^a spaceship, c, period 1$/)
    // A name of Life says nothing in another rule.
    assert.strictEqual(what("OO OO", "B36/S23"), "a still life of 4 cells")
  })

  it("The census sees an object in one piece across joined edges, and alone among others", () => {
    assert.strictEqual(what("OO OO", "B3/S23", 39, 29), "block, a still life of 4 cells")
    const frame = grid("OO......OOO OO.........")
    assert.strictEqual(Census.describe(frame, { x: 10, y: 10 }, "B3/S23", false), "block, a still life of 4 cells")
    assert.strictEqual(Census.describe(frame, { x: 19, y: 10 }, "B3/S23", false), "blinker, an oscillator, period 2")
    assert.isUndefined(Census.describe(frame, { x: 0, y: 0 }, "B3/S23", false))
  })

  it("The census does not follow an object that is large, nor a rule in which dead space lives", () => {
    const crowd = blank(100, 100)
    crowd.states.fill(1)
    assert.strictEqual(Census.describe(crowd, { x: 5, y: 5 }, "B3/S23", true), "a large group of cells")
    assert.isUndefined(what("OO OO", "B03/S23"))
    assert.isUndefined(what("OO OO", "no rule"))
  })
})
