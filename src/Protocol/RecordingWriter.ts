/** Writes the new states of a game as blocks of a recording. */
import { block, kind } from "./Recording.ts"

/** The step of a cell that has no state yet, and the base of a keyframe without any state. */
const NONE = -1
const NO_BASE = 0x7fffffff

/**
 * `record` is called for every state message, so it only writes into typed arrays, which take 17 bytes for each cell.
 * The states since the last block are one group, in which each cell occurs once. The order within a group is not kept.
 */
export class RecordingWriter {
  /** The newest step and state of each cell, and its step in the last block. */
  readonly #steps: Int32Array
  readonly #states: Uint8Array
  readonly #written: Int32Array
  readonly #changed: Uint32Array
  readonly #stateCount: number
  #count = 0
  #time = 0

  /** `stateCount`: the number of states of a cell. */
  constructor(cells: number, stateCount: number) {
    this.#stateCount = stateCount
    this.#steps = new Int32Array(cells).fill(NONE)
    this.#states = new Uint8Array(cells)
    this.#written = new Int32Array(cells).fill(NONE)
    this.#changed = new Uint32Array(cells)
  }

  /** Whether there are states to write. */
  get hasNews(): boolean {
    return this.#count > 0
  }

  /** Whether a state of this cell is not written yet. It must be written before the cell's next one is recorded. */
  isPending(index: number): boolean {
    return this.#steps[index] !== this.#written[index]
  }

  /** Records a state if it is newer than the cell's last one. Returns whether it was. */
  record(index: number, step: number, state: number): boolean {
    if (step <= this.#steps[index]!) return false
    this.#steps[index] = step
    this.#states[index] = state
    this.#changed[this.#count++] = index
    return true
  }

  /** The block of the states since the last block. `time` is in milliseconds since the beginning of the recording. */
  news(time: number): Uint8Array<ArrayBuffer> {
    const body = new ByteWriter(16 + 2 * this.#count)
    body.varint(Math.max(0, time - this.#time))
    body.varint(this.#count)
    this.#time = Math.max(this.#time, time)
    const stateCount = this.#stateCount
    let expected = 0
    for (const index of this.#changed.subarray(0, this.#count).sort()) {
      const step = this.#steps[index]!
      const ahead = step - this.#written[index]!
      // Nearly always a cell is one step ahead.
      body.varint(((index - expected) * 2 + (ahead === 1 ? 0 : 1)) * stateCount + this.#states[index]!)
      if (ahead !== 1) body.varint(ahead)
      this.#written[index] = step
      expected = index + 1
    }
    this.#count = 0
    return block(kind.news, body.toBytes())
  }

  /** The block of all cells. States that were not written yet are in it, and in no later block. */
  keyframe(): Uint8Array<ArrayBuffer> {
    this.#written.set(this.#steps)
    this.#count = 0
    return keyframe(this.#steps.length, {
      ...{ time: this.#time, stateCount: this.#stateCount },
      stepOf: (index) => this.#steps[index]!,
      stateOf: (index) => this.#states[index]!
    })
  }
}

/** All cells of a game at a time in milliseconds since the beginning of the recording. A cell without a state has the step -1. */
export interface WholeGame {
  readonly time: number
  readonly stateCount: number
  readonly stepOf: (index: number) => number
  readonly stateOf: (index: number) => number
}

/** The block of all cells, from which a reader can begin. */
export const keyframe = (cells: number, { stateCount, stateOf, stepOf, time }: WholeGame): Uint8Array<ArrayBuffer> => {
  const body = new ByteWriter(16 + cells)
  body.varint(time)
  let base = NO_BASE
  for (let index = 0; index < cells; index++) {
    const step = stepOf(index)
    if (step !== NONE && step < base) base = step
  }
  body.varint(base)
  for (let index = 0; index < cells; index++) {
    const step = stepOf(index)
    body.varint(step === NONE ? 0 : 1 + stateCount * (step - base) + stateOf(index))
  }
  return block(kind.keyframe, body.toBytes())
}

/** A buffer that grows. Its varints are as short as possible: 7 bits in a byte, the lowest first. */
class ByteWriter {
  #bytes: Uint8Array<ArrayBuffer>
  #length = 0

  constructor(capacity: number) {
    this.#bytes = new Uint8Array(capacity)
  }

  /** Writes a whole number from 0 to 2^53 - 1. */
  varint(value: number): void {
    this.#ensure(8)
    let rest = value
    while (rest >= 128) {
      this.#bytes[this.#length++] = (rest % 128) + 128
      rest = Math.floor(rest / 128)
    }
    this.#bytes[this.#length++] = rest
  }

  /** A copy of the written bytes. */
  toBytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length)
  }

  #ensure(more: number): void {
    if (this.#length + more <= this.#bytes.length) return
    const grown = new Uint8Array(2 * (this.#length + more))
    grown.set(this.#bytes.subarray(0, this.#length))
    this.#bytes = grown
  }
}
