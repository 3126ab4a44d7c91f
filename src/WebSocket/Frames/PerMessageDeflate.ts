/**
 * Compression of messages (RFC 7692, section 7.2), with the parameters that both sides agreed on.
 *
 * Each message is compressed in one call, and no zlib object lives between two messages: the 300 KiB of its two sides
 * exist only while a message is processed, not for each connection. If a side keeps its context, the earlier text is
 * passed to zlib as its dictionary, so a connection keeps at most 32 KiB for that side. Without context, which is the
 * default, all connections with the same parameters share one object, and a message for many connections is compressed
 * once.
 */
import * as Zlib from "node:zlib"
import { type Close, CloseCode } from "./CloseCode.ts"
import type { ByteString } from "./Frame.ts"
import * as Frame from "./Frame.ts"
import type { Message } from "./Message.ts"
import type { PreparedMessage } from "./PreparedMessage.ts"

/** How messages are compressed, if both sides support permessage-deflate. */
export interface CompressionOptions {
  /** Shorter messages are sent as they are: compressing costs 10 us. In bytes, or characters. 1,024 unless given. */
  readonly threshold?: number
  /** zlib's level, from 1 (fast) to 9 (small). 6 unless given. */
  readonly level?: number
  /**
   * Whether messages may refer to earlier ones. They become smaller, but each connection keeps up to 32 KiB for each
   * side, and a message for many connections is compressed for each of them. `false` unless given.
   */
  readonly contextTakeover?: boolean
  /**
   * How many times its compressed size a message may inflate to, beyond the first 64 KiB. A larger one closes the
   * connection with 1009. No limit unless given: zlib compresses equal bytes by a factor of 1,000, so a limit refuses
   * messages that the other side may send. `maxPayload` always limits the inflated size.
   */
  readonly maxRatio?: number
}

/** How one side compresses. */
export interface Side {
  /** Whether its messages may refer to earlier ones. */
  readonly contextTakeover: boolean
  /** The window: messages refer to at most 2 to the power of this many earlier bytes. 8 to 15. */
  readonly windowBits: number
}

/** The parameters that both sides agreed on. */
export interface Agreement {
  readonly own: Side
  readonly peer: Side
}

/** The bytes that any message may inflate to, however small it is. */
const FREE = 64 * 1024

/** The bytes at the end of each compressed message, which are not sent (RFC 7692, section 7.2.1). */
const tail = Buffer.of(0, 0, 0xff, 0xff)

export class PerMessageDeflate {
  readonly #agreement: Agreement
  readonly #options: Required<Omit<CompressionOptions, "contextTakeover">>
  #sent: Buffer | undefined = undefined
  #received: Buffer | undefined = undefined
  /** The frames of messages for many connections; `undefined` if compression gains nothing. */
  readonly #prepared = new WeakMap<PreparedMessage, ByteString | undefined>()

  constructor(agreement: Agreement, { level = 6, maxRatio = Infinity, threshold = 1024 }: CompressionOptions = {}) {
    this.#agreement = agreement
    this.#options = { level, maxRatio, threshold }
  }

  /** Whether many connections may share one object, because nothing is kept from one message to the next. */
  static isShareable({ own, peer }: Agreement): boolean {
    return !own.contextTakeover && !peer.contextTakeover
  }

  /** The compressed payload of a message; `undefined` if compression gains nothing. */
  deflate(message: Message): Buffer | undefined {
    if (message.length < this.#options.threshold) return undefined
    const bytes = typeof message === "string" ? Buffer.from(message) : message
    const { contextTakeover, windowBits } = this.#agreement.own
    const deflated = Zlib.deflateRawSync(bytes, {
      level: this.#options.level,
      windowBits,
      finishFlush: Zlib.constants.Z_SYNC_FLUSH,
      ...dictionary(this.#sent)
    })
    const payload = deflated.subarray(0, deflated.length - tail.length)
    if (payload.length >= bytes.length) return undefined
    if (contextTakeover) this.#sent = remembered(this.#sent, bytes, windowBits)
    return payload
  }

  /** The frame of a message as a server sends it, compressed once for all connections that share this object. */
  frameOf(prepared: PreparedMessage): ByteString {
    if (this.#prepared.has(prepared)) return this.#prepared.get(prepared) ?? prepared.frame
    const payload = this.deflate(prepared.message)
    const frame = payload === undefined ? undefined : Frame.ofCompressed(typeof prepared.message === "string", payload)
    if (PerMessageDeflate.isShareable(this.#agreement)) this.#prepared.set(prepared, frame)
    return frame ?? prepared.frame
  }

  /** Inflates a compressed payload of the peer, to at most `maxPayload` bytes. Or returns how to close, if that is not possible. */
  inflate(payload: Uint8Array, maxPayload: number): Buffer | Close {
    const { contextTakeover } = this.#agreement.peer
    const { maxRatio } = this.#options
    // Infinity times an empty payload is not a number.
    const byRatio = maxRatio === Infinity ? Infinity : FREE + payload.length * maxRatio
    try {
      const bytes = Zlib.inflateRawSync(Buffer.concat([payload, tail]), {
        finishFlush: Zlib.constants.Z_SYNC_FLUSH,
        maxOutputLength: Math.max(1, Math.min(maxPayload, byRatio)),
        ...dictionary(this.#received)
      })
      if (bytes.length > maxPayload) return tooLarge(maxPayload)
      if (contextTakeover) this.#received = remembered(this.#received, bytes, this.#agreement.peer.windowBits)
      return bytes
    } catch (error) {
      if (!isTooLarge(error)) return { code: CloseCode.InvalidPayload, reason: "the compressed data is invalid" }
      return byRatio < maxPayload
        ? {
            code: CloseCode.TooBig,
            reason: `a message may inflate to at most ${this.#options.maxRatio} times its size`
          }
        : tooLarge(maxPayload)
    }
  }
}

const dictionary = (before: Buffer | undefined) => (before === undefined ? {} : { dictionary: before })

/** The last bytes that a later message may refer to. */
const remembered = (before: Buffer | undefined, bytes: Uint8Array, windowBits: number): Buffer => {
  const most = 2 ** windowBits
  if (bytes.length >= most) return Buffer.from(bytes.subarray(bytes.length - most))
  const kept = before === undefined ? [] : [before.subarray(Math.max(0, before.length + bytes.length - most))]
  return Buffer.concat([...kept, bytes])
}

const tooLarge = (maxPayload: number): Close => ({
  code: CloseCode.TooBig,
  reason: `a message may have at most ${maxPayload} bytes`
})

const isTooLarge = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE"
