/**
 * The first step to be seen of a game that is taken over. Its cells begin at different steps, those at which they were
 * found; the first step that all of them tell is the highest of these.
 */
import type * as Rule from "../Universe/Rule.ts"

export type Observer = (step: number, row: number, col: number, state: Rule.State) => void

export class Onset {
  readonly #begun = new Set<string>()
  readonly #cells: number
  readonly #heard: Array<Parameters<Observer>> = []
  #from = 0

  constructor(cells: number) {
    this.#cells = cells
  }

  /** Takes what a cell tells, the oldest first; gives the first step once all cells have begun. */
  receive(...told: Parameters<Observer>): number | undefined {
    const [step, row, col] = told
    this.#heard.push(told)
    const cell = `${row} ${col}`
    if (!this.#begun.has(cell)) this.#from = Math.max(this.#from, step)
    this.#begun.add(cell)
    return this.#begun.size === this.#cells ? this.#from : undefined
  }

  /** All that was taken, for `observer`, from the first step on. */
  replay(observer: Observer): void {
    for (const told of this.#heard) if (told[0] >= this.#from) observer(...told)
  }
}
