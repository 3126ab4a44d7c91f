/** A frame that has come in part. */
import { GrowingBuffer } from "./GrowingBuffer.ts"

/** The least room in bytes: more than the longest header needs. */
const LEAST = 32

/**
 * Once a sixteenth of a frame has come, all its memory is allocated. That leaves less garbage than a buffer that grows
 * to the end, and the memory is counted for the peer, which may be given up for it, before it is filled.
 */
const IN_FULL = 16

export class PartialFrame extends GrowingBuffer {
  /** Bytes of its payload that are unmasked and checked already. */
  ahead = 0

  /** `bytes[at, end)` are the first bytes of the frame. */
  constructor(bytes: Buffer, at: number, end: number) {
    super(Math.max(LEAST, end - at))
    this.append(bytes, at, end, end - at)
  }

  /** Adds `bytes[start, end)`. `length` is the frame's length in bytes, as far as that is known. */
  add(bytes: Buffer, start: number, end: number, length: number): void {
    const come = this.length + end - start
    if (come * IN_FULL >= length) this.reserve(length, length)
    this.append(bytes, start, end, length)
  }
}
