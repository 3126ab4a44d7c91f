/**
 * The beginning of a game that is taken over. The relay kept the cells at different steps, so they start at different steps.
 * The highest of these is the first step that all cells publish. States are buffered until it is known, and then passed on.
 */
import type * as Rule from "../Universe/Rule.ts"

/** Gets the state of a cell at a step. */
export type Observer = (step: number, row: number, col: number, state: Rule.State) => void

export class Onset {
  readonly #width: number
  readonly #begin: (from: number) => Observer
  /** 1 for each cell that has published a step. */
  readonly #begun: Uint8Array
  #missing: number
  #from = 0
  readonly #kept: Array<Parameters<Observer>> = []
  #observer: Observer | undefined

  /** `begin` makes the observer once the first step is known. */
  constructor(width: number, height: number, begin: (from: number) => Observer) {
    this.#width = width
    this.#begin = begin
    this.#begun = new Uint8Array(width * height)
    this.#missing = width * height
  }

  /** Takes a state that a cell published. A cell's oldest step must come first. */
  receive(step: number, row: number, col: number, state: Rule.State): void {
    if (this.#observer !== undefined) return this.#observer(step, row, col, state)
    this.#kept.push([step, row, col, state])
    const index = row * this.#width + col
    if (this.#begun[index] === 1) return
    this.#begun[index] = 1
    this.#from = Math.max(this.#from, step)
    if (--this.#missing === 0) this.#start()
  }

  #start(): void {
    this.#observer = this.#begin(this.#from)
    for (const step of this.#kept.splice(0)) if (step[0] >= this.#from) this.#observer(...step)
  }
}
