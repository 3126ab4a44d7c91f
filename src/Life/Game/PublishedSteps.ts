/**
 * The newest step that each cell of a game has published. Publishing a step again changes nothing.
 *
 * A state that was sent may be lost on its way with a connection or a server. A cell that goes on shows that those of its
 * neighbours have arrived. The last ones have arrived when each cell has heard its neighbours once more.
 */
import type * as Rule from "../Universe/Rule.ts"
import type { Cell } from "./Cell.ts"
import type { Block } from "./NodePlacement.ts"
import type { StateObserver } from "./Onset.ts"

const NONE = -1

export class PublishedSteps {
  readonly #block: Block
  readonly #newest: Int32Array
  readonly #lastStep: number
  readonly #observe: StateObserver
  readonly #onFinished: () => void
  /** For each cell, whether it has heard its neighbours at the last step. */
  readonly #complete: Uint8Array
  /** The cells that have not published the last step, and those that have not heard their neighbours there. */
  #unfinished: number

  /** `observe` gets each state once. `onFinished`: all cells have published `lastStep`, and heard their neighbours. */
  constructor(block: Block, lastStep: number, observe: StateObserver, onFinished: () => void) {
    const { height, width } = block
    this.#block = block
    this.#newest = new Int32Array(width * height).fill(NONE)
    this.#complete = new Uint8Array(width * height)
    this.#unfinished = 2 * width * height
    this.#lastStep = lastStep
    this.#observe = observe
    this.#onFinished = onFinished
  }

  /** A cell has published its state and, if it is known, the state before. */
  published({ col, previousState, row, state, step }: Cell): void {
    if (previousState !== undefined) this.#note(row, col, step - 1, previousState)
    this.#note(row, col, step, state)
  }

  /** A cell has heard its neighbours at the last step. */
  completed({ col, row }: Cell): void {
    const index = this.#indexOf(row, col)
    if (this.#complete[index] === 1) return
    this.#complete[index] = 1
    this.#finish()
  }

  get haveAllBegun(): boolean {
    return this.#newest.every((step) => step !== NONE)
  }

  hasBegun(cell: Cell): boolean {
    return this.#newestOf(cell) !== NONE
  }

  /** Whether the cell has computed a step that it has not published. */
  isAhead(cell: Cell): boolean {
    return this.hasBegun(cell) && cell.step > this.#newestOf(cell)
  }

  #newestOf({ col, row }: Cell): number {
    return this.#newest[this.#indexOf(row, col)]!
  }

  #indexOf(row: number, col: number): number {
    return (row - this.#block.row) * this.#block.width + col - this.#block.col
  }

  #note(row: number, col: number, step: number, state: Rule.State): void {
    const index = this.#indexOf(row, col)
    if (step <= this.#newest[index]!) return
    this.#newest[index] = step
    this.#observe(step, row, col, state)
    if (step === this.#lastStep) this.#finish()
  }

  #finish(): void {
    if (--this.#unfinished === 0) this.#onFinished()
  }
}
