/** The blocks of a recording: splits bytes into them, and reads the numbers of their bodies. */
import { concat } from "./Bytes.ts"
import { HEADER_BYTES, type RecordedBlock } from "./Recording.ts"

/** Says why bytes are not a recording, or not a whole one. */
export class RecordingDamage extends Error {
  override readonly name = "RecordingDamage"
}

/** The longest body of a block, in bytes. */
const MAX_BODY = 1 << 30

/** Splits bytes into blocks as they arrive. */
export class BlockSplitter {
  #rest: Uint8Array = new Uint8Array(0)

  /** The number of bytes that are not a whole block yet. */
  get rest(): number {
    return this.#rest.length
  }

  /** Adds bytes, and returns the blocks that are now whole. Throws `RecordingDamage` for an impossible length. */
  take(bytes: Uint8Array): ReadonlyArray<RecordedBlock> {
    const all = this.#rest.length === 0 ? bytes : concat([this.#rest, bytes])
    const view = new DataView(all.buffer, all.byteOffset, all.length)
    const blocks: Array<RecordedBlock> = []
    let at = 0
    while (at + HEADER_BYTES <= all.length) {
      const length = view.getUint32(at + 1, true)
      if (length > MAX_BODY) throw new RecordingDamage("it has a block of an impossible length")
      if (at + HEADER_BYTES + length > all.length) break
      blocks.push({ kind: all[at]!, body: all.subarray(at + HEADER_BYTES, at + HEADER_BYTES + length) })
      at += HEADER_BYTES + length
    }
    this.#rest = all.slice(at)
    return blocks
  }
}

/** Reads varints of a body. Throws `RecordingDamage` past its end. */
export class BodyReader {
  readonly bytes: Uint8Array
  at = 0

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }

  /** The bytes that were not read yet. */
  get rest(): Uint8Array {
    return this.bytes.subarray(this.at)
  }

  varint(): number {
    // Nearly all numbers have one byte.
    const first = this.bytes[this.at]
    if (first !== undefined && first < 128) {
      this.at++
      return first
    }
    let value = 0
    for (let factor = 1; factor < 2 ** 53; factor *= 128) {
      const byte = this.bytes[this.at++]
      if (byte === undefined) throw new RecordingDamage("a block is too short for its contents")
      value += (byte & 127) * factor
      if (byte < 128) return value
    }
    throw new RecordingDamage("it has a number that is too large")
  }
}

/** The time and the base of a keyframe, of whose body at least the first 16 bytes are given. The base is 2^31 - 1 if no cell has a state. */
export const keyframeHead = (body: Uint8Array): { readonly time: number; readonly base: number } => {
  const reader = new BodyReader(body)
  return { time: reader.varint(), base: reader.varint() }
}
