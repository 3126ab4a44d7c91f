/**
 * The last two states of each cell, for workers that reconnect or replace others. In lockstep no cell is more than one
 * step away from its neighbours, so two states are enough to continue.
 */
import type { RecordedStates } from "../../Protocol/Recording.ts"
import * as Float64s from "./Float64s.ts"

/**
 * No state is kept. Any other value is a whole number. From its lowest bit on it has the state, the previous state,
 * whether there is a previous one, and the step. A state takes one bit, or one byte if there are more than two states.
 * With the 30 bits of a step that makes at most 47 of a double's 53 bits.
 */
const NOTHING = -1

/** The newest whole generations, which are packed when somebody asks for a cell. */
interface Generations {
  readonly step: number
  /** The states of that step and of the one before it. */
  readonly newest: Uint8Array
  readonly before: Uint8Array
  /** How many generations have come since the cells were packed. */
  readonly unpacked: number
}

export class KeptStates {
  readonly #packed: Float64Array
  readonly #mask: number
  /** The factors of the previous state, of the mark that there is one, and of the step. */
  readonly #before: number
  readonly #hasBefore: number
  readonly #step: number
  readonly #perStep: number
  /** `undefined` unless all cells are at one step. */
  #generations: Generations | undefined

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
    if (this.#generations !== undefined) this.#pack()
    const packed = this.#packed
    const before = packed[topic]!
    const stepBefore = Math.floor(before * this.#perStep)
    if (before !== NOTHING && step === stepBefore + 1)
      packed[topic] = step * this.#step + this.#hasBefore + (before & this.#mask) * this.#before + state
    // A worker that reconnected sends its last states again, which are not newer.
    else if (before === NOTHING || step > stepBefore) packed[topic] = step * this.#step + state
  }

  keepAll(columns: RecordedStates): void {
    const { cells, generation, states, steps } = columns
    if (generation !== undefined && cells.length === this.cells) return this.#keepGeneration(generation, columns)
    for (let at = 0; at < cells.length; at++) this.keep(cells[at]!, steps[at]!, states[at]!)
  }

  #keepGeneration(step: number, { cells, states, steps }: RecordedStates): void {
    if (this.#generations?.step !== step - 1) {
      const newest = new Uint8Array(cells.length)
      let isWhole = true
      for (let at = 0; at < cells.length; at++) {
        this.keep(cells[at]!, steps[at]!, states[at]!)
        // A state that is not newer than the kept one was not kept.
        const packed = this.#packed[at]!
        newest[at] = packed & this.#mask
        isWhole &&= Math.floor(packed * this.#perStep) === step
      }
      if (isWhole) this.#generations = { step, newest, before: newest.slice(), unpacked: 0 }
      return
    }
    const generations = this.#generations
    const { before, newest } = generations
    before.set(states)
    this.#generations = { step, newest: before, before: newest, unpacked: generations.unpacked + 1 }
  }

  /** Packs the generations that came since the cells were packed, and ends their way. */
  #pack(): void {
    const generations = this.#generations
    this.#generations = undefined
    if (generations === undefined || generations.unpacked === 0) return
    const { before, newest, step } = generations
    const packed = this.#packed
    const base = step * this.#step + this.#hasBefore
    for (let at = 0; at < packed.length; at++) packed[at] = base + before[at]! * this.#before + newest[at]!
  }

  /** Calls back for each kept state of a cell, the older one first. */
  each(topic: number, use: (step: number, state: number) => void): void {
    this.#pack()
    const packed = this.#packed[topic]!
    if (packed === NOTHING) return
    const step = Math.floor(packed * this.#perStep)
    const rest = packed - step * this.#step
    if (rest >= this.#hasBefore) use(step - 1, Math.floor(rest / this.#before) & this.#mask)
    use(step, rest & this.#mask)
  }

  /** 8 bytes for each cell. */
  bytes(): Uint8Array {
    this.#pack()
    return Float64s.bytes(this.#packed)
  }

  static ofBytes(bytes: Uint8Array, stateCount: number): KeptStates {
    const kept = new KeptStates(bytes.length >> 3, stateCount)
    kept.#packed.set(Float64s.ofBytes(bytes))
    return kept
  }
}
