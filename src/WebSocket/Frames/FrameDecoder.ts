/**
 * Decodes the frames of one connection (RFC 6455, section 5) from bytes as they arrive.
 *
 * A whole, short, unfragmented frame is decoded in place; nearly all frames of a busy connection are such. An
 * incomplete frame is kept in an object of its own, which idle connections do not have. Text that arrives in parts is
 * checked as it arrives.
 */
import { isUtf8 } from "node:buffer"
import { type Close, CloseCode, isValidCloseCode } from "./CloseCode.ts"
import { COMPRESSED, Opcode, SHORT } from "./Frame.ts"
import * as FrameHeader from "./FrameHeader.ts"
import { bitsOf, unmask } from "./Mask.ts"
import type { Message } from "./Message.ts"
import type { PerMessageDeflate } from "./PerMessageDeflate.ts"
import { PartialFrame, PartialMessage } from "./Reassembly.ts"
import { Utf8Validator } from "./Utf8Validator.ts"

export interface DecoderOptions extends FrameHeader.FrameRules {
  /** If given, messages may be compressed. */
  readonly compression?: Pick<PerMessageDeflate, "inflate">
}

/** Receives what the frames of a connection contain. After `onViolation` and `onCloseFrame` nothing more is decoded. */
export interface FrameSink {
  readonly onMessage: (message: Message) => void
  /** A text message of ASCII in one frame came: `bytes` from `start` to `end`, which are valid only during the call. */
  readonly onAscii: (bytes: Buffer, start: number, end: number) => void
  /** A frame of a message came, and it is not the last one. */
  readonly onFragment: () => void
  readonly onPing: (payload: Uint8Array) => void
  readonly onPong: (payload: Uint8Array) => void
  /** `code` is 1005 if the close frame has no code. */
  readonly onCloseFrame: (code: number, reason: string) => void
  /** The peer broke the protocol: `code` is the close code to answer with. */
  readonly onViolation: (code: number, reason: string) => void
  /** Memory was taken or freed for a frame or message that is not finished: the difference in bytes. */
  readonly onRetained: (bytes: number) => void
}

const invalidText: Close = { code: CloseCode.InvalidPayload, reason: "text must be UTF-8" }

export class FrameDecoder {
  readonly #options: DecoderOptions
  readonly #sink: FrameSink
  #ended = false
  /** Whether the present `push` decodes no further frame. */
  #isStopped = false
  #partial: PartialFrame | undefined = undefined
  #message: PartialMessage | undefined = undefined
  /** Checks the text of which a part has come. */
  #utf8: Utf8Validator | undefined = undefined

  constructor(options: DecoderOptions, sink: FrameSink) {
    this.#options = options
    this.#sink = sink
  }

