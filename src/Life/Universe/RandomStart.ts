/** A random start, symmetric if wanted: cells are alive with one probability. A seed always gives the same grid. */
import { PCGRandom } from "effect/Utils"
import * as Grid from "./Grid.ts"
import * as Symmetry from "./Symmetry.ts"

/** The default probability of a live cell. */
export const DEFAULT_DENSITY = 1 / 4

/** `density` is the probability of a live cell, from 0 to 1 (default 0.25). `seed` is an integer. `symmetry` is `C1` (none) by default. */
export const make = (options: {
  readonly width: number
  readonly height: number
  readonly seed: number
  readonly density?: number
  readonly symmetry?: Symmetry.Symmetry
}): Grid.Grid => {
  const random = new PCGRandom(options.seed)
  const density = options.density ?? DEFAULT_DENSITY
  const grid = Grid.make(options.width, options.height)
  for (let index = 0; index < grid.cells.length; index++) {
    if (random.number() < density) grid.cells[index] = 1
  }
  return Symmetry.impose(grid, options.symmetry ?? "C1")
}
