/** Puts the states of cells together to whole generations, as a recording tells them: each cell's steps only grow. Pure. */

/** Bytes of generations that are not whole yet, at most. */
const memoryLimit = 32 * 2 ** 20

interface Part {
  readonly bits: Uint8Array
  missing: number
}

export class GenerationAssembly {
  readonly #cells: number
  readonly #tell: (step: number, bits: Uint8Array) => void
  readonly #limit: number
  readonly #parts = new Map<number, Part>()
  /** The newest step that was told, or given up: those before it never become whole. */
  #done = -1

  /** `tell` is called with each whole generation, a bit a cell. */
  constructor(cells: number, tell: (step: number, bits: Uint8Array) => void) {
    this.#cells = cells
    this.#tell = tell
    this.#limit = Math.max(2, Math.floor((memoryLimit * 8) / cells))
  }

  state(index: number, step: number, state: 0 | 1): void {
    if (step <= this.#done) return
    const part = this.#parts.get(step) ?? this.#begin(step)
    part.bits[index >> 3]! |= state << (index & 7)
    if (--part.missing > 0) return
    this.#giveUp(step)
    this.#tell(step, part.bits)
  }

  #begin(step: number): Part {
    if (this.#parts.size >= this.#limit) this.#giveUp(Math.min(...this.#parts.keys()))
    const part = { bits: new Uint8Array(Math.ceil(this.#cells / 8)), missing: this.#cells }
    this.#parts.set(step, part)
    return part
  }

  /** Whoever has told this step tells none before it. */
  #giveUp(step: number): void {
    this.#done = Math.max(this.#done, step)
    for (const before of this.#parts.keys()) if (before <= step) this.#parts.delete(before)
  }
}
