/**
 * Fills the border of a bit grid with the cells that lie beyond its edges. After that, one step is the same for every topology.
 */
import type { BitGrid } from "./BitGrid.ts"
import { cellAt, type Topology } from "./Topology.ts"

export class Border {
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
