/**
 * Life in the simplest form, directly from the definition. All faster implementations are compared with it.
 */
import type * as Grid from "../../src/Life/Universe/Grid.ts"
import * as Rule from "../../src/Life/Universe/Rule.ts"
import * as Topology from "../../src/Life/Universe/Topology.ts"

export const isAlive = (grid: Grid.Grid, row: number, col: number): boolean => grid.cells[row * grid.width + col] === 1

export const step = (grid: Grid.Grid, rule: Rule.Rule, topology: Topology.Topology): Grid.Grid => {
  const cells = grid.cells.map((state, index) => {
    const row = Math.floor(index / grid.width)
    const mask = Topology.neighbours(topology, rule.neighbourhood, row, index % grid.width).reduce(
      (mask, { col, row, directions }) => mask | (isAlive(grid, row, col) ? directions : 0),
      0
    )
    return Rule.next(rule, state, mask)
  })
  return { ...grid, cells }
}
