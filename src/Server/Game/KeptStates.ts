/**
 * The last two messages of each cell, packed in a number, for workers that come back or replace others: in lockstep no cell is more than a
 * step away from its neighbours, so two are enough to carry on.
 */
import * as Float64s from "./Float64s.ts"

/**
 * Nothing kept. Otherwise a double that is a whole number. From its lowest bit on: the state, the state before, whether there is one
 * before, and the step. A state has a bit, or a byte where there are more than two: with the 30 bits of a step that makes 47 of the 53.
 */
const NOTHING = -1

export class KeptStates {
  readonly #packed: Float64Array
  readonly #mask: number
  /** The units of a state before, of the mark that there is one, and of a step. */
  readonly #before: number
  readonly #hasBefore: number
  readonly #step: number
  readonly #perStep: number

  constructor(cells: number, stateCount: number) {
    this.#packed = new Float64Array(cells).fill(NOTHING)
    const values = stateCount === 2 ? 2 : 256
    this.#mask = values - 1
    this.#before = values
    this.#hasBefore = values * values
    this.#step = 2 * values * values
    // A power of two, so nothing is lost.
    this.#perStep = 1 / this.#step
  }

  get cells(): number {
    return this.#packed.length
  }

  keep(topic: number, step: number, state: number): void {
    const packed = this.#packed
    const before = packed[topic]!
    const stepBefore = Math.floor(before * this.#perStep)
    if (before !== NOTHING && step === stepBefore + 1)
      packed[topic] = step * this.#step + this.#hasBefore + (before & this.#mask) * this.#before + state
    // A worker that came back sends its last states again: these are not newer.
    else if (before === NOTHING || step > stepBefore) packed[topic] = step * this.#step + state
  }

  /** Calls back for each kept state of a cell, the older one first. */
  each(topic: number, use: (step: number, state: number) => void): void {
    const packed = this.#packed[topic]!
    if (packed === NOTHING) return
    const step = Math.floor(packed * this.#perStep)
    const rest = packed - step * this.#step
    if (rest >= this.#hasBefore) use(step - 1, Math.floor(rest / this.#before) & this.#mask)
    use(step, rest & this.#mask)
  }

  /** 8 bytes a cell. */
  bytes(): Uint8Array {
    return Float64s.bytes(this.#packed)
  }

  static ofBytes(bytes: Uint8Array, stateCount: number): KeptStates {
    const kept = new KeptStates(bytes.length >> 3, stateCount)
    kept.#packed.set(Float64s.ofBytes(bytes))
    return kept
  }
}
