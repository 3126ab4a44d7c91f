/** Stores the newest whole generations of one game, packed and sorted by step, within a memory limit. Pure. */
import { MAX_AGE } from "../../../src/Protocol/WatchProtocol.ts"
import * as Generation from "./Generation.ts"
import { heatAfter } from "./Heat.ts"
import type { Frame } from "./Model.ts"
import { emptyFrame } from "./Model.ts"

const MEMORY_LIMIT = 32 * 2 ** 20

/** Bytes of each entry in addition to its states. */
const OVERHEAD = 120

/** The most cells to read for the ages of one generation. This takes about ten milliseconds. */
const EFFORT = 8_000_000

export class GenerationStore {
  readonly width: number
  readonly height: number
  readonly stateCount: number
  /** Bits per stored cell. */
  readonly bits: number
  readonly #limit: number
  /** Steps in ascending order, and the generation of each. */
  #steps: Array<number> = []
  #packed: Array<Uint8Array> = []

  /** `memory` is the limit in bytes (default 32 MiB). */
  constructor(width: number, height: number, stateCount: number, memory = MEMORY_LIMIT) {
    this.width = width
    this.height = height
    this.stateCount = stateCount
    this.bits = Generation.bitsFor(stateCount)
    this.#limit = Math.max(2, Math.floor(memory / (Math.ceil((width * height * this.bits) / 8) + OVERHEAD)))
  }

  /** What is stored now, whatever is stored or removed later. */
  copy(): GenerationStore {
    const copy = new GenerationStore(this.width, this.height, this.stateCount)
    copy.#steps = this.#steps.slice()
    copy.#packed = this.#packed.slice()
    return copy
  }

  /** The number of stored generations. */
  get size(): number {
    return this.#steps.length
  }

  get first(): number | undefined {
    return this.#steps[0]
  }

  get last(): number | undefined {
    return this.#steps.at(-1)
  }

  /** Stores the generation of a step. Removes the oldest ones if there are too many. */
  put(step: number, packed: Uint8Array): void {
    const at = this.#placeOf(step)
    if (this.#steps[at] === step || (at === 0 && this.size >= this.#limit)) return
    this.#steps.splice(at, 0, step)
    this.#packed.splice(at, 0, packed)
    if (this.size <= this.#limit) return
    this.#steps.shift()
    this.#packed.shift()
  }

  /** The stored step that is nearest to `step`, of two the earlier one; `undefined` if the store is empty. */
  nearest(step: number): number | undefined {
    const at = this.#placeOf(step)
    const before = this.#steps[at - 1]
    const after = this.#steps[at]
    return before === undefined || (after !== undefined && after - step < step - before) ? after : before
  }

  /** The stored steps up to this one, in their order; without it, all of them. */
  until(step = Number.POSITIVE_INFINITY): ReadonlyArray<number> {
    return this.#steps.slice(0, this.#placeOf(step + 1))
  }

  /** The newest stored step before `step`; `undefined` if there is none. */
  before(step: number): number | undefined {
    return this.#steps[this.#placeOf(step) - 1]
  }

  /** The oldest stored step after `step`; `undefined` if there is none. */
  after(step: number): number | undefined {
    return this.#steps[this.#placeOf(step + 1)]
  }

  /** The stored generation of a step. Ages and heats are computed from the stored steps right before it. */
  frame(step: number): Frame {
    const at = this.#placeOf(step)
    const frame = emptyFrame(this.width, this.height, this.stateCount)
    const from = this.#beginOfRow(at)
    for (let next = from; next <= at; next++) this.#advance(frame, this.#packed[next]!, next > from)
    frame.steps.fill(step)
    // Ages are exact only if the stored steps go back to step 0. Otherwise a cell that never changed is at least this old.
    return this.#steps[from] === 0 ? frame : { ...frame, agesUpTo: at - from }
  }

  /** The index of the first generation to read for the one at `at`: there is no gap between them. */
  #beginOfRow(at: number): number {
    const most = Math.min(MAX_AGE, Math.ceil(EFFORT / (this.width * this.height)))
    let from = at
    while (from > 0 && at - from < most && this.#steps[from - 1] === this.#steps[from]! - 1) from--
    return from
  }

  #advance({ ages, heats, states }: Frame, packed: Uint8Array, isNext: boolean): void {
    for (let index = 0; index < states.length; index++) {
      const state = Generation.stateAt(packed, this.bits, index)
      if (isNext) {
        const hasChanged = state !== states[index]
        ages[index] = hasChanged ? 0 : Math.min(MAX_AGE, ages[index]! + 1)
        heats[index] = heatAfter(heats[index]!, 1, hasChanged)
      }
      states[index] = state
    }
  }

  /** The index of a step, or where it would be inserted. */
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
