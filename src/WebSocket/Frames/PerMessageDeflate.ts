/**
 * Compression of messages (RFC 7692, section 7.2), as both sides agreed on it.
 *
 * Each message is compressed in one call, and nothing of zlib lives between two of them: the 300 KiB that its two sides take
 * are there while a message is worked on, not for each connection. Where a side keeps its context, the text before is given
 * to zlib as its dictionary, so that a connection keeps 32 KiB for that side at most. Without it, which is the default, all
 * connections that agreed on the same share one object, and what is sent to many is compressed once.
 */
import * as Zlib from "node:zlib"
import { CloseCode } from "./CloseCode.ts"
import type { ByteString } from "./Frame.ts"
import * as Frame from "./Frame.ts"
import type { Message } from "./Message.ts"
import type { PreparedMessage } from "./PreparedMessage.ts"

/** How messages are compressed, where both sides speak permessage-deflate. */
export interface CompressionOptions {
  /** Messages of fewer bytes are not compressed: little is gained, and it costs 10 us. By default 1,024. */
  readonly threshold?: number
  /** zlib's level, 1 (fast) to 9 (small). By default 6. */
  readonly level?: number
  /**
   * Whether messages may refer to those before: smaller, for 32 KiB a connection and side, and what is sent to many is
   * compressed for each of them. By default `false`.
   */
  readonly contextTakeover?: boolean
  /** How many bytes a message may inflate to for each that came, beyond its first 64 KiB. By default 250. */
  readonly maxRatio?: number
}

/** How one side compresses. */
export interface Side {
  /** Whether its messages may refer to those before. */
  readonly contextTakeover: boolean
  /** They refer to at most 2 to the power of this many bytes before: 8 to 15. */
  readonly windowBits: number
}

/** The parameters that both sides agreed on. */
export interface Agreement {
  readonly own: Side
  readonly peer: Side
}

/** Why a message can't be inflated: the close code and the reason. */
export interface Broken {
  readonly code: number
  readonly reason: string
}

const defaults = { threshold: 1024, level: 6, contextTakeover: false, maxRatio: 250 }

/** Bytes that any message may inflate to, however few came. */
const FREE = 64 * 1024

/** The bytes at the end of each compressed message, which are not sent. */
const tail = Buffer.of(0, 0, 0xff, 0xff)

export class PerMessageDeflate {
  readonly #agreement: Agreement
  readonly #options: Required<CompressionOptions>
  #sent: Buffer | undefined = undefined
  #received: Buffer | undefined = undefined
  /** Frames of messages that go to many connections; `undefined` where compression gains nothing. */
  readonly #prepared = new WeakMap<PreparedMessage, ByteString | undefined>()

  constructor(agreement: Agreement, options: CompressionOptions = {}) {
    this.#agreement = agreement
    this.#options = { ...defaults, ...options }
  }

  /** Whether many connections may share it: nothing is kept from one message to the next. */
  static isShareable({ own, peer }: Agreement): boolean {
    return !own.contextTakeover && !peer.contextTakeover
  }

  /** The compressed payload of a message; `undefined` where that gains nothing. */
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

  /** The frame of a message that goes to many connections, as a server sends it; compressed once for all that share this. */
  frameOf(prepared: PreparedMessage): ByteString {
    if (this.#prepared.has(prepared)) return this.#prepared.get(prepared) ?? prepared.frame
    const payload = this.deflate(prepared.message)
    const frame = payload === undefined ? undefined : Frame.ofCompressed(typeof prepared.message === "string", payload)
    if (PerMessageDeflate.isShareable(this.#agreement)) this.#prepared.set(prepared, frame)
    return frame ?? prepared.frame
  }

  /** Inflates a compressed payload of the peer, to at most `maxPayload` bytes. */
  inflate(payload: Uint8Array, maxPayload: number): Buffer | Broken {
    const { contextTakeover } = this.#agreement.peer
    const byRatio = FREE + payload.length * this.#options.maxRatio
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
      if (!isTooLarge(error)) return { code: CloseCode.InvalidPayload, reason: "the compressed data is broken" }
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

const tooLarge = (maxPayload: number): Broken => ({
  code: CloseCode.TooBig,
  reason: `a message may have at most ${maxPayload} bytes`
})

const isTooLarge = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE"
