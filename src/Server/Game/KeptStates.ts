/**
 * The last two states of each cell, for workers that reconnect or replace others. In lockstep no cell is more than one
 * step away from its neighbours, so two states are enough to continue.
 */
import type { RecordedStates } from "../../Protocol/RecordingReader.ts"
import * as Float64s from "./Float64s.ts"

/**
 * No state is kept. Any other value is a whole number. From its lowest bit on it has the state, the previous state,
 * whether there is a previous one, and the step. A state takes one bit, or one byte if there are more than two states.
 * With the 30 bits of a step that makes at most 47 of a double's 53 bits.
 */
const NOTHING = -1

export class KeptStates {
  readonly #packed: Float64Array
  readonly #mask: number
  /** The factors of the previous state, of the mark that there is one, and of the step. */
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
    // The inverse of a power of two, which is exact.
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
    // A worker that reconnected sends its last states again, which are not newer.
    else if (before === NOTHING || step > stepBefore) packed[topic] = step * this.#step + state
  }

  /** Keeps the states of columns. */
  keepAll({ cells, states, steps }: RecordedStates): void {
    const packed = this.#packed
    const [before, hasBefore, mask, perStep, factor] = [
      this.#before,
      this.#hasBefore,
      this.#mask,
      this.#perStep,
      this.#step
    ]
    for (let at = 0; at < cells.length; at++) {
      const cell = cells[at]!
      const old = packed[cell]!
      const step = steps[at]!
      const ahead = step - Math.floor(old * perStep)
      if (old === NOTHING || ahead > 1) packed[cell] = step * factor + states[at]!
      else if (ahead === 1) packed[cell] = step * factor + hasBefore + (old & mask) * before + states[at]!
    }
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

  /** 8 bytes for each cell. */
  bytes(): Uint8Array {
    return Float64s.bytes(this.#packed)
  }

  static ofBytes(bytes: Uint8Array, stateCount: number): KeptStates {
    const kept = new KeptStates(bytes.length >> 3, stateCount)
    kept.#packed.set(Float64s.ofBytes(bytes))
    return kept
  }
}
