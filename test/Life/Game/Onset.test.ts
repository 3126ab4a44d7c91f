import { assert, describe, it } from "@effect/vitest"
import { Onset } from "../../../src/Life/Game/Onset.ts"

/** The observed states, and the first step. */
const onset = (width: number, height: number) => {
  const heard: Array<string> = []
  const begun: Array<number> = []
  const made = new Onset(width, height, (from) => {
    begun.push(from)
    return (...reported) => heard.push(reported.join(" "))
  })
  return { made, heard, begun }
}

describe("a game that is taken over", () => {
  it("a game that is taken over passes on states from the first step that all cells publish, including those that came before this step was known", () => {
    const { begun, heard, made } = onset(2, 1)
    made.receive(3, 0, 0, 1)
    made.receive(4, 0, 0, 0)
    assert.deepStrictEqual([begun, heard], [[], []])
    made.receive(4, 0, 1, 1)
    made.receive(5, 0, 1, 0)
    assert.deepStrictEqual(begun, [4])
    assert.deepStrictEqual(heard, ["4 0 0 0", "4 0 1 1", "5 0 1 0"])
  })

  it("a game that is taken over waits once for each cell of the grid", () => {
    const { begun, made } = onset(2, 2)
    for (const [step, row, col] of [
      [1, 0, 0],
      [2, 0, 0],
      [1, 1, 0],
      [1, 0, 1]
    ] as const)
      made.receive(step, row, col, 0)
    assert.deepStrictEqual(begun, [])
    made.receive(7, 1, 1, 1)
    assert.deepStrictEqual(begun, [7])
  })
})
