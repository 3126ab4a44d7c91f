/** The last states of every cell, as many as there is room for. */
export interface Pasts {
  /** Records the newest state of a cell. If it does not follow the one before it, all earlier ones are dropped. */
  readonly push: (index: number, follows: boolean, state: number) => void
  /** How many states of a cell are kept. */
  readonly kept: (index: number) => number
  /** The state that a cell had `ago` steps ago, which must be fewer than are kept. */
  readonly stateAt: (index: number, ago: number) => number
}

/**
 * A number has the kept states of a cell, the newest in its lowest bit. A one above the oldest state marks how many
 * there are: 30 at most.
 */
const empty = 1
const full = 0x8000_0000

/** For two states, with one bit for each: 4 bytes for a cell. */
class BitPasts implements Pasts {
  readonly #pasts: Uint32Array

  constructor(cells: number) {
    this.#pasts = new Uint32Array(cells).fill(empty)
  }

  push(index: number, follows: boolean, state: number): void {
    const past = follows ? this.#pasts[index]! : empty
    const next = (past << 1) | state
    // The oldest state is dropped.
    this.#pasts[index] = next < 0 ? (next & (full / 2 - 1)) | (full / 2) : next
  }

  kept(index: number): number {
    return 31 - Math.clz32(this.#pasts[index]!)
  }

  stateAt(index: number, ago: number): number {
    return (this.#pasts[index]! >>> ago) & 1
  }
}

const DEPTH = 32

/**
 * For more states, with one byte for each: a ring of 32 bytes for each cell, and 2 bytes for the position of its newest
 * state and the number of kept ones.
 */
class BytePasts implements Pasts {
  readonly #rings: Uint8Array
  readonly #newest: Uint8Array
  readonly #kept: Uint8Array

  constructor(cells: number) {
    this.#rings = new Uint8Array(cells * DEPTH)
    this.#newest = new Uint8Array(cells)
    this.#kept = new Uint8Array(cells)
  }

  push(index: number, follows: boolean, state: number): void {
    const newest = (this.#newest[index]! + 1) % DEPTH
    this.#newest[index] = newest
    this.#rings[index * DEPTH + newest] = state
    this.#kept[index] = follows ? Math.min(DEPTH, this.#kept[index]! + 1) : 1
  }

  kept(index: number): number {
    return this.#kept[index]!
  }

  stateAt(index: number, ago: number): number {
    return this.#rings[index * DEPTH + ((this.#newest[index]! - ago + DEPTH) % DEPTH)]!
  }
}

export const make = (cells: number, stateCount: number): Pasts =>
  stateCount === 2 ? new BitPasts(cells) : new BytePasts(cells)
