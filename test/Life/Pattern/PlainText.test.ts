import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as PatternText from "../../../src/Life/Pattern/PatternText.ts"
import * as Grid from "../../../src/Life/Universe/Grid.ts"

const read = (text: string) => Either.getOrThrow(PatternText.read(text, "test"))
const rows = (text: string) => Grid.toRows(read(text).grid)
const problem = (text: string) => Either.getOrThrow(Either.flip(PatternText.read(text, "test"))).message

describe("bare text", () => {
  it("bare text counts all characters except . and blank as alive", () => {
    assert.deepStrictEqual(rows("O*1.x \n.@"), ["OOO.O.", ".O...."])
  })

  it("bare text accepts LF, CRLF and CR, and a byte order mark", () => {
    for (const text of ["O.\n.O\n", "O.\r\n.O\r\n", "O.\r.O", "\uFEFFO.\n.O"])
      assert.deepStrictEqual(rows(text), ["O.", ".O"])
  })

  it("bare text keeps empty rows and fills short ones", () => {
    assert.deepStrictEqual(rows("\nO\n\n..O\n"), ["...", "O..", "...", "..O"])
  })

  it("bare text rejects text with control characters", () => {
    assert.strictEqual(
      problem("..O\n.\u0001"),
      "test, line 2, column 2: found character U+0001, expected a drawing: . or blank for a dead cell, O for a live one"
    )
  })
})

describe(".cells", () => {
  it(".cells keeps name, author and comments", () => {
    const pattern = read("!Name: Glider\n!Author: Richard K. Guy\n!\n!The smallest spaceship.\n.O\n..O\nOOO\n")
    assert.deepInclude(pattern, {
      name: "Glider",
      author: "Richard K. Guy",
      comments: ["The smallest spaceship."]
    })
    assert.deepStrictEqual(Grid.toRows(pattern.grid), [".O.", "..O", "OOO"])
  })

  it(".cells accepts o and *, blanks between cells, comments between rows, and short and empty rows", () => {
    assert.deepStrictEqual(rows("!\n. O\n! between\n\no*."), [".O.", "...", "OO."])
  })

  it(".cells names line and column of an unknown character", () => {
    assert.strictEqual(
      problem("!Name: x\n..O\n.Ox.\n"),
      'test, line 3, column 3: found "x", expected . for a dead cell or O for a live one'
    )
  })
})
