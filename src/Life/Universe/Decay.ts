/** The dying cells of a rule with more than two states. They lie over the bits of those that live. */
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

  /** How many cells are dying. */
  get count(): number {
    return this.#dying.reduce((sum, state) => (state === 0 ? sum : sum + 1), 0)
  }

  stateAt(index: number): Rule.State {
    return this.#dying[index]!
  }

  /** Goes a step on: who lived in `now` and does not in `then` begins to die, and who was dying is not born in `then`. */
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

  /** Writes the dying cells over a grid that has those alive. */
  write(grid: Grid.Grid): void {
    this.#dying.forEach((state, index) => {
      if (state > 0) grid.cells[index] = state
    })
  }
}