  /**
   * Decodes the frames that the bytes before `end` complete. The bytes are unmasked in place, and not used after the
   * call returns. Returns where it stopped: at `end`, unless `stop` was called.
   */
  push(bytes: Buffer, end: number = bytes.length): number {
    let at = 0
    this.#isStopped = this.#ended
    if (this.#partial !== undefined) at = this.#complete(this.#partial, bytes, end)
    while (at < end && !this.#isStopped) {
      const length = FrameHeader.lengthOf(bytes, at, end, this.#options, this.#message)
      if (typeof length !== "number") {
        this.#violate(length)
        return end
      }
      if (length === 0 || at + length > end) {
        this.#partial = new PartialFrame(this.#sink, bytes, at, end)
        if (length > 0) this.#checkArrived(this.#partial)
        return end
      }
      this.#frame(bytes, at, at + length, 0, false)
      at += length
    }
    return this.#ended ? end : at
  }

  /** Called within `push`: the frames that follow are not decoded now. */
  stop(): void {
    this.#isStopped = true
  }

  get isUnfinished(): boolean {
    return this.#partial !== undefined || this.#message !== undefined
  }

  /** Bytes that are still missing of the incomplete frame; 0 if its length is not known yet. */
  get missing(): number {
    const partial = this.#partial
    if (partial === undefined) return 0
    const length = this.#lengthOf(partial)
    return typeof length === "number" ? Math.max(0, length - partial.length) : 0
  }

  /** Decodes nothing more. */
  end(): void {
    this.#ended = this.#isStopped = true
    const parts = [this.#partial, this.#message]
    this.#partial = this.#message = this.#utf8 = undefined
    for (const part of parts) part?.free()
  }

  #lengthOf(partial: PartialFrame): number | Close {
    return FrameHeader.lengthOf(partial.bytes, 0, partial.length, this.#options, this.#message)
  }

  /** Adds bytes to the incomplete frame, and handles it when it is complete. Returns where the next one begins. */
  #complete(partial: PartialFrame, bytes: Buffer, end: number): number {
    let at = 0
    for (;;) {
      const length = this.#lengthOf(partial)
      if (typeof length !== "number") {
        this.#violate(length)
        return at
      }
      // While the header is incomplete, bytes are added one by one: at most 14 rounds.
      if (length === 0 && at === end) return at
      const need = length === 0 ? partial.length + 1 : length
      const next = Math.min(end, at + need - partial.length)
      partial.add(bytes, at, next, need)
      at = next
      if (length === 0) continue
      if (partial.length === length) {
        this.#partial = undefined
        partial.leave()
        this.#frame(partial.bytes, 0, length, partial.ahead, true)
      } else this.#checkArrived(partial)
      return at
    }
  }

  /** Unmasks and checks the part of a text frame that has come, so that invalid text is refused before its end. */
  #checkArrived(partial: PartialFrame): void {
    const { bytes, length } = partial
    const kind = bytes[0]! & (COMPRESSED | 0x0f)
    const isText = kind === Opcode.Text || (kind === Opcode.Continuation && this.#message?.kind === Opcode.Text)
    const start = FrameHeader.payloadAt(bytes, 0, this.#options)
    const from = start + partial.ahead
    if (!isText || from >= length) return
    if (this.#options.masked) unmask(bytes, start - 4, from, length, partial.ahead)
    partial.ahead = length - start
    this.#isText(bytes, from, length, false)
  }

  /**
   * Handles the whole frame in `bytes[at, end)`. Its header was checked, and `ahead` bytes of its payload were unmasked
   * and checked. `isOwn`: the bytes belong to this frame alone, so they need no copy.
   */
  #frame(bytes: Buffer, at: number, end: number, ahead: number, isOwn: boolean): void {
    const first = bytes[at]!
    const start = FrameHeader.payloadAt(bytes, at, this.#options)
    const opcode = first & 0x0f
    let high = 0x80
    if (this.#options.masked) high = unmask(bytes, start - 4, start + ahead, end, ahead)
    else if (end - start <= SHORT) high = bitsOf(bytes, start, end)
    if (opcode >= Opcode.Close) return this.#control(opcode, bytes.subarray(start, end))
    if ((first & FrameHeader.FIN) === 0 || opcode === Opcode.Continuation)
      return this.#fragment(first, bytes, start, end, ahead)
    if ((first & COMPRESSED) !== 0) return this.#inflate(opcode, bytes.subarray(start, end))
    if (opcode === Opcode.Binary)
      return this.#sink.onMessage(isOwn ? bytes.subarray(start, end) : copyOf(bytes, start, end))
    // Nearly all messages are ASCII in one frame.
    if (ahead === 0 && high < 0x80) return this.#sink.onAscii(bytes, start, end)
    if (this.#isText(bytes, start + ahead, end, true)) this.#sink.onMessage(bytes.toString("utf8", start, end))
  }

  /** Checks the next part of a text message. `last`: it must also end with a whole character. */
  #isText(bytes: Buffer, start: number, end: number, last: boolean): boolean {
    const validator = this.#utf8
    let isValid: boolean
    if (validator === undefined && last) isValid = isUtf8(bytes.subarray(start, end))
    else {
      this.#utf8 ??= new Utf8Validator()
      isValid = this.#utf8.push(bytes, start, end) && (!last || this.#utf8.isComplete)
      if (last) this.#utf8 = undefined
    }
    if (!isValid) this.#violate(invalidText)
    return isValid
  }

  #fragment(first: number, bytes: Buffer, start: number, end: number, ahead: number): void {
    const isLast = (first & FrameHeader.FIN) !== 0
    const kind = this.#message?.kind ?? first & (COMPRESSED | 0x0f)
    if (kind === Opcode.Text && !this.#isText(bytes, start + ahead, end, isLast)) return
    this.#message ??= new PartialMessage(this.#sink, kind, end - start)
    this.#message.add(bytes, start, end, this.#options.maxPayload)
    if (!isLast) return this.#sink.onFragment()
    const { payload } = this.#message
    this.#message.leave()
    this.#message = undefined
    if ((kind & COMPRESSED) !== 0) this.#inflate(kind, payload)
    else this.#sink.onMessage(kind === Opcode.Text ? payload.toString() : payload)
  }

  #inflate(kind: number, payload: Buffer): void {
    const inflated = this.#options.compression!.inflate(payload, FrameHeader.mostOf(kind, this.#options))
    if (!Buffer.isBuffer(inflated)) this.#violate(inflated)
    else if (!FrameHeader.isText(kind)) this.#sink.onMessage(inflated)
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
    if (!isValidCloseCode(code)) this.#violate({ code: CloseCode.ProtocolError, reason: `invalid close code ${code}` })
    else if (!isUtf8(payload.subarray(2)))
      this.#violate({ code: CloseCode.InvalidPayload, reason: "the close reason must be UTF-8" })
    else {
      this.end()
      this.#sink.onCloseFrame(code, payload.toString("utf8", 2))
    }
  }

  #violate({ code, reason }: Close): void {
    this.end()
    this.#sink.onViolation(code, reason)
  }
}

/** Copied, because a binary message outlives the chunk in which it came. */
const copyOf = (bytes: Buffer, start: number, end: number): Uint8Array =>
  Uint8Array.prototype.slice.call(bytes, start, end)
