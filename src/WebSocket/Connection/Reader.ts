/**
 * Reads one connection: decodes its bytes, counts the messages and hands them on. It stops reading its socket
 * for a handler that does not take what comes, and for a peer that sends too fast; the kernel then slows the peer.
 */
import type { Socket } from "node:net"
import { FrameDecoder, type FrameSink } from "../Frames/FrameDecoder.ts"
import type { Message } from "../Frames/Message.ts"
import type { ConnectionContext, ConnectionOptions } from "./ConnectionContext.ts"
import { TokenBucket } from "./TokenBucket.ts"

/** Whose reader it is. */
export interface ReaderOwner {
  readonly isOpen: boolean
  readonly answerPing: (payload: Uint8Array) => void
  readonly hearPong: (payload: Uint8Array) => void
  /** The peer's close frame has come: nothing more will. */
  readonly peerClosed: (code: number, reason: string) => void
  /** The peer broke the protocol: what follows can't be read. */
  readonly peerViolated: (code: number, reason: string) => void
  /** What is held changed. */
  readonly weigh: () => void
  /** What came can't be decoded. */
  readonly fail: (error: unknown) => void
}

/** Why a socket is not read, as bits. */
export const Hold = {
  /** The handler asked for it. */
  Handler: 1,
  /** The peer sends too fast. */
  Rate: 2,
  /** Others come first: what it sends takes long to decode. */
  Turn: 4
} as const

/** Bytes behind the frame that a peer was sending when it was given up: enough for its close frame. */
const FAREWELL = 64 * 1024

/** Milliseconds that a fast peer is not read, at least: timers are not for shorter times. */
const MIN_HOLD = 10

export class Reader<C extends ReaderOwner> implements FrameSink {
  readonly #context: ConnectionContext<C>
  readonly #socket: Socket
  readonly #owner: C
  readonly #options: ConnectionOptions
  readonly #decoder: FrameDecoder
  /** Made with the first message: many connections are only held. */
  #bucket: TokenBucket | undefined = undefined
  #held = 0
  /** Whether the peer has begun a message, which is to be finished in time. */
  #isTimed = false
  /** What came and waits for a turn of its own. */
  #later: Buffer | undefined = undefined
  /** Bytes that are still read of a peer that was given up, to find its end. */
  #unheard: number | undefined = undefined

  constructor(socket: Socket, context: ConnectionContext<C>, owner: C, options: ConnectionOptions) {
    this.#socket = socket
    this.#context = context
    this.#owner = owner
    this.#options = options
    this.#decoder = new FrameDecoder(options, this)
  }

  /** Whether the socket is not read. */
  get isHeld(): boolean {
    return this.#held !== 0
  }

  /** Bytes that it holds, of messages that are not finished or not decoded. */
  get kept(): number {
    return this.#decoder.held + (this.#later?.length ?? 0)
  }

  /** Handles the bytes of the peer that come before `end`. */
  push(bytes: Buffer, end: number): void {
    const { traffic } = this.#context
    traffic.bytesReceived += end
    if (this.#unheard !== undefined) return this.#pass(end)
    // What may be compressed may take long.
    if (this.#options.compression === undefined) this.#decode(bytes, end)
    else this.#decodeInTurn(bytes, end)
  }

  /** Decodes when it is its turn; until then the socket is not read. */
  #decodeInTurn(bytes: Buffer, end: number): void {
    const { turns } = this.#context
    // A socket that is closing is read all the same: what comes then comes after what waits.
    if (this.#later !== undefined) this.#later = Buffer.concat([this.#later, bytes.subarray(0, end)])
    else if (!turns.isSpent) turns.spend(() => this.#decode(bytes, end))
    else {
      this.#later = Buffer.from(bytes.subarray(0, end))
      this.hold(Hold.Turn)
      turns.wait(() => this.#decodeLater())
    }
    if (this.#later !== undefined) this.#owner.weigh()
  }

  #decodeLater(): void {
    const bytes = this.#later
    // It has ended, or was given up.
    if (bytes === undefined) return
    this.#later = undefined
    this.#decode(bytes, bytes.length)
    this.release(Hold.Turn)
    this.#owner.weigh()
  }

  #decode(bytes: Buffer, end: number): void {
    try {
      this.#decodeAll(bytes, end)
    } catch (error) {
      // There is no memory for what the peer sends, say. Others go on.
      this.end()
      this.#owner.fail(error)
    }
  }

  #decodeAll(bytes: Buffer, end: number): void {
    const { traffic } = this.#context
    const before = traffic.messagesReceived
    this.#decoder.push(bytes, end)
    if (this.#isTimed || this.#decoder.isUnfinished) {
      this.#time(traffic.messagesReceived > before)
      this.#owner.weigh()
    }
    if (this.#bucket?.isOverdrawn === true) this.#throttle(this.#bucket)
  }

  /** Stops reading, for one of the reasons of `Hold`. */
  hold(why: number): void {
    if (this.#held === 0) {
      this.#context.unread.add(this.#owner)
      // What it sends is not seen: that the message is not finished is not its fault.
      if (this.#isTimed) this.#context.unfinished.delete(this.#owner)
      this.#socket.pause()
    }
    this.#held |= why
  }

  /** Reads again, unless there is another reason not to. */
  release(why: number): void {
    if (this.#held === 0) return
    this.#held &= ~why
    if (this.#held !== 0) return
    this.#context.unread.delete(this.#owner)
    if (this.#socket.destroyed) return
    if (this.#isTimed) this.#context.unfinished.add(this.#owner)
    this.#socket.resume()
  }

  /** Reads again, for whatever reason it did not. */
  releaseAll(): void {
    this.release(this.#held)
  }

  /** Decodes nothing more. */
  end(): void {
    this.#later = undefined
    this.#decoder.end()
  }

  /** Decodes nothing more, and soon reads nothing more: a peer that goes on sending is not worth the work. */
  giveUp(): void {
    this.#unheard ??= this.#decoder.missing + FAREWELL
    this.end()
  }

  onMessage(message: Message): void {
    this.#count()
    this.#context.traffic.messagesReceived++
    if (this.#owner.isOpen) this.#context.receive(this.#owner, message)
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
    this.#owner.peerClosed(code, reason)
  }

  onViolation(code: number, reason: string): void {
    this.#owner.peerViolated(code, reason)
  }

  /** Counts what a peer sends only so often in a second. */
  #count(): void {
    const { maxRate } = this.#options
    if (maxRate === undefined) return
    this.#bucket ??= new TokenBucket(maxRate, this.#context.timer.now())
    this.#bucket.take()
  }

  /** Reads over so many bytes of a peer that was given up. */
  #pass(bytes: number): void {
    this.#unheard = Math.max(0, (this.#unheard ?? 0) - bytes)
    if (this.#unheard === 0) this.#socket.pause()
  }

  /** Does not read a peer that sent more than it may, until it would have been allowed to. */
  #throttle(bucket: TokenBucket): void {
    const wait = bucket.fill(this.#context.timer.now())
    if (wait === 0 || !this.#owner.isOpen) return
    this.hold(Hold.Rate)
    this.#context.timer.after(Math.max(MIN_HOLD, wait), () => this.release(Hold.Rate))
  }

  /** Begins or ends the time in which a message must be finished; `isNew`: others have ended before it. */
  #time(isNew: boolean): void {
    const { unfinished } = this.#context
    if (isNew || !this.#decoder.isUnfinished) unfinished.delete(this.#owner)
    this.#isTimed = this.#decoder.isUnfinished
    if (this.#isTimed && this.#held === 0) unfinished.add(this.#owner)
  }
}
