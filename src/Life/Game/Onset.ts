/**
 * The beginning of a game that is taken over. The relay kept the cells at different steps, so they start at different steps.
 * The highest of these is the first step that all cells publish. States are buffered until it is known, and then passed on.
 */
import { CellSet } from "../../Protocol/CellPages.ts"
import type * as Rule from "../Universe/Rule.ts"

/** Gets the state of a cell at a step. */
export type StateObserver = (step: number, row: number, col: number, state: Rule.State) => void

export class FirstStep {
  /** The highest first step of the cells that have published. */
  step = 0
  /** The cells that have published a step. */
  readonly #begun = new CellSet()
  #missing: number

  constructor(cells: number) {
    this.#missing = cells
  }

  /** Takes a step that a cell published. A cell's oldest step must come first. Returns whether all cells have published one. */
  take(cell: number, step: number): boolean {
    if (this.#begun.add(cell)) {
      this.#missing--
      this.step = Math.max(this.step, step)
    }
    return this.#missing === 0
  }
}

export class Onset {
  readonly #width: number
  readonly #begin: (from: number) => StateObserver
  readonly #first: FirstStep
  readonly #kept: Array<Parameters<StateObserver>> = []
  #observer: StateObserver | undefined

  /** `begin` makes the observer once the first step is known. */
  constructor(width: number, height: number, begin: (from: number) => StateObserver) {
    this.#width = width
    this.#begin = begin
    this.#first = new FirstStep(width * height)
  }

  /** Takes a state that a cell published. A cell's oldest step must come first. */
  receive(step: number, row: number, col: number, state: Rule.State): void {
    if (this.#observer !== undefined) return this.#observer(step, row, col, state)
    this.#kept.push([step, row, col, state])
    if (this.#first.take(row * this.#width + col, step)) this.#start()
  }

  #start(): void {
    const from = this.#first.step
    this.#observer = this.#begin(from)
    for (const step of this.#kept.splice(0)) if (step[0] >= from) this.#observer(...step)
  }
}
