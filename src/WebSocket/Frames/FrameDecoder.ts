/**
 * Decodes the frames of one connection (RFC 6455, section 5) from chunks of bytes as they arrive.
 *
 * A whole, short, unfragmented frame inside a chunk, which is nearly every frame of a chatty connection, is decoded
 * in place. What is incomplete is gathered in a buffer that grows with what really arrived, never by what a header
 * promises alone, so that a peer pays for the memory it takes. Text that does not come at once is checked as it comes.
 */
import { constants, isUtf8 } from "node:buffer"
import { CloseCode, isValidCloseCode } from "./CloseCode.ts"
import { detach } from "./Detach.ts"
import { COMPRESSED, Opcode, SHORT } from "./Frame.ts"
import { bitsOf, unmask } from "./Mask.ts"
import type { Message } from "./Message.ts"
import type { PerMessageDeflate } from "./PerMessageDeflate.ts"
import { Utf8Validator } from "./Utf8Validator.ts"

export interface DecoderOptions {
  /** Whether frames must be masked (what a client sends) or must not be (what a server sends). */
  readonly masked: boolean
  /** The most bytes that a message may have. */
  readonly maxPayload: number
  /** The most frames that a message may come in. */
  readonly maxFragments: number
  /** With it messages may be compressed. */
  readonly compression?: Pick<PerMessageDeflate, "inflate">
}

/** What the frames of a connection are for. After `onViolation` and `onCloseFrame` nothing more is decoded. */
export interface FrameSink {
  readonly onMessage: (message: Message) => void
  /** A frame of a message came that is not the last. */
  readonly onFragment: () => void
  readonly onPing: (payload: Uint8Array) => void
  readonly onPong: (payload: Uint8Array) => void
  /** `code` is 1005 where the frame has none. */
  readonly onCloseFrame: (code: number, reason: string) => void
  /** The peer broke the protocol: `code` is the close code to answer with. */
  readonly onViolation: (code: number, reason: string) => void
}

/** JavaScript has no longer strings, whatever `maxPayload` is. A text has at most as many characters as bytes. */
const MAX_TEXT = constants.MAX_STRING_LENGTH

const FIN = 0x80
const RESERVED = 0x70
const MASKED = 0x80

export class FrameDecoder {
  readonly #options: DecoderOptions
  readonly #sink: FrameSink
  #ended = false
  /** Bytes of a frame that is not complete, and how many of them are filled. */
  #partial: Buffer | undefined = undefined
  #filled = 0
  /** Bytes of its payload that are unmasked and checked already. */
  #ahead = 0
  /** Payloads of a message whose last frame has not come. */
  #message: Buffer | undefined = undefined
  #messageLength = 0
  #messageOpcode = 0
  #fragments = 0
  /** Knows the text of which a part has come. */
  #utf8: Utf8Validator | undefined = undefined

  constructor(options: DecoderOptions, sink: FrameSink) {
    this.#options = options
    this.#sink = sink
  }

