/** A message of which the last frame has not come: the payloads of those before, one behind the other. */
import type { Begun } from "./FrameHeader.ts"
import { GrowingBuffer } from "./GrowingBuffer.ts"

export class PartialMessage extends GrowingBuffer implements Begun {
  readonly kind: number
  #fragments = 0

  /** `length`: of the first payload. */
  constructor(kind: number, length: number) {
    super(length)
    this.kind = kind
  }

  /** Frames that have come. */
  get fragments(): number {
    return this.#fragments
  }

  /** Adds the payload `bytes[start, end)` of the next frame. */
  add(bytes: Buffer, start: number, end: number, most: number): void {
    this.append(bytes, start, end, most)
    this.#fragments++
  }

  /** What has come. */
  get payload(): Buffer {
    return this.bytes.subarray(0, this.length)
  }
}
