/** The dying cells of a rule with more than two states. The bit grid holds the live cells. */
import type { BitGrid } from "./BitGrid.ts"
import type * as Grid from "./Grid.ts"
import * as Rule from "./Rule.ts"

export class Decay {
  readonly #rule: Rule.Rule
  /** The state of each dying cell, 0 for all others. */
  readonly #dying: Uint8Array

  constructor(start: Grid.Grid, rule: Rule.Rule) {
    this.#rule = rule
    this.#dying = start.cells.map((state) => (state > 1 ? state : 0))
  }

  /** The number of dying cells. */
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
