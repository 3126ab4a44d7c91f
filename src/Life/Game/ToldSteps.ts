/** The newest step that each cell of a game has published. A step that is published again changes nothing. */
import type * as Rule from "../Universe/Rule.ts"
import type { Cell } from "./Cell.ts"
import type { Observer } from "./Onset.ts"

const NONE = -1

export class ToldSteps {
  readonly #width: number
  readonly #newest: Int32Array
  readonly #lastStep: number
  readonly #observe: Observer
  readonly #onFinished: () => void
  /** Cells that have not told the last step. */
  #unfinished: number

  /** `observe` hears each state once, `onFinished` that all cells have told `lastStep`. */
  constructor(width: number, height: number, lastStep: number, observe: Observer, onFinished: () => void) {
    this.#width = width
    this.#newest = new Int32Array(width * height).fill(NONE)
    this.#unfinished = width * height
    this.#lastStep = lastStep
    this.#observe = observe
    this.#onFinished = onFinished
  }

  /** A cell has told its state and, if that is known, the one before. */
  told({ col, previousState, row, state, step }: Cell): void {
    if (previousState !== undefined) this.#note(row, col, step - 1, previousState)
    this.#note(row, col, step, state)
  }

  /** Whether the cell has told any step. */
  hasBegun(cell: Cell): boolean {
    return this.#newestOf(cell) !== NONE
  }

  /** Whether the cell is at a step beyond those that it has told. */
  isAhead(cell: Cell): boolean {
    return this.hasBegun(cell) && cell.step > this.#newestOf(cell)
  }

  #newestOf({ col, row }: Cell): number {
    return this.#newest[row * this.#width + col]!
  }

  #note(row: number, col: number, step: number, state: Rule.State): void {
    const index = row * this.#width + col
    if (step <= this.#newest[index]!) return
    this.#newest[index] = step
    this.#observe(step, row, col, state)
    if (step === this.#lastStep && --this.#unfinished === 0) this.#onFinished()
  }
}
