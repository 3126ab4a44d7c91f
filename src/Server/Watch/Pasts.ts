/** The last states of every cell, as many as there is room for. */
export interface Pasts {
  /** Notes the newest state of a cell. If it does not follow the one before it, all others are forgotten. */
  readonly push: (index: number, follows: boolean, state: number) => void
  /** How many are kept of a cell. */
  readonly kept: (index: number) => number
  /** The state that a cell had so many steps ago, fewer than are kept. */
  readonly stateAt: (index: number, ago: number) => number
}

/**
 * Under the states kept of a cell, of which the newest is the lowest bit, stands a one that tells how many they are: 30 at
 * most.
 */
const empty = 1
const full = 0x8000_0000

/** Two states, a bit each: 4 bytes a cell. */
class BitPasts implements Pasts {
  readonly #pasts: Uint32Array

  constructor(cells: number) {
    this.#pasts = new Uint32Array(cells).fill(empty)
  }

  push(index: number, follows: boolean, state: number): void {
    const past = follows ? this.#pasts[index]! : empty
    const next = (past << 1) | state
    // The oldest state makes room.
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

/** More states, a byte each: a ring of 32 for a cell, and 2 bytes that tell where its newest is and how many are kept. */
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
