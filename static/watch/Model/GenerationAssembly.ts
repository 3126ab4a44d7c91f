/** Puts the states of cells together to whole generations, as a recording tells them: each cell's steps only grow. Pure. */

import * as PackedStates from "./PackedStates.ts"

/** Bytes of generations that are not whole yet, at most. */
const memoryLimit = 32 * 2 ** 20

interface Part {
  readonly packed: Uint8Array
  missing: number
}

export class GenerationAssembly {
  readonly #cells: number
  readonly #bits: number
  readonly #tell: (step: number, packed: Uint8Array) => void
  readonly #limit: number
  readonly #parts = new Map<number, Part>()
  /** The newest step that was told, or given up: those before it never become whole. */
  #done = -1

  /** `tell` is called with each whole generation, packed in so many bits a cell. */
  constructor(cells: number, bits: number, tell: (step: number, packed: Uint8Array) => void) {
    this.#cells = cells
    this.#bits = bits
    this.#tell = tell
    this.#limit = Math.max(2, Math.floor((memoryLimit * 8) / (cells * bits)))
  }

  state(index: number, step: number, state: number): void {
    if (step <= this.#done) return
    const part = this.#parts.get(step) ?? this.#begin(step)
    PackedStates.put(part.packed, this.#bits, index, state)
    if (--part.missing > 0) return
    this.#giveUp(step)
    this.#tell(step, part.packed)
  }

  #begin(step: number): Part {
    if (this.#parts.size >= this.#limit) this.#giveUp(Math.min(...this.#parts.keys()))
    const part = { packed: PackedStates.make(this.#cells, this.#bits), missing: this.#cells }
    this.#parts.set(step, part)
    return part
  }

  /** A cell that has told this step tells no earlier one. */
  #giveUp(step: number): void {
    this.#done = Math.max(this.#done, step)
    for (const before of this.#parts.keys()) if (before <= step) this.#parts.delete(before)
  }
}
