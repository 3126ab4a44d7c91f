/** Detects whether a game is still or periodic, from the whole generations that the page has seen. Pure. */
import type { Frame } from "./Model.ts"

export type Rhythm =
  | { readonly _tag: "Still" }
  /** At first this may be a multiple of the period. With more generations it becomes the period itself. */
  | { readonly _tag: "Periodic"; readonly period: number }

/** How many generations are remembered, and how many must repeat in a row before the rhythm is shown. */
const MEMORY = 8_192
const PROOF = 3

/** Larger grids are not checked, because this would take too long for each frame. */
const CELL_LIMIT = 65_536

/** Two hashes combined into one number below 2^53. */
const hashOf = (states: Uint8Array): number => {
  let a = 0x811c9dc5
  let b = 0x9e3779b9
  for (let index = 0; index < states.length; index++) {
    a = Math.imul(a ^ states[index]!, 0x01000193)
    b = Math.imul(b + states[index]! + (b >>> 15), 0x85ebca6b)
  }
  return (a >>> 0) * 2 ** 21 + ((b >>> 0) & 0x1fffff)
}

export const commonDivisor = (a: number, b: number): number => (b === 0 ? a : commonDivisor(b, a % b))

export class Rhythms {
  /** The step at which each generation was seen first, by its hash. */
  #seen = new Map<number, number>()
  #period = 0
  #proofs = 0
  #step = -1
  #since = 0

  clear(): void {
    this.#since = 0
    this.#seen.clear()
    this.#period = 0
    this.#proofs = 0
    this.#step = -1
  }

  /** Takes the generation of a step. Steps must increase. */
  note(generation: Frame, step: number): void {
    if (step <= this.#step || generation.states.length > CELL_LIMIT) return
    this.#step = step
    const hash = hashOf(generation.states)
    const before = this.#seen.get(hash)
    if (before === undefined) {
      this.#period = 0
      this.#proofs = 0
      if (this.#seen.size >= MEMORY) this.#seen.clear()
      this.#seen.set(hash, step)
      return
    }
    if (this.#proofs === 0) this.#since = before
    this.#period = commonDivisor(step - before, this.#period)
    this.#proofs++
  }

  /** The step from which on the game has its rhythm, as far as the page has seen. */
  get since(): number {
    return this.#since
  }

  get rhythm(): Rhythm | undefined {
    if (this.#proofs < PROOF) return undefined
    return this.#period === 1 ? { _tag: "Still" } : { _tag: "Periodic", period: this.#period }
  }
}
