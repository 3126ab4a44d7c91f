/**
 * Reads one connection: decodes its bytes, counts its messages and hands them on. It pauses its socket (`Pauses`) while too
 * many messages wait for the handler, and while the peer sends too fast. TCP then slows the peer.
 *
 * What is read and not handled yet is in the account of the connection: bytes that wait to be decoded, frames and messages
 * that are not finished, and messages until the handler has taken them. When these are too many, decoding stops in the
 * middle of what was read, because a few compressed bytes may become many.
 */
import type { Socket } from "node:net"
import { free } from "../Frames/Detach.ts"
import { FrameDecoder, type FrameSink } from "../Frames/FrameDecoder.ts"
import type { Message } from "../Frames/Message.ts"
import type { ClosingHandshake } from "./ClosingHandshake.ts"
import type { ConnectionContext, ConnectionOptions } from "./ConnectionContext.ts"
import type { Handler } from "./Handler.ts"
import type { MemoryAccount } from "./MemoryBudget.ts"
import { Pause, Pauses } from "./Pauses.ts"
import { TokenBucket } from "./TokenBucket.ts"

export interface ReaderOwner {
  readonly isOpen: boolean
  /** Counts what is read and not handled yet. */
  readonly account: MemoryAccount
  readonly answerPing: (payload: Uint8Array) => void
  readonly hearPong: (payload: Uint8Array) => void
  readonly closing: Pick<ClosingHandshake, "peerClosed" | "peerViolated">
  /** The received bytes can't be decoded, because this side failed. */
  readonly fail: (error: unknown) => void
}

/** Bytes of messages that a handler may keep. With more, reading is paused until half of them are taken. */
const MAX_WAITING = 64 * 1024

/** Bytes of messages that may be decoded before the handler gets the first of them. */
const MAX_DECODED = 256 * 1024

/** Bytes that a message takes in addition to its content. */
const OVERHEAD = 64

/** Bytes to read after the unfinished frame of a peer that was given up: enough to reach its close frame. */
const CLOSE_FRAME_ROOM = 64 * 1024

export class Reader<C extends ReaderOwner> implements FrameSink {
  readonly #context: ConnectionContext<C>
  readonly #socket: Socket
  readonly #owner: C
  readonly #options: ConnectionOptions
  readonly #decoder: FrameDecoder
  /** Made at the first message, because many connections never send one. */
  #bucket: TokenBucket | undefined = undefined
  /** The handler, if it takes ASCII messages in the read buffer. */
  #inPlace: Handler | undefined = undefined
  #pauses: Pauses<C> | undefined = undefined
  /** Bytes of messages that wait for the handler. */
  #waiting = 0
  #isDecoding = false
  #isGivenUp = false
  /** Bytes that are still read and dropped, to find the end of a peer that was given up. */
  #skipping: number | undefined = undefined

  constructor(socket: Socket, context: ConnectionContext<C>, owner: C, options: ConnectionOptions) {
    this.#socket = socket
    this.#context = context
    this.#owner = owner
    this.#options = options
    this.#decoder = new FrameDecoder(options, this)
  }

  get hasWaiting(): boolean {
    return this.#waiting > 0
  }

  get isPaused(): boolean {
    return this.#pauses?.isPaused === true
  }

  /** Sets the handler of messages. One without `onAscii` gets all of them through the inbox. */
  set handler(handler: Handler | undefined) {
    this.#inPlace = handler?.onAscii === undefined ? undefined : handler
  }

