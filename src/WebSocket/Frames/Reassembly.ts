/**
 * What has come in part: a frame, or a message of several frames. Its memory grows with the bytes that really came, and
 * not with the length that a header promises, so that a peer must send what it makes this process keep.
 */
import { detach } from "./Detach.ts"

/** Counts the memory that it takes. */
interface Counter {
  /** The difference in bytes. */
  readonly onRetained: (bytes: number) => void
}

class GrowingBuffer {
  readonly #counter: Counter
  #bytes: Buffer
  #length = 0

  /** `room`: bytes to allocate at first. */
  constructor(counter: Counter, room: number) {
    this.#counter = counter
    this.#bytes = Buffer.allocUnsafeSlow(room)
    counter.onRetained(room)
  }

  get length(): number {
    return this.#length
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

  /** It is whole: its memory belongs to what is made of it. */
  leave(): void {
    this.#counter.onRetained(-this.#bytes.length)
  }

  free(): void {
    this.leave()
    detach(this.#bytes)
  }

  /** Makes room, fourfold each time: adding stays linear, and the discarded buffers are a third of the last one. */
  protected reserve(size: number, most: number): void {
    const bytes = this.#bytes
    if (size <= bytes.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(size, Math.min(bytes.length * 4, most)))
    bytes.copy(larger, 0, 0, this.#length)
    this.#bytes = larger
    const grown = larger.length - bytes.length
    detach(bytes)
    this.#counter.onRetained(grown)
  }
}

/** The least room in bytes: more than the longest header needs. */
const MIN_ROOM = 32

/**
 * Once a sixteenth of a frame has come, all its memory is allocated. That leaves less garbage than a buffer that grows
 * to the end, and the memory is counted for the peer, which may be given up for it, before it is filled.
 */
const FULL_FROM = 16

/** A frame that has come in part. */
export class PartialFrame extends GrowingBuffer {
  /** Bytes of its payload that are unmasked and checked already. */
  ahead = 0

  /** `bytes[at, end)` are the first bytes of the frame. */
  constructor(counter: Counter, bytes: Buffer, at: number, end: number) {
    super(counter, Math.max(MIN_ROOM, end - at))
    this.append(bytes, at, end, end - at)
  }

  /** Adds `bytes[start, end)`. `length` is the frame's length in bytes, as far as that is known. */
  add(bytes: Buffer, start: number, end: number, length: number): void {
    const come = this.length + end - start
    if (come * FULL_FROM >= length) this.reserve(length, length)
    this.append(bytes, start, end, length)
  }
}

/** A message whose last frame has not come: the payloads of its earlier frames, one after the other. */
export class PartialMessage extends GrowingBuffer {
  /** The first byte of its first frame, without the FIN bit. */
  readonly kind: number
  #fragments = 0

  /** `length`: bytes of the first payload. */
  constructor(counter: Counter, kind: number, length: number) {
    super(counter, length)
    this.kind = kind
  }

  get fragments(): number {
    return this.#fragments
  }

  /** Adds the payload `bytes[start, end)` of the next frame. */
  add(bytes: Buffer, start: number, end: number, most: number): void {
    this.append(bytes, start, end, most)
    this.#fragments++
  }

  get payload(): Buffer {
    return this.bytes.subarray(0, this.length)
  }
}
