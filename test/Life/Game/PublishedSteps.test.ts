import { assert, describe, it } from "@effect/vitest"
import { Cell } from "../../../src/Life/Game/Cell.ts"
import { PublishedSteps } from "../../../src/Life/Game/PublishedSteps.ts"
import * as Rule from "../../../src/Life/Universe/Rule.ts"

/** Two cells, of which `cells[0]` publishes. The last step is 2. */
const game = () => {
  const heard: Array<string> = []
  let finished = 0
  const reported = new PublishedSteps(
    { row: 0, col: 0, width: 2, height: 1 },
    2,
    (...each) => heard.push(each.join(" ")),
    () => finished++
  )
  const cells = [0, 1].map((col) => new Cell(0, col, 0, Rule.life, [])) as [Cell, Cell]
  return { reported, heard, cells, finished: () => finished }
}

describe("steps that cells have published", () => {
  it("steps that cells have published are observed once", () => {
    const { cells, heard, reported } = game()
    reported.published(cells[0])
    reported.published(cells[0])
    cells[0].restore(1, 1, 0)
    reported.published(cells[0])
    assert.deepStrictEqual(heard, ["0 0 0 0", "1 0 0 1"])
  })

  it("steps that cells have published show whether a cell has begun, and whether it is ahead of its published steps", () => {
    const { cells, reported } = game()
    assert.deepStrictEqual([reported.hasBegun(cells[0]), reported.isAhead(cells[0])], [false, false])
    reported.published(cells[0])
    assert.deepStrictEqual([reported.hasBegun(cells[0]), reported.isAhead(cells[0])], [true, false])
    cells[0].restore(1, 1, 0)
    assert.isTrue(reported.isAhead(cells[0]))
  })

  it("steps that cells have published are finished when every cell has published the last one and heard its neighbours there", () => {
    const { cells, finished, reported } = game()
    for (const cell of cells) {
      cell.restore(2, 1, 1)
      reported.published(cell)
    }
    for (const cell of cells) {
      assert.strictEqual(finished(), 0)
      reported.completed(cell)
      reported.completed(cell)
    }
    assert.strictEqual(finished(), 1)
  })
})
