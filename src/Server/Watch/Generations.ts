/**
 * Whole generations. Cells reach a step at different times, so the newest states of all cells are nearly never one
 * generation. The last states of every cell are kept, so the newest step that all cells have reached can be restored.
 * If a cell is further ahead of the slowest cell than its kept states reach, there is no whole generation.
 */
import { MAX_AGE, NO_STEP } from "../../Protocol/WatchProtocol.ts"
import * as StateRings from "./StateRings.ts"

export interface Generation {
  readonly step: number
  readonly states: Uint8Array
  /** Steps since each cell got its state. For a cell that is ahead, at most as many as are kept of it. */
  readonly ages: Uint8Array
}

export class Generations {
  #rings = StateRings.make(0, 2)
  #cells = 0
  /** The newest generations, which the rings lack: they are written there when a cell goes on alone. */
  #bitmaps: Array<Uint32Array> = []
  /** The cells that have not gone beyond `#step`. */
  #behind = 0
  #step = NO_STEP

  /** Starts a new game. Takes 4 bytes of memory for each cell, or 34 with more than two states, and 4 more while whole generations come. */
  reset(cells: number, stateCount: number): void {
    this.#rings = StateRings.make(cells, stateCount)
    this.#cells = cells
    this.#bitmaps = []
    this.#behind = cells
    this.#step = NO_STEP
  }

  /** Records that a cell went from the step `before` (or {@link NO_STEP}) to the later `step`. */
  record(index: number, before: number, step: number, state: number): void {
    if (this.#bitmaps.length > 0) this.#writeRings()
    this.#rings.push(index, before + 1 === step, state)
    if (before <= this.#step) this.#behind--
  }

  /** Records that all `cells` went from the step `before` to the next one, in which they have the states of this bitmap. */
  recordAll(before: number, cells: number, bitmap: Uint32Array): void {
    this.#bitmaps.push(bitmap)
    if (this.#bitmaps.length > StateRings.DEPTH) this.#bitmaps.shift()
    this.#step = before + 1
    this.#behind = cells
  }

  #writeRings(): void {
    for (const bitmap of this.#bitmaps)
      for (let index = 0; index < this.#cells; index++)
        this.#rings.push(index, true, (bitmap[index >> 5]! >>> (index & 31)) & 1)
    this.#bitmaps = []
  }

  /** The newest step that all cells have reached; {@link NO_STEP} before. `steps` are the newest steps of all cells. */
  newest(steps: Int32Array): number {
    if (this.#behind > 0 || steps.length === 0) return this.#step
    // This loop runs once for each generation, however many messages that takes.
    let least = Number.POSITIVE_INFINITY
    let count = 0
    for (let index = 0; index < steps.length; index++) {
      const step = steps[index]!
      if (step > least) continue
      if (step < least) {
        least = step
        count = 0
      }
      count++
    }
    this.#step = least
    this.#behind = count
    return least
  }

  /**
   * The generation of the `newest` step. `undefined` if there is none yet, or if some cell is so far ahead that its
   * state at that step is not kept.
   */
  generation(steps: Int32Array, since: Int32Array): Generation | undefined {
    const step = this.newest(steps)
    if (step === NO_STEP) return undefined
    // All cells are at this step while the rings lack it.
    const bitmap = this.#bitmaps.at(-1)
    const states = new Uint8Array(steps.length)
    const ages = new Uint8Array(steps.length)
    for (let index = 0; index < steps.length; index++) {
      const lead = steps[index]! - step
      if (bitmap === undefined && lead >= this.#rings.kept(index)) return undefined
      states[index] =
        bitmap === undefined ? this.#rings.stateAt(index, lead) : (bitmap[index >> 5]! >>> (index & 31)) & 1
      ages[index] = since[index]! <= step ? Math.min(MAX_AGE, step - since[index]!) : this.#ageAt(index, lead)
    }
    return { step, states, ages }
  }

  /** For how many steps a cell had been in the state that it had `lead` steps ago. */
  #ageAt(index: number, lead: number): number {
    const kept = this.#rings.kept(index)
    const state = this.#rings.stateAt(index, lead)
    let age = 0
    while (lead + age + 1 < kept && this.#rings.stateAt(index, lead + age + 1) === state) age++
    return age
  }
}
