import { assert, describe, it } from "@effect/vitest"
import { lineOf, type Mishap } from "../../../src/Server/Game/ThisNode.ts"
import { GatheredLines } from "../../../src/Text/GatheredLines.ts"

const linesOf = (add: (lines: GatheredLines<Mishap>) => void): ReadonlyArray<string> => {
  const written: Array<string> = []
  const lines = new GatheredLines<Mishap>((mishap, games, workers) => void written.push(lineOf(mishap, games, workers)))
  add(lines)
  lines.flush()
  return written
}

describe("the lines about what happens to games", () => {
  it("the lines about what happens to games name the game", () => {
    assert.deepStrictEqual(
      linesOf((lines) => lines.add("missed", "the game a", 1)),
      ["This node has missed a part of the game a: 1 worker is closed, and can come back"]
    )
  })

  it("the lines about what happens to games are one for an outage that meets many games, and count the workers of all", () => {
    const lines = linesOf((lines) => {
      for (let n = 0; n < 100; n++) lines.add("removed", `the game g${n}`, 2)
      for (const name of ["a", "b"]) lines.add("lost", `the game ${name}`, 0)
    })
    assert.deepStrictEqual(lines, [
      "The other nodes removed this one from the game g0, the game g1, the game g2 and 97 more, because it was silent: 200 workers are closed, and can come back",
      "The engine has lost the log of the game a and the game b: the game begins again, and 0 workers are closed, and can come back"
    ])
  })
})
