/**
 * The bytes that wait for a peer that does not read. A string that grows by concatenation takes some 100 bytes a short message
 * until it is flattened, so what is kept for long is kept as buffers: as many bytes as will be sent.
 */
import type { Writable } from "node:stream"
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
    this.pushBuffer(Buffer.from(bytes, "latin1"))
  }

  /** Keeps the bytes, which must not change any more. */
  pushBuffer(bytes: Buffer): void {
    this.#buffers.push(bytes)
    this.#length += bytes.length
  }

  /** Writes all that is kept, with one system call where the kernel takes it; `done` is called when all is written. */
  write(to: Writable, done: () => void): void {
    to.cork()
    const last = this.#buffers.length - 1
    this.#buffers.forEach((buffer, i) => {
      if (i === last) to.write(buffer, done)
      else to.write(buffer)
    })
    to.uncork()
  }
}
