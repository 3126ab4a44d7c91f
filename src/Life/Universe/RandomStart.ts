/**
 * A random start: each cell alive with the same probability, always the same grid for the same seed, symmetric if asked.
 */
import { PCGRandom } from "effect/Utils"
import * as Grid from "./Grid.ts"
import * as Symmetry from "./Symmetry.ts"

/** The probability of a live cell when none is given. */
export const defaultDensity = 1 / 4

/** `density` is the probability of a live cell, 0 to 1; `seed` is an integer. */
export const make = (options: {
  readonly width: number
  readonly height: number
  readonly seed: number
  readonly density?: number
  readonly symmetry?: Symmetry.Symmetry
}): Grid.Grid => {
  const random = new PCGRandom(options.seed)
  const density = options.density ?? defaultDensity
  const grid = Grid.make(options.width, options.height)
  for (let index = 0; index < grid.cells.length; index++) {
    if (random.number() < density) grid.cells[index] = 1
  }
  return Symmetry.impose(grid, options.symmetry ?? "C1")
}
