/** A frame of which a part has come. */
import { GrowingBuffer } from "./GrowingBuffer.ts"

/** Room for the longest header, and some more. */
const LEAST = 32

/**
 * A frame has all its room when a sixteenth of it has come: that leaves less garbage than a buffer that grows to the end, and
 * what is counted for the peer, who may be given up, is ahead of what takes memory.
 */
const IN_FULL = 16

export class PartialFrame extends GrowingBuffer {
  /** Bytes of its payload that are unmasked and checked already. */
  ahead = 0

  /** Keeps `bytes[at, end)`, with which it begins. */
  constructor(bytes: Buffer, at: number, end: number) {
    super(Math.max(LEAST, end - at))
    this.append(bytes, at, end, end - at)
  }

  /** Adds `bytes[start, end)` to a frame of `length` bytes, as far as that is known. */
  add(bytes: Buffer, start: number, end: number, length: number): void {
    const come = this.length + end - start
    if (come * IN_FULL >= length) this.reserve(length, length)
    this.append(bytes, start, end, length)
  }
}
