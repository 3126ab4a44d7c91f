/**
 * What is kept for a peer that does not read. A string that grows by concatenation takes some 100 bytes a short message
 * until it is flattened, so what is kept for long is kept as buffers: as many bytes as will be sent.
 */
import type { ByteString } from "../Frames/Frame.ts"

/** Bytes of gathered frames that are worth a buffer. */
export const WORTHWHILE = 16 * 1024

export class Backlog {
  readonly #buffers: Array<Buffer> = []
  #length = 0

  /** Bytes that are kept. */
  get length(): number {
    return this.#length
  }

  push(bytes: ByteString): void {
    this.#buffers.push(Buffer.from(bytes, "latin1"))
    this.#length += bytes.length
  }

  /** All that is kept, in order. */
  bytes(): Buffer {
    return Buffer.concat(this.#buffers, this.#length)
  }
}
