/**
 * A fast Game of Life in one process. The referee checks distributed games against it.
 */
import { BitGrid } from "./BitGrid.ts"
import { Border } from "./Border.ts"
import { Decay } from "./Decay.ts"
import * as Grid from "./Grid.ts"
import * as Kernel from "./Kernel.ts"
import type { Rule, State } from "./Rule.ts"
import type { Topology } from "./Topology.ts"

export class Simulator {
  readonly width: number
  readonly height: number
  readonly #kernel: Kernel.Kernel
  readonly #border: Border
  /** The dying cells, if the rule has more than two states. */
  readonly #decay: Decay | undefined
  #now: BitGrid
  #then: BitGrid
  #generation = 0

  /** Starts from a grid of the topology's size, at generation 0. */
  constructor(start: Grid.Grid, rule: Rule, topology: Topology) {
    this.width = start.width
    this.height = start.height
    this.#now = new BitGrid(start.width, start.height)
    this.#then = new BitGrid(start.width, start.height)
    this.#now.read(start)
    this.#border = new Border(this.#now, topology)
    this.#kernel = Kernel.make(rule)
    this.#decay = rule.states > 2 ? new Decay(start, rule) : undefined
  }

  get generation(): number {
    return this.#generation
  }

  /** The number of cells that are not dead. */
  get population(): number {
    return this.#now.population() + (this.#decay?.count ?? 0)
  }

  stateAt(row: number, col: number): State {
    return this.#now.isAlive(row, col) ? 1 : (this.#decay?.stateAt(row * this.width + col) ?? 0)
  }

  run(steps: number): void {
    for (let n = 0; n < steps; n++) {
      this.#border.fill(this.#now)
      this.#kernel(this.#now, this.#then)
      this.#decay?.step(this.#now, this.#then)
      const swap = this.#now
      this.#now = this.#then
      this.#then = swap
      this.#generation++
    }
  }

  /** A copy of the current cells. */
  grid(): Grid.Grid {
    const grid = Grid.make(this.width, this.height)
    this.#now.write(grid)
    this.#decay?.write(grid)
    return grid
  }
}
