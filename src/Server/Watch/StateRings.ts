/** The last states of every cell, as many as there is room for. */
export interface StateRings {
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
const EMPTY = 1
const FULL = 0x8000_0000

/** For two states, with one bit for each: 4 bytes for a cell. */
class BitStateRings implements StateRings {
  readonly #rings: Uint32Array

  constructor(cells: number) {
    this.#rings = new Uint32Array(cells).fill(EMPTY)
  }

  push(index: number, follows: boolean, state: number): void {
    const past = follows ? this.#rings[index]! : EMPTY
    const next = (past << 1) | state
    // The oldest state is dropped.
    this.#rings[index] = next < 0 ? (next & (FULL / 2 - 1)) | (FULL / 2) : next
  }

  kept(index: number): number {
    return 31 - Math.clz32(this.#rings[index]!)
  }

  stateAt(index: number, ago: number): number {
    return (this.#rings[index]! >>> ago) & 1
  }
}

/** The most states of a cell that are kept. */
export const DEPTH = 32

/** For more states: a ring of 32 bytes for each cell, and 2 bytes for its newest position and the number of kept ones. */
class ByteStateRings implements StateRings {
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

export const make = (cells: number, stateCount: number): StateRings =>
  stateCount === 2 ? new BitStateRings(cells) : new ByteStateRings(cells)
