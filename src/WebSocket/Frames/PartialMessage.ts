/** A message whose last frame has not come: the payloads of its earlier frames, one after the other. */
import type { Begun } from "./FrameHeader.ts"
import { GrowingBuffer } from "./GrowingBuffer.ts"

export class PartialMessage extends GrowingBuffer implements Begun {
  readonly kind: number
  #fragments = 0

  /** `length`: bytes of the first payload. */
  constructor(kind: number, length: number) {
    super(length)
    this.kind = kind
  }

  /** The number of frames that have come. */
  get fragments(): number {
    return this.#fragments
  }

  /** Adds the payload `bytes[start, end)` of the next frame. */
  add(bytes: Buffer, start: number, end: number, most: number): void {
    this.append(bytes, start, end, most)
    this.#fragments++
  }

  /** The payload that has come so far. */
  get payload(): Buffer {
    return this.bytes.subarray(0, this.length)
  }
}
