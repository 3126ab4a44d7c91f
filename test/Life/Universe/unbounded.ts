/**
 * Life on an unbounded plane: the grid is enlarged before a cell can reach its edges.
 */
import * as Grid from "../../../src/Life/Universe/Grid.ts"
import type * as Rule from "../../../src/Life/Universe/Rule.ts"
import { Simulator } from "../../../src/Life/Universe/Simulator.ts"
import * as Topology from "../../../src/Life/Universe/Topology.ts"

/** The width of the margin. Nothing moves faster than one cell per step, so a new margin is enough for this many steps. */
const margin = 128

/** Adds a margin around the live cells, and runs as many steps. */
const surrounded = (grid: Grid.Grid): Grid.Grid => {
  const rows = Array.from({ length: grid.height }, (_, row) =>
    grid.cells.subarray(row * grid.width, (row + 1) * grid.width)
  )
  const live = rows.flatMap((states, row) => (states.includes(1) ? [row] : []))
  const top = live[0] ?? 0
  const height = (live.at(-1) ?? -1) + 1 - top
  const left = Math.min(grid.width, ...live.map((row) => rows[row]!.indexOf(1)))
  const width = Math.max(left, ...live.map((row) => rows[row]!.lastIndexOf(1) + 1)) - left
  const larger = Grid.make(width + 2 * margin, height + 2 * margin)
  for (let row = 0; row < height; row++) {
    larger.cells.set(rows[top + row]!.subarray(left, left + width), (row + margin) * larger.width + margin)
  }
  return larger
}

/** The population at each of these steps, which must be ascending. Other work goes on meanwhile: a busy machine takes a minute. */
export const populations = async (
  start: Grid.Grid,
  rule: Rule.Rule,
  steps: ReadonlyArray<number>
): Promise<ReadonlyArray<number>> => {
  const enlarged = (grid: Grid.Grid) => {
    const larger = surrounded(grid)
    return new Simulator(larger, rule, Topology.plane(larger.width, larger.height))
  }
  let simulator = enlarged(start)
  let step = 0
  const found: Array<number> = []
  for (const until of steps) {
    while (step < until) {
      if (simulator.generation === margin) {
        simulator = enlarged(simulator.grid())
        await new Promise(setImmediate)
      }
      const steps = Math.min(margin - simulator.generation, until - step)
      simulator.run(steps)
      step += steps
    }
    found.push(simulator.population)
  }
  return found
}
