/**
 * Puts the states that cells publish together to whole frames.
 *
 * Cells in lockstep are at different steps, but neighbours never more than one apart: so no cell is further ahead of
 * another than the grid is wide and high, and as many frames are enough. Frames are completed in order.
 */
import * as Grid from "../Universe/Grid.ts"
import type { State } from "../Universe/Rule.ts"

/**
 * The outcome of adding a state: taken; heard before, or of a frame long complete; contradicting what was heard of this cell
 * and step; of no cell of this grid, or of a step no cell can have reached.
 */
export type Receipt = "taken" | "repeated" | "contradicting" | "impossible"

/** Called with each complete frame. The grid is reused afterwards: copy the parts that you keep. */
export type OnFrame = (step: number, grid: Grid.Grid) => void

/** No rule has so many states. */
const unheard = 255

export class Frames {
  readonly width: number
  readonly height: number
  readonly #onFrame: OnFrame
  /** The incomplete frames. The frame of step n is at n modulo their number. Made when first needed. */
  readonly #grids: Array<Grid.Grid | undefined>
  /** How many cells of each are missing. */
  readonly #missing: Int32Array
  #next: number

  /** `from` is the step of the first frame. */
  constructor(width: number, height: number, onFrame: OnFrame, from = 0) {
    this.width = width
    this.height = height
    this.#onFrame = onFrame
    this.#grids = new Array<Grid.Grid | undefined>(width + height).fill(undefined)
    this.#missing = new Int32Array(width + height).fill(width * height)
    this.#next = from
  }

  /** The step of the next frame to be complete. */
  get next(): number {
    return this.#next
  }

  receive(step: number, row: number, col: number, state: State): Receipt {
    if (!(row >= 0 && row < this.height && col >= 0 && col < this.width)) return "impossible"
    if (step < this.#next) return "repeated"
    if (step >= this.#next + this.#grids.length) return "impossible"
    const slot = step % this.#grids.length
    const { cells } = this.#grids[slot] ?? this.#make(slot)
    const index = row * this.width + col
    if (cells[index] !== unheard) return cells[index] === state ? "repeated" : "contradicting"
    cells[index] = state
    if (--this.#missing[slot]! === 0) this.#complete()
    return "taken"
  }

  #make(slot: number): Grid.Grid {
    const grid = Grid.make(this.width, this.height)
    grid.cells.fill(unheard)
    this.#grids[slot] = grid
    return grid
  }

  #complete(): void {
    for (;;) {
      const slot = this.#next % this.#grids.length
      const grid = this.#grids[slot]
      if (grid === undefined || this.#missing[slot] !== 0) return
      this.#onFrame(this.#next, grid)
      grid.cells.fill(unheard)
      this.#missing[slot] = grid.cells.length
      this.#next++
    }
  }
}