  /** Decodes what `chunk` completes. The chunk's bytes are changed (unmasked in place) and kept only until return. */
  push(chunk: Buffer): void {
    let at = 0
    if (this.#partial !== undefined) at = this.#complete(chunk)
    const end = chunk.length
    while (at < end && !this.#ended) {
      const length = this.#frameLength(chunk, at, end)
      if (length < 0) return
      if (length === 0 || at + length > end) {
        this.#keep(chunk, at, end)
        if (length > 0) this.#lookAhead(this.#partial!)
        return
      }
      this.#frame(chunk, at, at + length, 0, false)
      at += length
    }
  }

  /** Whether a message, or a frame, was begun and is not finished. */
  get isUnfinished(): boolean {
    return this.#partial !== undefined || this.#fragments > 0
  }

  /** Bytes of memory that it holds for what is not finished. */
  get held(): number {
    return (this.#partial?.length ?? 0) + (this.#message?.length ?? 0)
  }

  /** Bytes that are to come of the frame that was begun; 0 while that is not known. */
  get missing(): number {
    if (this.#partial === undefined) return 0
    return Math.max(0, this.#frameLength(this.#partial, 0, this.#filled) - this.#filled)
  }

  /** Decodes nothing more. */
  end(): void {
    this.#ended = true
    if (this.#partial !== undefined) detach(this.#partial)
    if (this.#message !== undefined) detach(this.#message)
    this.#partial = this.#message = this.#utf8 = undefined
    this.#messageLength = this.#fragments = 0
  }

  /** Bytes of the frame at `at`, header included; 0 while its header is incomplete; -1 after a violation. */
  #frameLength(bytes: Buffer, at: number, end: number): number {
    if (end - at < 2) return 0
    const first = bytes[at]!
    const second = bytes[at + 1]!
    if ((first & RESERVED) !== 0 && !this.#mayBeCompressed(first))
      return this.#violation(CloseCode.ProtocolError, "reserved bits must be 0")
    if (((second & MASKED) !== 0) !== this.#options.masked)
      return this.#violation(
        CloseCode.ProtocolError,
        this.#options.masked ? "frames must be masked" : "frames must not be masked"
      )
    const short = second & 0x7f
    const key = this.#options.masked ? 4 : 0
    const opcode = first & 0x0f
    if (opcode >= Opcode.Close) {
      if (opcode > Opcode.Pong) return this.#violation(CloseCode.ProtocolError, `unknown opcode ${opcode}`)
      if ((first & FIN) === 0 || short > SHORT)
        return this.#violation(CloseCode.ProtocolError, "a control frame must be whole and of at most 125 bytes")
      return 2 + key + short
    }
    if (opcode > Opcode.Binary) return this.#violation(CloseCode.ProtocolError, `unknown opcode ${opcode}`)
    if ((opcode === Opcode.Continuation) !== this.#fragments > 0)
      return this.#violation(
        CloseCode.ProtocolError,
        opcode === Opcode.Continuation ? "nothing to continue" : "the message before must be finished"
      )
    if (this.#fragments > 0 && this.#fragments >= this.#options.maxFragments)
      return this.#violation(
        CloseCode.PolicyViolation,
        `a message may have at most ${this.#options.maxFragments} fragments`
      )
    let length = short
    let header = 2 + key
    if (short === 126) {
      if (end - at < 4) return 0
      length = bytes.readUInt16BE(at + 2)
      header += 2
    } else if (short === 127) {
      if (end - at < 10) return 0
      length = bytes.readUInt32BE(at + 2) * 0x100000000 + bytes.readUInt32BE(at + 6)
      header += 8
    }
    const limit = this.#mostOf(opcode === Opcode.Continuation ? this.#messageOpcode : opcode)
    if (length + this.#messageLength > limit)
      return this.#violation(CloseCode.TooBig, `a message may have at most ${limit} bytes`)
    return header + length
  }

  /** The most bytes of a message that begins with this opcode. */
  #mostOf(opcode: number): number {
    const { maxPayload } = this.#options
    return (opcode & 0x0f) === Opcode.Text ? Math.min(maxPayload, MAX_TEXT) : maxPayload
  }

  /** Whether reserved bits say that a message is compressed, on its first frame. */
  #mayBeCompressed(first: number): boolean {
    const opcode = first & 0x0f
    const isFirst = opcode === Opcode.Text || opcode === Opcode.Binary
    return this.#options.compression !== undefined && isFirst && (first & RESERVED) === COMPRESSED
  }

  /** Keeps the incomplete frame of `bytes[at, end)`. */
  #keep(bytes: Buffer, at: number, end: number): void {
    this.#partial = Buffer.allocUnsafeSlow(Math.max(32, end - at))
    this.#filled = bytes.copy(this.#partial, 0, at, end)
  }

  /** Adds what `chunk` has of the incomplete frame, handles it if complete; gives where the next frame starts. */
  #complete(chunk: Buffer): number {
    let at = 0
    while (this.#partial !== undefined && !this.#ended) {
      const length = this.#frameLength(this.#partial, 0, this.#filled)
      if (length < 0) return at
      // While the header is incomplete a byte more may complete it: at most 14 rounds.
      const need = length === 0 ? this.#filled + 1 : length
      const take = Math.min(need - this.#filled, chunk.length - at)
      if (take > 0) {
        const filled = this.#filled + take
        this.#partial = grown(this.#partial, this.#filled, filled * IN_FULL < need ? filled : need, need)
        chunk.copy(this.#partial, this.#filled, at, at + take)
        this.#filled += take
        at += take
      }
      if (length > 0 && this.#filled === length) {
        const frame = this.#partial
        const ahead = this.#ahead
        this.#partial = undefined
        this.#ahead = 0
        this.#frame(frame, 0, length, ahead, true)
      } else if (at === chunk.length && length !== 0) {
        this.#lookAhead(this.#partial)
        return at
      } else if (take === 0) return at
    }
    return at
  }

  /** Unmasks and checks what is there of an incomplete frame of text: wrong text need not come to its end. */
  #lookAhead(frame: Buffer): void {
    const opcode = frame[0]! & (COMPRESSED | 0x0f)
    const isText = opcode === Opcode.Text || (opcode === Opcode.Continuation && this.#messageOpcode === Opcode.Text)
    const start = this.#payloadAt(frame, 0)
    const from = start + this.#ahead
    if (!isText || from >= this.#filled) return
    if (this.#options.masked) unmask(frame, start - 4, from, this.#filled, this.#ahead)
    this.#ahead = this.#filled - start
    this.#isText(frame, from, this.#filled, false)
  }

  /** Where the payload of the frame at `at` begins. */
  #payloadAt(bytes: Buffer, at: number): number {
    const short = bytes[at + 1]! & 0x7f
    return at + (short === 126 ? 4 : short === 127 ? 10 : 2) + (this.#options.masked ? 4 : 0)
  }

  /**
   * Handles the whole frame in `bytes[at, end)`, whose header was checked, as were `ahead` bytes of its payload. `isOwn`: the
   * bytes are of this frame only, and stay.
   */
  #frame(bytes: Buffer, at: number, end: number, ahead: number, isOwn: boolean): void {
    const first = bytes[at]!
    const start = this.#payloadAt(bytes, at)
    const opcode = first & 0x0f
    let high = 0x80
    if (this.#options.masked) high = unmask(bytes, start - 4, start + ahead, end, ahead)
    else if (end - start <= SHORT) high = bitsOf(bytes, start, end)
    if (opcode >= Opcode.Close) return this.#control(opcode, bytes.subarray(start, end))
    if ((first & FIN) === 0 || opcode === Opcode.Continuation)
      return this.#fragment(first & (COMPRESSED | 0x0f), (first & FIN) !== 0, bytes, start, end, ahead)
    if ((first & COMPRESSED) !== 0) return this.#inflate(opcode === Opcode.Text, bytes.subarray(start, end))
    if (opcode === Opcode.Binary)
      return this.#sink.onMessage(isOwn ? bytes.subarray(start, end) : copyOf(bytes, start, end))
    // Nearly every message is this: ASCII in one piece.
    if (ahead === 0 && high < 0x80) return this.#sink.onMessage(bytes.toString("latin1", start, end))
    if (this.#isText(bytes, start + ahead, end, true)) this.#sink.onMessage(bytes.toString("utf8", start, end))
  }

  /** Checks the next part of a text message; `last`: also that it ends with a character. */
  #isText(bytes: Buffer, start: number, end: number, last: boolean): boolean {
    const validator = this.#utf8
    let isValid: boolean
    if (validator === undefined && last) isValid = isUtf8(bytes.subarray(start, end))
    else {
      this.#utf8 ??= new Utf8Validator()
      isValid = this.#utf8.push(bytes, start, end) && (!last || this.#utf8.isComplete)
      if (last) this.#utf8 = undefined
    }
    if (!isValid) this.#violation(CloseCode.InvalidPayload, "text must be UTF-8")
    return isValid
  }

  #fragment(opcode: number, last: boolean, bytes: Buffer, start: number, end: number, ahead: number): void {
    if (opcode !== Opcode.Continuation) this.#messageOpcode = opcode
    const isText = this.#messageOpcode === Opcode.Text
    if (isText && !this.#isText(bytes, start + ahead, end, last)) return
    const filled = this.#messageLength
    const total = filled + end - start
    this.#message ??= Buffer.allocUnsafeSlow(end - start)
    this.#message = grown(this.#message, filled, total, this.#options.maxPayload)
    bytes.copy(this.#message, filled, start, end)
    this.#messageLength = total
    this.#fragments++
    if (!last) return this.#sink.onFragment()
    const message = this.#message
    this.#message = undefined
    this.#messageLength = this.#fragments = 0
    if ((this.#messageOpcode & COMPRESSED) !== 0)
      return this.#inflate((this.#messageOpcode & 0x0f) === Opcode.Text, message.subarray(0, total))
    this.#sink.onMessage(isText ? message.toString("utf8", 0, total) : message.subarray(0, total))
  }

  #inflate(isText: boolean, payload: Buffer): void {
    const most = this.#mostOf(isText ? Opcode.Text : Opcode.Binary)
    const inflated = this.#options.compression!.inflate(payload, most)
    if (!Buffer.isBuffer(inflated)) this.#violation(inflated.code, inflated.reason)
    else if (!isText) this.#sink.onMessage(inflated)
    else if (this.#isText(inflated, 0, inflated.length, true)) this.#sink.onMessage(inflated.toString())
  }

  #control(opcode: number, payload: Buffer): void {
    if (opcode === Opcode.Ping) return this.#sink.onPing(payload)
    if (opcode === Opcode.Pong) return this.#sink.onPong(payload)
    if (payload.length === 0) {
      this.end()
      return this.#sink.onCloseFrame(CloseCode.NoStatus, "")
    }
    const code = payload.length === 1 ? 0 : payload.readUInt16BE(0)
    if (!isValidCloseCode(code)) this.#violation(CloseCode.ProtocolError, `invalid close code ${code}`)
    else if (!isUtf8(payload.subarray(2))) this.#violation(CloseCode.InvalidPayload, "a reason must be UTF-8")
    else {
      this.end()
      this.#sink.onCloseFrame(code, payload.toString("utf8", 2))
    }
  }

  #violation(code: number, reason: string): -1 {
    this.end()
    this.#sink.onViolation(code, reason)
    return -1
  }
}

/** A binary message outlives the chunk it came in. */
const copyOf = (bytes: Buffer, start: number, end: number): Uint8Array =>
  Uint8Array.prototype.slice.call(bytes, start, end)

/**
 * A frame has all its room when a sixteenth of it has come: that leaves less garbage than a buffer that grows to the end, and
 * what is counted for the peer, who may be given up, is ahead of what takes memory.
 */
const IN_FULL = 16

/**
 * `bytes` with room for `size`, four times as large as it grows, up to `most`: adding byte by byte stays linear, and the
 * smaller ones, which are garbage then, are a third of the last.
 */
const grown = (bytes: Buffer, filled: number, size: number, most: number): Buffer => {
  if (size <= bytes.length) return bytes
  const larger = Buffer.allocUnsafeSlow(Math.max(size, Math.min(bytes.length * 4, most)))
  bytes.copy(larger, 0, 0, filled)
  detach(bytes)
  return larger
}
