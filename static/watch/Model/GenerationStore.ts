/** Whole generations of one game, packed, in the order of their steps: the newest that a bound of memory allows. Pure. */
import { maxAge } from "../../../src/Protocol/WatchProtocol.ts"
import { heatAfter } from "./Heat.ts"
import type { Frame } from "./Model.ts"
import { emptyFrame } from "./Model.ts"
import * as PackedStates from "./PackedStates.ts"

const memoryLimit = 32 * 2 ** 20

/** The bytes of an array element and an object, beside the states. */
const overhead = 120

/** Cells that are looked at to tell the ages of one generation: some ten milliseconds' worth. */
const effort = 8_000_000

export class GenerationStore {
  readonly width: number
  readonly height: number
  readonly stateCount: number
  /** Bits of a cell in what is kept. */
  readonly bits: number
  readonly #limit: number
  /** Steps in rising order, and the generation of each. */
  readonly #steps: Array<number> = []
  readonly #packed: Array<Uint8Array> = []

  /** `memory` is in bytes; 32 MiB unless it is told. */
  constructor(width: number, height: number, stateCount: number, memory = memoryLimit) {
    this.width = width
    this.height = height
    this.stateCount = stateCount
    this.bits = PackedStates.bitsFor(stateCount)
    this.#limit = Math.max(2, Math.floor(memory / (Math.ceil((width * height * this.bits) / 8) + overhead)))
  }

  /** Generations kept. */
  get size(): number {
    return this.#steps.length
  }

  get first(): number | undefined {
    return this.#steps[0]
  }

  get last(): number | undefined {
    return this.#steps.at(-1)
  }

  /** Keeps the generation of a step; the oldest go when there are too many. */
  put(step: number, packed: Uint8Array): void {
    const at = this.#placeOf(step)
    if (this.#steps[at] === step || (at === 0 && this.size >= this.#limit)) return
    this.#steps.splice(at, 0, step)
    this.#packed.splice(at, 0, packed)
    if (this.size <= this.#limit) return
    this.#steps.shift()
    this.#packed.shift()
  }

  /** The step of the newest generation kept that is not after `step`, or of the oldest; undefined when there is none. */
  nearest(step: number): number | undefined {
    const at = this.#placeOf(step)
    return this.#steps[at] === step ? step : this.#steps[Math.max(0, at - 1)]
  }

  /** The step so many generations kept after the one of `step`, or before it; undefined when there is none. */
  beside(step: number, generations: number): number | undefined {
    return this.#steps[this.#placeOf(step) + generations]
  }

  /** The generation of a step that is kept, with ages and heats as far as the steps right before it tell them. */
  frame(step: number): Frame {
    const at = this.#placeOf(step)
    const frame = emptyFrame(this.width, this.height, this.stateCount)
    const from = this.#beginOfRow(at)
    for (let next = from; next <= at; next++) this.#advance(frame, this.#packed[next]!, next > from)
    frame.steps.fill(step)
    // From the beginning of the game the ages are known; else a cell that never changed is at least so old.
    return this.#steps[from] === 0 ? frame : { ...frame, agesUpTo: at - from }
  }

  /** The first of the generations, without a gap, from which that at `at` is told. */
  #beginOfRow(at: number): number {
    const most = Math.min(maxAge, Math.ceil(effort / (this.width * this.height)))
    let from = at
    while (from > 0 && at - from < most && this.#steps[from - 1] === this.#steps[from]! - 1) from--
    return from
  }

  #advance({ ages, heats, states }: Frame, packed: Uint8Array, isNext: boolean): void {
    for (let index = 0; index < states.length; index++) {
      const state = PackedStates.stateAt(packed, this.bits, index)
      if (isNext) {
        const hasChanged = state !== states[index]
        ages[index] = hasChanged ? 0 : Math.min(maxAge, ages[index]! + 1)
        heats[index] = heatAfter(heats[index]!, 1, hasChanged)
      }
      states[index] = state
    }
  }

  /** The index of a step, or the one at which it would be. */
  #placeOf(step: number): number {
    let low = 0
    let high = this.#steps.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#steps[middle]! < step) low = middle + 1
      else high = middle
    }
    return low
  }
}
