/**
 * Whole generations of a recording. In a game of two states in lockstep, a block often has all cells, and each goes on by one step. Such a block is
 * its states, a byte for each cell. So what is known of the cells is kept as one step and one array, and no cell is looked at by itself.
 */
import { type CellPage, PAGE, type Pages } from "./CellPages.ts"
import type { RecordedStates } from "./Recording.ts"

/** A larger grid takes more than a few milliseconds at a time, and is read in pieces. */
const MAX_CELLS = 1 << 22

export class RecordedGenerations {
  readonly #pages: Pages<CellPage>
  readonly #cells: number
  /** The numbers of all cells, and the step of each: made when a generation comes, and filled again for each. */
  #numbers = new Uint32Array(0)
  #steps = new Int32Array(0)
  #step: number | undefined
  /** The states of all cells, and the array for the next ones. The last word is filled up with zeros. */
  #states = new Uint8Array(0)
  #free = new Uint8Array(0)

  constructor(pages: Pages<CellPage>, cells: number, stateCount: number) {
    this.#pages = pages
    this.#cells = stateCount === 2 && cells <= MAX_CELLS ? cells : 0
  }

  /** The step of all cells; `undefined` while the pages have it. */
  get step(): number | undefined {
    return this.#step
  }

  stateOf(index: number): number | undefined {
    return this.#step === undefined ? undefined : this.#states[index]
  }

  /** Takes over from the pages if all cells are at one step there, and none was further. */
  begin(): void {
    const step = this.#cells === 0 ? undefined : this.#stepOfAll()
    if (step === undefined) return
    if (this.#numbers.length === 0) this.#allocate()
    for (let from = 0; from < this.#cells; from += PAGE)
      this.#states.set(this.#pages.of(from).states.subarray(0, this.#cells - from), from)
    this.#step = step
  }

  /** Gives back to the pages what they lack. */
  end(): void {
    const step = this.#step
    if (step === undefined) return
    this.#step = undefined
    for (let from = 0; from < this.#cells; from += PAGE) {
      const size = Math.min(PAGE, this.#cells - from)
      const page = this.#pages.of(from)
      page.states.set(this.#states.subarray(from, from + size))
      page.steps.fill(step, 0, size)
      page.newest.fill(step, 0, size)
    }
  }

  /** The next generation, if these entries are one: the states of all cells. Its arrays are used again. */
  next(entries: Uint8Array): RecordedStates | undefined {
    if (this.#step === undefined || entries.length !== this.#cells) return undefined
    const states = this.#free
    states.set(entries)
    const words = new Uint32Array(states.buffer)
    for (let at = 0; at < words.length; at++) if ((words[at]! & 0xfefe_fefe) !== 0) return undefined
    this.#free = this.#states
    this.#states = states
    this.#step++
    this.#steps.fill(this.#step)
    const all = { cells: this.#numbers, steps: this.#steps, states: states.subarray(0, this.#cells) }
    return { ...all, generation: this.#step }
  }

  /** Whether a keyframe with this base and these values has what is known. */
  repeats(base: number, values: Uint8Array): boolean {
    if (this.#step !== base || values.length !== this.#cells) return false
    for (let at = 0; at < values.length; at++) if (values[at] !== this.#states[at]! + 1) return false
    return true
  }

  #stepOfAll(): number | undefined {
    const step = this.#pages.find(0)?.steps[0]
    if (step === undefined || step < 0) return undefined
    for (let from = 0; from < this.#cells; from += PAGE) {
      const page = this.#pages.find(from)
      if (page === undefined) return undefined
      const size = Math.min(PAGE, this.#cells - from)
      for (let at = 0; at < size; at++) if (page.steps[at] !== step || page.newest[at] !== step) return undefined
    }
    return step
  }

  #allocate(): void {
    this.#numbers = new Uint32Array(this.#cells)
    for (let index = 0; index < this.#cells; index++) this.#numbers[index] = index
    this.#steps = new Int32Array(this.#cells)
    const padded = 4 * Math.ceil(this.#cells / 4)
    this.#states = new Uint8Array(padded)
    this.#free = new Uint8Array(padded)
  }
}
