/**
 * Bytes that come in parts. Its memory grows with what really came, and never by what a header promises alone, so that a peer
 * pays for the memory that it takes.
 */
import { detach } from "./Detach.ts"

export class GrowingBuffer {
  #bytes: Buffer
  #length = 0

  /** With room for so many bytes. */
  constructor(room: number) {
    this.#bytes = Buffer.allocUnsafeSlow(room)
  }

  /** Bytes that have come. */
  get length(): number {
    return this.#length
  }

  /** Bytes of memory that it takes. */
  get held(): number {
    return this.#bytes.length
  }

  /** Those that have come, and room behind them. They may be changed. */
  get bytes(): Buffer {
    return this.#bytes
  }

  /** Adds `from[start, end)`; it will have at most `most` bytes in the end. */
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
   * Makes room for `size` bytes. It becomes four times as large: adding byte by byte stays linear, and the smaller ones, which are
   * garbage then, are a third of the last.
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