  /** Takes bytes of the peer, up to `end`. */
  push(bytes: Buffer, end: number): void {
    const { traffic, turns } = this.#context
    traffic.bytesReceived += end
    if (this.#skipping !== undefined) return this.#skip(end)
    // A socket that is paused may still have given bytes. They follow those that wait.
    if (this.#pauses?.hasBytes === true) this.#pauses.keep(bytes.subarray(0, end))
    else if (!this.isSlow) this.decode(bytes, end)
    else if (!turns.isSpent) turns.spend(() => this.decode(bytes, end))
    else {
      this.#paused.keep(bytes.subarray(0, end))
      this.#paused.decodeInTurn()
    }
  }

  /** Compressed bytes may take long to decode. */
  get isSlow(): boolean {
    return this.#options.compression !== undefined
  }

  decode(bytes: Buffer, end: number): void {
    this.#isDecoding = true
    try {
      this.#decodeAll(bytes, end)
    } catch (error) {
      // For example, there is no memory for the message. Other connections go on.
      this.end()
      this.#owner.fail(error)
    }
    this.#isDecoding = false
    if (this.#isGivenUp) this.giveUp()
  }

  #decodeAll(bytes: Buffer, end: number): void {
    const { traffic } = this.#context
    const before = traffic.messagesReceived
    const at = this.#decoder.push(bytes, end)
    const { isUnfinished } = this.#decoder
    if (isUnfinished || this.#pauses?.isTimed === true)
      this.#paused.time(isUnfinished, traffic.messagesReceived > before)
    if (at < end) this.#paused.keep(bytes.subarray(at, end))
    if (this.#waiting >= MAX_DECODED && this.#owner.isOpen) this.pause(Pause.Full)
    if (this.#bucket?.isOverdrawn === true) this.#throttle(this.#bucket)
  }

  /** Counts a message of this length that waits for the handler, from when it was decoded until `release`. */
  retain(length: number): void {
    this.#enter(length)
    if (this.#waiting >= MAX_WAITING && this.#owner.isOpen) this.pause(Pause.Full)
  }

  #enter(length: number): void {
    const size = length + OVERHEAD
    this.#waiting += size
    this.#owner.account.add(size)
  }

  release(length: number): void {
    const size = length + OVERHEAD
    this.#waiting -= size
    this.#owner.account.remove(size)
    if (this.#waiting <= MAX_WAITING / 2 && this.#pauses?.has(Pause.Full) === true) this.resume(Pause.Full)
  }

  pause(why: number): void {
    this.#paused.add(why)
  }

  resume(why: number): void {
    this.#pauses?.remove(why)
  }

  get #paused(): Pauses<C> {
    this.#pauses ??= new Pauses(this.#socket, this.#context, this.#owner, this)
    return this.#pauses
  }

  end(): void {
    this.#pauses?.forget()
    this.#decoder.end()
  }

  /** Decodes nothing more, and reads only up to the peer's close frame. */
  giveUp(): void {
    // The frame that is being decoded may be the reason. Its length must be known.
    this.#isGivenUp = this.#isDecoding
    if (this.#isDecoding) return this.#decoder.stop()
    this.#skipping ??= this.#decoder.missing + CLOSE_FRAME_ROOM
    this.end()
  }

  onMessage(message: Message): void {
    this.#count()
    this.#context.traffic.messagesReceived++
    if (!this.#owner.isOpen) return free(message)
    this.#enter(message.length)
    if (this.#waiting >= MAX_DECODED) this.#decoder.stop()
    this.#context.receive(this.#owner, message)
  }

  onRetained(bytes: number): void {
    if (bytes > 0) this.#owner.account.add(bytes)
    else if (bytes < 0) this.#owner.account.remove(-bytes)
  }

  onAscii(bytes: Buffer, start: number, end: number): void {
    const inPlace = this.#inPlace
    // Messages that wait for the handler come first.
    if (inPlace?.onAscii === undefined || this.#waiting > 0) return this.onMessage(bytes.toString("latin1", start, end))
    this.#count()
    this.#context.traffic.messagesReceived++
    if (!this.#owner.isOpen) return
    try {
      inPlace.onAscii(bytes, start, end)
    } catch (error) {
      this.#owner.fail(error)
    }
  }

  onFragment(): void {
    this.#count()
  }

  onPing(payload: Uint8Array): void {
    this.#count()
    this.#owner.answerPing(payload)
  }

  onPong(payload: Uint8Array): void {
    this.#count()
    this.#owner.hearPong(payload)
  }

  onCloseFrame(code: number, reason: string): void {
    this.#owner.closing.peerClosed(code, reason)
  }

  onViolation(code: number, reason: string): void {
    this.#owner.closing.peerViolated(code, reason)
  }

  /** Counts one message, fragment, ping or pong against `maxRate`. */
  #count(): void {
    const { maxRate } = this.#options
    if (maxRate === undefined) return
    this.#bucket ??= new TokenBucket(maxRate, this.#context.timer.now())
    this.#bucket.take()
  }

  /** Drops this many bytes of a peer that was given up. */
  #skip(bytes: number): void {
    this.#skipping = Math.max(0, (this.#skipping ?? 0) - bytes)
    if (this.#skipping === 0) this.#socket.pause()
  }

  /** Pauses a peer that sent more than its rate allows, until the excess is made up for. */
  #throttle(bucket: TokenBucket): void {
    const wait = bucket.fill(this.#context.timer.now())
    if (wait === 0 || !this.#owner.isOpen) return
    this.pause(Pause.Rate)
    this.#context.timer.after(wait, () => this.resume(Pause.Rate))
  }
}
