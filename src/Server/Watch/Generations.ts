/**
 * Whole generations. Cells reach a step at different times, so the newest states of all cells are nearly never one
 * generation. The last states of every cell are kept, a bit each: with them the newest step that all cells have reached
 * can be told as it was.
 */
import { maxAge, noStep } from "../../Protocol/WatchProtocol.ts"

/**
 * Under the states kept of a cell, of which the newest is the lowest bit, stands a one that tells how many they are: 30 at
 * most. A cell further than that ahead of the slowest hides the generation.
 */
const empty = 1
const full = 0x8000_0000

export interface Generation {
  readonly step: number
  readonly states: Uint8Array
  /** Steps since each cell took its state; of a cell that is ahead, no more than is kept of it. */
  readonly ages: Uint8Array
}

export class Generations {
  #pasts = new Uint32Array(0)
  /** Cells that have not gone beyond the newest step that all had reached when they were counted. */
  #behind = 0
  #step = noStep

  /** The cost in memory is 4 bytes a cell. */
  reset(cells: number): void {
    this.#pasts = new Uint32Array(cells).fill(empty)
    this.#behind = cells
    this.#step = noStep
  }

  /** Notes that a cell went from `before` (or {@link noStep}) to the later `step`. */
  record(index: number, before: number, step: number, state: number): void {
    const past = before + 1 === step ? this.#pasts[index]! : empty
    const next = (past << 1) | state
    // The oldest state makes room.
    this.#pasts[index] = next < 0 ? (next & (full / 2 - 1)) | (full / 2) : next
    if (before <= this.#step) this.#behind--
  }

  /** The newest step that all cells have reached, {@link noStep} before; `steps` are the newest of all cells. */
  newest(steps: Int32Array): number {
    if (this.#behind > 0 || steps.length === 0) return this.#step
    // Once a generation, however many messages it takes.
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
   * The generation of the `newest` step. Undefined while there is none, or when some cell is so far ahead that its state
   * at that step is forgotten.
   */
  generation(steps: Int32Array, since: Int32Array): Generation | undefined {
    const step = this.newest(steps)
    if (step === noStep) return undefined
    const states = new Uint8Array(steps.length)
    const ages = new Uint8Array(steps.length)
    for (let index = 0; index < steps.length; index++) {
      const past = this.#pasts[index]!
      const lead = steps[index]! - step
      const kept = 31 - Math.clz32(past)
      if (lead >= kept) return undefined
      const state = (past >>> lead) & 1
      states[index] = state
      ages[index] = since[index]! <= step ? Math.min(maxAge, step - since[index]!) : ageAt(past, lead, kept, state)
    }
    return { step, states, ages }
  }
}

/** For how many steps before the one at bit `lead` a cell had been in `state`. */
const ageAt = (past: number, lead: number, kept: number, state: number): number => {
  let age = 0
  while (lead + age + 1 < kept && ((past >>> (lead + age + 1)) & 1) === state) age++
  return age
}
