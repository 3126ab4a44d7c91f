/**
 * Assembles whole frames from the states that cells publish.
 *
 * Cells in lockstep can be at different steps, but the steps of two neighbours differ by at most one. So the steps of any two
 * cells differ by less than width + height, and this number of frames is enough. Frames are completed in order.
 */
import * as Grid from "../Universe/Grid.ts"
import type { State } from "../Universe/Rule.ts"

/**
 * What happened with a state. `taken`: it is new. `repeated`: it was received before, or its frame is complete.
 * `contradicting`: another state was received for this cell and step. `impossible`: the grid has no such cell, or no cell can
 * have reached this step.
 */
export type Receipt = "taken" | "repeated" | "contradicting" | "impossible"

/** Called with each complete frame. The grid is reused afterwards, so copy what you keep. */
export type OnFrame = (step: number, grid: Grid.Grid) => void

/** Marks a cell whose state has not come. No rule has this state. */
const UNHEARD = 255

export class Frames {
  readonly width: number
  readonly height: number
  readonly #onFrame: OnFrame
  /** The incomplete frames. The frame of step n is at index n modulo their number. A grid is made when it is first needed. */
  readonly #grids: Array<Grid.Grid | undefined>
  /** How many cells of each frame are missing. */
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

  /** The step of the next frame to complete. */
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
    if (cells[index] !== UNHEARD) return cells[index] === state ? "repeated" : "contradicting"
    cells[index] = state
    if (--this.#missing[slot]! === 0) this.#complete()
    return "taken"
  }

  #make(slot: number): Grid.Grid {
    const grid = Grid.make(this.width, this.height)
    grid.cells.fill(UNHEARD)
    this.#grids[slot] = grid
    return grid
  }

  #complete(): void {
    for (;;) {
      const slot = this.#next % this.#grids.length
      const grid = this.#grids[slot]
      if (grid === undefined || this.#missing[slot] !== 0) return
      this.#onFrame(this.#next, grid)
      grid.cells.fill(UNHEARD)
      this.#missing[slot] = grid.cells.length
      this.#next++
    }
  }
}
