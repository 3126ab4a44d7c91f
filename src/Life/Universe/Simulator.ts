/** A fast Game of Life in one process. The referee checks distributed games against it. */
import { BitGrid } from "./BitGrid.ts"
import * as Grid from "./Grid.ts"
import * as Kernel from "./Kernel.ts"
import * as Rule from "./Rule.ts"
import { cellAt, type Topology } from "./Topology.ts"

/** The dying cells of a rule with more than two states. The bit grid holds the live cells. */
class Decay {
  readonly #rule: Rule.Rule
  /** The state of each dying cell, 0 for all others. */
  readonly #dying: Uint8Array

  constructor(start: Grid.Grid, rule: Rule.Rule) {
    this.#rule = rule
    this.#dying = start.cells.map((state) => (state > 1 ? state : 0))
  }

  get count(): number {
    return this.#dying.reduce((sum, state) => (state === 0 ? sum : sum + 1), 0)
  }

  stateAt(index: number): Rule.State {
    return this.#dying[index]!
  }

  /** Makes a step. A cell that is alive in `now` and not in `then` begins to die. A dying cell goes to its next state and is not born in `then`. */
  step(now: BitGrid, then: BitGrid): void {
    const dying = this.#dying
    for (let row = 0, index = 0; row < now.height; row++) {
      for (let col = 0; col < now.width; col++, index++) {
        const state = dying[index]!
        if (state > 0) {
          dying[index] = Rule.decayed(this.#rule, state)
          then.kill(row, col)
        } else if (now.isAlive(row, col) && !then.isAlive(row, col)) dying[index] = Rule.decayed(this.#rule, 1)
      }
    }
  }

  /** Adds the dying cells to a grid that has the live cells. */
  write(grid: Grid.Grid): void {
    this.#dying.forEach((state, index) => {
      if (state > 0) grid.cells[index] = state
    })
  }
}

/** Fills the border of a bit grid with the cells beyond its edges. Then a step is the same for every topology. */
class Border {
  /** For each border cell: its word and bit, and the word and bit of the cell that it copies. The source word is 0 if there is none. */
  readonly #plan: Int32Array

  constructor(grid: BitGrid, topology: Topology) {
    const { height, width } = topology
    const plan: Array<number> = []
    const add = (row: number, col: number) => {
      const source = cellAt(topology, row, col)
      const sourceRow = Math.floor(source / width)
      const sourceCol = source % width
      plan.push(grid.wordOf(row, col), 1 << ((col + 1) & 31))
      // The first word is spare and always 0, so cells outside a plane are dead.
      if (source === -1) plan.push(0, 0)
      else plan.push(grid.wordOf(sourceRow, sourceCol), (sourceCol + 1) & 31)
    }
    for (let col = -1; col <= width; col++) {
      add(-1, col)
      add(height, col)
    }
    for (let row = 0; row < height; row++) {
      add(row, -1)
      add(row, width)
    }
    this.#plan = Int32Array.from(plan)
  }

  fill({ words }: BitGrid): void {
    const plan = this.#plan
    for (let i = 0; i < plan.length; i += 4) {
      const word = plan[i]!
      const bit = plan[i + 1]!
      const alive = -((words[plan[i + 2]!]! >>> plan[i + 3]!) & 1)
      words[word] = (words[word]! & ~bit) | (alive & bit)
    }
  }
}

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
  constructor(start: Grid.Grid, rule: Rule.Rule, topology: Topology) {
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

  stateAt(row: number, col: number): Rule.State {
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
