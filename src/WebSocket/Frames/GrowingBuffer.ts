/**
 * A buffer for bytes that come in parts. Its memory grows with the bytes that really came, and not with the length that
 * a header promises, so that a peer must send what it makes this process hold.
 */
import { detach } from "./Detach.ts"

export class GrowingBuffer {
  #bytes: Buffer
  #length = 0

  /** `room`: bytes to allocate at first. */
  constructor(room: number) {
    this.#bytes = Buffer.allocUnsafeSlow(room)
  }

  /** The number of bytes that have come. */
  get length(): number {
    return this.#length
  }

  /** The number of bytes of memory that it takes. */
  get held(): number {
    return this.#bytes.length
  }

  /** The bytes that have come, followed by unused room. They may be changed. */
  get bytes(): Buffer {
    return this.#bytes
  }

  /** Adds `from[start, end)`. `most`: the number of bytes that it will have at most in the end. */
  append(from: Buffer, start: number, end: number, most: number): void {
    const length = this.#length + end - start
    this.reserve(length, most)
    from.copy(this.#bytes, this.#length, start, end)
    this.#length = length
  }

  /** Frees its memory at once. */
  free(): void {
    detach(this.#bytes)
  }

  /**
   * Makes room for `size` bytes. The memory grows fourfold each time, so adding byte by byte stays linear, and the
   * discarded buffers together are a third of the last one.
   */
  protected reserve(size: number, most: number): void {
    const bytes = this.#bytes
    if (size <= bytes.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(size, Math.min(bytes.length * 4, most)))
    bytes.copy(larger, 0, 0, this.#length)
    detach(bytes)
    this.#bytes = larger
  }
}
