import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as PatternText from "../../../src/Life/Pattern/PatternText.ts"
import * as Grid from "../../../src/Life/Universe/Grid.ts"

const rows = (text: string) => Grid.toRows(Either.getOrThrow(PatternText.read(text, "test")).grid)
const problem = (text: string) => Either.getOrThrow(Either.flip(PatternText.read(text, "test"))).message

describe("macrocell", () => {
  it("macrocell joins the quarters, and keeps the smallest grid with all live cells", () => {
    assert.deepStrictEqual(rows("[M2]\n.......*$\n*$\n4 1 2 0 0\n"), ["OO"])
    assert.deepStrictEqual(rows("[M2]\n$$$$$$$.......*$\n4 1 0 0 0\n$$$$$$$*$\n4 0 3 0 0\n"), ["O"])
  })

  it("macrocell reads a huge tree with few cells quickly", () => {
    const levels = Array.from({ length: 40 }, (_, n) => `${n + 4} ${n + 1} 0 0 0`)
    assert.deepStrictEqual(rows(["[M2]", ".*$..*$***$", ...levels].join("\n")), [".O.", "..O", "OOO"])
  })

  it("macrocell refuses cells that are too far apart, before it allocates a grid", () => {
    const levels = Array.from({ length: 40 }, (_, n) => `${n + 4} ${n + 1} ${n + 1} ${n + 1} ${n + 1}`)
    assert.match(problem(["[M2]", "*$", ...levels].join("\n")), /more cells than fit/)
  })

  it.each([
    ["[M2]\n*$\n4 1 0 0\n", /line 3, column 1: found "4 1 0 0", expected a row of 8 x 8 cells/],
    ["[M2]\n*$\n5 1 0 0 0\n", /quarter 1, expected a node above this line of level 4/],
    ["[M2]\n*$\n4 1 0 0 9\n", /quarter 9/],
    ["[M2]\n1 0 1 2 0\n", /a node of level 1, expected 4 or more \(only two-state/],
    ["[M2]\n.........*$\n", /expected a row of 8 x 8/],
    ["[M2]\n#R WireWorld\n", /rule "WireWorld"/]
  ])("macrocell tells what is wrong with %j", (text, expected) => {
    assert.match(problem(text), expected)
  })
})

describe("MCell", () => {
  it("MCell reads the rule, the author and the cells, whose runs may continue on the next line", () => {
    const read = Either.getOrThrow(
      PatternText.read(
        "#MCell 4.20\n#GAME Standard Life\n#RULE 23/36\n#A Someone\n#D Two lines\n#L 2A.\n#L A$$A\n",
        "test"
      )
    )
    assert.deepStrictEqual(Grid.toRows(read.grid), ["OO.O", "....", "O..."])
    assert.strictEqual(read.author, "Someone")
    assert.deepStrictEqual(read.comments, ["Two lines"])
  })

  it.each([
    ["#MCell 4.20\n#GAME Cyclic CA\n", /the game "Cyclic CA", expected Life or Generations/],
    ["#MCell 4.20\n#GAME Generations\n#RULE 345/2/4\n#L A.2D\n", /line 4, column 6: found "2"/],
    ["#MCell 4.20\n#GAME Life\n#L 3B\n", /line 3, column 4: found "3"|line 3, column 4/],
    ["#MCell 4.20\n#GAME Life\n#L 99999999A\n", /more cells than fit/],
    ["#MCell 4.20\nnonsense\n", /"nonsense", expected #GAME/]
  ])("MCell tells what is wrong with %j", (text, expected) => {
    assert.match(problem(text), expected)
  })
})
