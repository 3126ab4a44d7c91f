/** The places of a recording from which it can be read: before its keyframes, and where it was read before. */
import { constants, inflateRawSync } from "node:zlib"
import { HEADER_BYTES, kind, type RecordedBlock, type RecordedGame } from "../../Protocol/Recording.ts"
import { BlockSplitter, keyframeHead } from "../../Protocol/RecordingBlocks.ts"
import type { RecordingReader } from "../../Protocol/RecordingReader.ts"
import { keyframe } from "../../Protocol/RecordingWriter.ts"

/** A place before the block with this number. */
export interface BlockPosition {
  readonly block: number
  /** The least step of all cells there. */
  readonly step: number
  /** All cells there, unless the block itself begins with them. */
  readonly keyframe: RecordedBlock | undefined
}

/** The states between two keyframes: a reader takes less than a second for them, or for eight steps of a large game. */
const STATES = 1 << 20
const STEPS = 8

export const statesBetween = ({ height, width }: Pick<RecordedGame, "height" | "width">): number =>
  Math.max(STATES, STEPS * width * height)

/** The most memory for what was read before. */
const MEMORY = 64 * 2 ** 20

/** The time and the base of a keyframe are at most 16 bytes. */
const HEAD = 16

/** The first bytes of a packed block, which are those of a keyframe. */
const inflatedHead = (body: Uint8Array): Uint8Array =>
  inflateRawSync(body.subarray(0, 256), { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, HEADER_BYTES + HEAD)

const stepAt = ({ body, kind: found }: RecordedBlock): number | undefined => {
  if (found !== kind.keyframe && found !== kind.packed) return undefined
  try {
    const head = found === kind.keyframe ? body : inflatedHead(body)
    if (found === kind.packed && head[0] !== kind.keyframe) return undefined
    const { base } = keyframeHead(found === kind.keyframe ? body : head.subarray(HEADER_BYTES))
    return base === 0x7fffffff ? undefined : base
  } catch {
    // A damaged block is an error when it is read.
    return undefined
  }
}

/** The block of all cells as a reader knows them. */
export const keyframeOf = (reader: RecordingReader): Uint8Array => {
  const { height, stateCount, width } = reader.game
  return keyframe(width * height, {
    ...{ time: reader.time, stateCount },
    stepOf: (index) => reader.stepOf(index),
    stateOf: (index) => reader.stateOf(index)
  })
}

export class Positions {
  /** In the order of the recording. The first one is its beginning. */
  readonly #all: Array<BlockPosition> = [{ block: 0, step: Number.NEGATIVE_INFINITY, keyframe: undefined }]
  readonly #most: number
  /** The states that must lie between two positions that were read before. */
  #between: number

  /** Finds the keyframes of these blocks. Of packed ones, which begin with one, a few bytes are unpacked. */
  constructor(game: RecordedGame, blocks: ReadonlyArray<RecordedBlock>) {
    this.#between = statesBetween(game)
    this.#most = Math.max(4, Math.floor(MEMORY / (game.width * game.height)))
    for (const [block, each] of blocks.entries()) {
      const step = stepAt(each)
      if (step !== undefined) this.#all.push({ block, step, keyframe: undefined })
    }
  }

  /** The last position at which no cell is beyond `step`, as far as its least step tells. */
  before(step: number): BlockPosition {
    return this.#all.findLast((each) => each.step <= step)!
  }

  /** Keeps the place before a block that a reader has come to, if enough `states` were read since the last position. Returns whether it did. */
  keep(block: number, states: number, reader: RecordingReader): boolean {
    if (states < this.#between || this.#all.some((each) => each.block === block)) return false
    const [frame] = new BlockSplitter().take(keyframeOf(reader))
    const { base } = keyframeHead(frame!.body)
    const at = this.#all.findLastIndex((each) => each.block < block)
    this.#all.splice(at + 1, 0, { block, step: base, keyframe: frame })
    if (this.#all.filter((each) => each.keyframe !== undefined).length > this.#most) this.#thin()
    return true
  }

  /** Drops every second position that was read before. */
  #thin(): void {
    this.#between *= 2
    let number = 0
    const left = this.#all.filter((each) => each.keyframe === undefined || number++ % 2 === 1)
    this.#all.splice(0, this.#all.length, ...left)
  }
}
