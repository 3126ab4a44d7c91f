/**
 * The last two messages of each cell, packed in a number, for workers that come back or replace others: in lockstep no cell is more than a
 * step away from its neighbours, so two are enough to carry on.
 */
import * as Float64s from "./Float64s.ts"

/** Nothing kept. Otherwise `step * 8 + has-previous * 4 + previous * 2 + state`, a double that is a whole number. */
const NOTHING = -1

export class KeptStates {
  readonly #packed: Float64Array

  constructor(cells: number) {
    this.#packed = new Float64Array(cells).fill(NOTHING)
  }

  get cells(): number {
    return this.#packed.length
  }

  keep(topic: number, step: number, state: 0 | 1): void {
    const packed = this.#packed
    const before = packed[topic]!
    const stepBefore = Math.floor(before / 8)
    if (before !== NOTHING && step === stepBefore + 1) packed[topic] = step * 8 + 4 + (before & 1) * 2 + state
    // A worker that came back sends its last states again: these are not newer.
    else if (before === NOTHING || step > stepBefore) packed[topic] = step * 8 + state
  }

  /** Calls back for each kept state of a cell, the older one first. */
  each(topic: number, use: (step: number, state: 0 | 1) => void): void {
    const packed = this.#packed[topic]!
    if (packed === NOTHING) return
    const step = Math.floor(packed / 8)
    if (packed % 8 >= 4) use(step - 1, packed % 4 >= 2 ? 1 : 0)
    use(step, packed % 2 === 1 ? 1 : 0)
  }

  /** 8 bytes a cell. */
  bytes(): Uint8Array {
    return Float64s.bytes(this.#packed)
  }

  static ofBytes(bytes: Uint8Array): KeptStates {
    const kept = new KeptStates(bytes.length >> 3)
    kept.#packed.set(Float64s.ofBytes(bytes))
    return kept
  }
}
