/** Assembles whole generations from the states of a recording, in which the steps of each cell only increase. Pure. */
import * as Generation from "./Generation.ts"

/** The most bytes for incomplete generations. */
const MEMORY_LIMIT = 32 * 2 ** 20

interface Part {
  readonly packed: Uint8Array
  missing: number
}

export class GenerationAssembly {
  readonly #cells: number
  readonly #bits: number
  readonly #onGeneration: (step: number, packed: Uint8Array) => void
  readonly #limit: number
  readonly #parts = new Map<number, Part>()
  /** The newest step that was complete or given up. Earlier steps never become complete. */
  #done = -1

  /** `onGeneration` is called with each whole generation, packed with `bits` bits per cell. */
  constructor(cells: number, bits: number, onGeneration: (step: number, packed: Uint8Array) => void) {
    this.#cells = cells
    this.#bits = bits
    this.#onGeneration = onGeneration
    this.#limit = Math.max(2, Math.floor((MEMORY_LIMIT * 8) / (cells * bits)))
  }

  state(index: number, step: number, state: number): void {
    if (step <= this.#done) return
    const part = this.#parts.get(step) ?? this.#begin(step)
    Generation.putState(part.packed, this.#bits, index, state)
    if (--part.missing > 0) return
    this.#giveUp(step)
    this.#onGeneration(step, part.packed)
  }

  #begin(step: number): Part {
    if (this.#parts.size >= this.#limit) this.#giveUp(Math.min(...this.#parts.keys()))
    const part = { packed: Generation.emptyPacked(this.#cells, this.#bits), missing: this.#cells }
    this.#parts.set(step, part)
    return part
  }

  /** Gives up steps before this one: the cell will not send them any more. */
  #giveUp(step: number): void {
    this.#done = Math.max(this.#done, step)
    for (const before of this.#parts.keys()) if (before <= step) this.#parts.delete(before)
  }
}
