import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import * as Grid from "../../../src/Life/Universe/Grid.ts"
import * as Rule from "../../../src/Life/Universe/Rule.ts"
import { Simulator } from "../../../src/Life/Universe/Simulator.ts"
import * as Topology from "../../../src/Life/Universe/Topology.ts"
import * as Transform from "../../../src/Life/Universe/Transform.ts"
import * as arbitraries from "../arbitraries.ts"

const rows = Grid.toRows

/** Moves the cells down and to the right. Cells that leave at one edge enter at the opposite edge. */
const translate = ({ cells, height, width }: Grid.Grid, down: number, right: number): Grid.Grid => {
  const moved = Grid.make(width, height)
  for (const [index, state] of cells.entries()) {
    const row = Topology.wrap(Math.floor(index / width) + down, height)
    moved.cells[row * width + Topology.wrap((index % width) + right, width)] = state
  }
  return moved
}

describe("Transform", () => {
  const grid = Grid.fromRows(["OO.", "..O"])

  it("Transform rotates clockwise", () => {
    assert.deepStrictEqual(rows(Transform.rotate(grid, 90)), [".O", ".O", "O."])
    assert.deepStrictEqual(rows(Transform.rotate(grid, 180)), ["O..", ".OO"])
    assert.deepStrictEqual(rows(Transform.rotate(grid, 270)), [".O", "O.", "O."])
    assert.deepStrictEqual(rows(Transform.rotate(grid, 0)), rows(grid))
  })

  it("Transform flips", () => {
    assert.deepStrictEqual(rows(Transform.flip(grid, "horizontal")), [".OO", "O.."])
    assert.deepStrictEqual(rows(Transform.flip(grid, "vertical")), ["..O", "OO."])
  })

  it.prop("four quarter turns, or two flips, change nothing", [arbitraries.grid(9)], ([grid]) => {
    const quarter = (grid: Grid.Grid) => Transform.rotate(grid, 90)
    assert.deepStrictEqual(rows(quarter(quarter(grid))), rows(Transform.rotate(grid, 180)))
    assert.deepStrictEqual(rows(quarter(Transform.rotate(grid, 270))), rows(grid))
    for (const direction of ["horizontal", "vertical"] as const) {
      assert.deepStrictEqual(rows(Transform.flip(Transform.flip(grid, direction), direction)), rows(grid))
    }
    const both = Transform.flip(Transform.flip(grid, "horizontal"), "vertical")
    assert.deepStrictEqual(rows(both), rows(Transform.rotate(grid, 180)))
  })

  it.prop(
    "the laws of Life are the same everywhere on a torus and in all directions",
    [
      arbitraries.grid(12),
      FastCheck.integer(),
      FastCheck.integer(),
      FastCheck.constantFrom(Rule.life, Rule.make([3, 6], [2, 3]))
    ],
    ([grid, down, right, rule]) => {
      const stepped = (grid: Grid.Grid): Grid.Grid => {
        const simulator = new Simulator(grid, rule, Topology.torus(grid.width, grid.height))
        simulator.run(3)
        return simulator.grid()
      }
      const transformations: ReadonlyArray<(grid: Grid.Grid) => Grid.Grid> = [
        (grid) => translate(grid, down, right),
        (grid) => Transform.rotate(grid, 90),
        (grid) => Transform.rotate(grid, 180),
        (grid) => Transform.rotate(grid, 270),
        (grid) => Transform.flip(grid, "horizontal"),
        (grid) => Transform.flip(grid, "vertical")
      ]
      for (const transform of transformations) {
        assert.deepStrictEqual(rows(stepped(transform(grid))), rows(transform(stepped(grid))))
      }
    }
  )
})
