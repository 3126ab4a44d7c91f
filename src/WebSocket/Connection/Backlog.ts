/**
 * The bytes that wait for a peer that does not read. They are kept as buffers, which take as many bytes as will be
 * sent: a string that grows by concatenation takes some 100 bytes for each short message until it is flattened.
 */
import type { Writable } from "node:stream"
import type { ByteString } from "../Frames/Frame.ts"

/** From this many bytes on, gathered frames are moved into a buffer. */
export const WORTHWHILE = 16 * 1024

export class Backlog {
  readonly #buffers: Array<Buffer> = []
  #length = 0

  constructor(buffers: ReadonlyArray<Buffer> = []) {
    for (const buffer of buffers) this.pushBuffer(buffer)
  }

  get length(): number {
    return this.#length
  }

  push(bytes: ByteString): void {
    this.pushBuffer(Buffer.from(bytes, "latin1"))
  }

  /** Keeps the buffer itself, so the caller must not change it any more. */
  pushBuffer(bytes: Buffer): void {
    this.#buffers.push(bytes)
    this.#length += bytes.length
  }

  /** Writes all that is kept, with one system call if the kernel takes it. Calls `done` when all is written. */
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
