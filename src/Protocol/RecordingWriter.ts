/** Writes the news of a game as blocks of a recording. */
import { ByteWriter } from "./ByteWriter.ts"
import { block, kind } from "./Recording.ts"

/** The step of a cell that has not told one. */
const NONE = -1

/**
 * `record` is called for every state message, so it writes into typed arrays only: 17 bytes a cell. What it was told since
 * the last block is one group, in which each cell is once; their order within a group is not kept.
 */
export class RecordingWriter {
  /** The newest step and state of each cell, and its step in the blocks before. */
  readonly #steps: Int32Array
  readonly #states: Uint8Array
  readonly #written: Int32Array
  readonly #changed: Uint32Array
  readonly #stateCount: number
  #count = 0
  #time = 0

  /** Of cells with so many states. */
  constructor(cells: number, stateCount: number) {
    this.#stateCount = stateCount
    this.#steps = new Int32Array(cells).fill(NONE)
    this.#states = new Uint8Array(cells)
    this.#written = new Int32Array(cells).fill(NONE)
    this.#changed = new Uint32Array(cells)
  }

  /** Whether there is something to write. */
  get hasNews(): boolean {
    return this.#count > 0
  }

  /** Whether a state of this cell is not written yet: it has to be, before the cell's next one is recorded. */
  isPending(index: number): boolean {
    return this.#steps[index] !== this.#written[index]
  }

  /** Notes a state that is newer than what is known of its cell; gives whether it was. */
  record(index: number, step: number, state: number): boolean {
    if (step <= this.#steps[index]!) return false
    this.#steps[index] = step
    this.#states[index] = state
    this.#changed[this.#count++] = index
    return true
  }

  /** The news since the block before, as of `time` (milliseconds since the beginning of the recording). */
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
      // 1 more than the step before is the rule, by far.
      body.varint(((index - expected) * 2 + (ahead === 1 ? 0 : 1)) * stateCount + this.#states[index]!)
      if (ahead !== 1) body.varint(ahead)
      this.#written[index] = step
      expected = index + 1
    }
    this.#count = 0
    return block(kind.news, body.toBytes())
  }

  /** All cells, as of the block before. To be called when there is no news. */
  keyframe(): Uint8Array<ArrayBuffer> {
    const body = new ByteWriter(16 + this.#steps.length)
    body.varint(this.#time)
    const base = this.#steps.reduce((least, step) => (step === NONE ? least : Math.min(least, step)), 0x7fffffff)
    body.varint(base)
    for (let index = 0; index < this.#steps.length; index++) {
      const step = this.#steps[index]!
      body.varint(step === NONE ? 0 : 1 + this.#stateCount * (step - base) + this.#states[index]!)
    }
    return block(kind.keyframe, body.toBytes())
  }
}
