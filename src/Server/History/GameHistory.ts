/**
 * The recording of a game: its blocks from the beginning, as far as the limits allow. A message costs no more than
 * noting its state. New states are encoded every few milliseconds, and compressed when there are many.
 */
import { concat } from "../../Protocol/Bytes.ts"
import { block, gameBlock, kind } from "../../Protocol/Recording.ts"
import { RecordingWriter } from "../../Protocol/RecordingWriter.ts"
import type { Grid } from "../Game/GameState.ts"

export interface RecordingLimits {
  /** The most compressed bytes to keep; 0 for no recording. */
  readonly bytes: number
  /** The most steps to keep; 0 for no recording. */
  readonly steps: number
}

/** Blocks that begin with a keyframe, so they can be read without earlier ones. */
interface Chunk {
  /** The number of the block after its last. */
  readonly to: number
  /** The highest step in it. */
  readonly step: number
  readonly bytes: Uint8Array
}

/** Blocks from a number on. `next` is the number to read next. Numbers continue from game to game. */
export interface HistoryPart {
  readonly bytes: ReadonlyArray<Uint8Array>
  readonly next: number
}

/**
 * Where the bytes of a recording are counted. `add` may call `drop`. The keyframe with which the open chunk begins is not
 * counted, since it can't be dropped. It takes a tenth of what the recording needs for its cells.
 */
export interface RecordingMemory {
  readonly add: (bytes: number) => void
  readonly remove: (bytes: number) => void
}

const uncounted: RecordingMemory = { add: () => {}, remove: () => {} }

/** A chunk is compressed when it has more bytes than this, and more than four times its keyframe. */
const CHUNK = 128 * 1024

export class GameHistory {
  readonly #limits: RecordingLimits
  readonly #compress: (bytes: Uint8Array) => Uint8Array
  readonly #now: () => number
  readonly #memory: RecordingMemory
  #game: Grid | undefined
  /** When the first state of the game was recorded, in milliseconds since 1970. */
  #begun: number | undefined
  #writer = new RecordingWriter(0, 2)
  #begin = 0
  #kept: Array<Chunk> = []
  #keptBytes = 0
  /** The blocks of the chunk that is not complete. */
  #open: Array<Uint8Array> = []
  #openFrom = 0
  /** Without those of the keyframe at its beginning. */
  #openBytes = 0
  #step = 0

  /** `now` is in milliseconds since 1970. */
  constructor(
    limits: RecordingLimits,
    compress: (bytes: Uint8Array) => Uint8Array,
    now: () => number,
    memory: RecordingMemory = uncounted
  ) {
    this.#limits = limits
    this.#compress = compress
    this.#now = now
    this.#memory = memory
  }

  /** Drops everything, because another game begins. */
  reset(grid: Grid): void {
    this.#begin = this.end
    this.#game = grid
    this.#begun = undefined
    this.#writer = new RecordingWriter(grid.width * grid.height, grid.stateCount)
    this.#step = 0
    this.#forgetKept()
    this.#beginChunk(this.#begin)
  }

  /** Drops what is kept of the present game, because memory is short. The recording goes on with a keyframe. */
  drop(): void {
    this.#forgetKept()
    this.#beginChunk(this.end)
  }

  /** The number of the first block of the present game. */
  get begin(): number {
    return this.#begin
  }

  /** The number of the block that is written next. */
  get end(): number {
    return this.#openFrom + this.#open.length
  }

  /** The bytes that are kept and counted. */
  get bytes(): number {
    return this.#keptBytes + this.#openBytes
  }

  record(index: number, step: number, state: number): void {
    this.#begun ??= this.#now()
    // A group has only one state of each cell.
    if (this.#writer.isPending(index)) this.write()
    if (this.#writer.record(index, step, state) && step > this.#step) this.#step = step
  }

  /** Encodes the states that were recorded since the last call. */
  write(): void {
    if (this.#begun === undefined || !this.#writer.hasNews) return
    this.#append(this.#writer.news(this.#now() - this.#begun))
    const [keyframe] = this.#open
    const { length } = keyframe!
    if (length + this.#openBytes > Math.max(CHUNK, 4 * length)) this.#close()
  }

  /** The header of the recording; `undefined` until a cell of the game has a state. */
  head(): Uint8Array | undefined {
    if (this.#game === undefined || this.#begun === undefined) return undefined
    return gameBlock({ ...this.#game, begun: this.#begun })
  }

  /**
   * Returns blocks from this number on, about `most` bytes; none at the end. If these blocks were dropped or are
   * compressed, the result begins with the nearest keyframe: a reader skips the states that it has already.
   */
  read(from: number, most: number): HistoryPart {
    const chunk = this.#kept.find(({ to }) => from < to)
    if (chunk !== undefined) return { bytes: [chunk.bytes], next: chunk.to }
    const bytes: Array<Uint8Array> = []
    let size = 0
    let next = Math.max(from, this.#openFrom)
    while (next < this.end && size < most) {
      const block = this.#open[next - this.#openFrom]!
      bytes.push(block)
      size += block.length
      next++
    }
    return { bytes, next }
  }

  #append(bytes: Uint8Array): void {
    this.#open.push(bytes)
    this.#openBytes += bytes.length
    this.#memory.add(bytes.length)
  }

  #forgetKept(): void {
    this.#memory.remove(this.#keptBytes)
    this.#kept = []
    this.#keptBytes = 0
  }

  #beginChunk(from: number): void {
    this.#memory.remove(this.#openBytes)
    this.#open = [this.#writer.keyframe()]
    this.#openFrom = from
    this.#openBytes = 0
  }

  #close(): void {
    const bytes = block(kind.packed, this.#compress(concat(this.#open)))
    this.#kept.push({ to: this.end, step: this.#step, bytes })
    this.#keptBytes += bytes.length
    this.#beginChunk(this.end)
    // Last, since it may drop all of this.
    this.#memory.add(bytes.length)
    while (this.#isOver()) {
      const { length } = this.#kept.shift()!.bytes
      this.#keptBytes -= length
      this.#memory.remove(length)
    }
  }

  /** Whether a limit is exceeded, so that the oldest chunk is dropped next. */
  #isOver(): boolean {
    const oldest = this.#kept[0]
    if (oldest === undefined) return false
    return this.#keptBytes > this.#limits.bytes || this.#step - oldest.step > this.#limits.steps
  }
}
