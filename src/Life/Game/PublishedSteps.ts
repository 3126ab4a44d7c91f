/** The newest step that each cell of a game has published. Publishing a step again changes nothing. */
import type * as Rule from "../Universe/Rule.ts"
import type { Cell } from "./Cell.ts"
import type { Observer } from "./Onset.ts"

const NONE = -1

export class PublishedSteps {
  readonly #width: number
  readonly #newest: Int32Array
  readonly #lastStep: number
  readonly #observe: Observer
  readonly #onFinished: () => void
  /** The number of cells that have not published the last step. */
  #unfinished: number

  /** `observe` gets each state once. `onFinished` is called when all cells have published `lastStep`. */
  constructor(width: number, height: number, lastStep: number, observe: Observer, onFinished: () => void) {
    this.#width = width
    this.#newest = new Int32Array(width * height).fill(NONE)
    this.#unfinished = width * height
    this.#lastStep = lastStep
    this.#observe = observe
    this.#onFinished = onFinished
  }

  /** A cell has published its state and, if it is known, the state before. */
  published({ col, previousState, row, state, step }: Cell): void {
    if (previousState !== undefined) this.#note(row, col, step - 1, previousState)
    this.#note(row, col, step, state)
  }

  /** Whether every cell has told a step. */
  get haveAllBegun(): boolean {
    return this.#newest.every((step) => step !== NONE)
  }

  /** Whether the cell has published any step. */
  hasBegun(cell: Cell): boolean {
    return this.#newestOf(cell) !== NONE
  }

  /** Whether the cell has computed a step that it has not published. */
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
