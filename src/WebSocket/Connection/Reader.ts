/**
 * Reads one connection: decodes its bytes, counts its messages and hands them on. It pauses its socket while too many
 * messages wait for the handler, and while the peer sends too fast. TCP then slows the peer.
 *
 * What is read and not handled yet is in the account of the connection: bytes that wait to be decoded, frames and
 * messages that are not finished, and messages until the handler has taken them. When these are too many, decoding
 * stops in the middle of what was read, because a few compressed bytes may become many.
 */
import type { Socket } from "node:net"
import { FrameDecoder, type FrameSink } from "../Frames/FrameDecoder.ts"
import type { Message } from "../Frames/Message.ts"
import type { ConnectionContext, ConnectionOptions } from "./ConnectionContext.ts"
import type { Handler } from "./Handler.ts"
import type { MemoryAccount } from "./MemoryBudget.ts"
import { TokenBucket } from "./TokenBucket.ts"

/** The owner of a reader. */
export interface ReaderOwner {
  readonly isOpen: boolean
  /** Counts what is read and not handled yet. */
  readonly account: MemoryAccount
  readonly answerPing: (payload: Uint8Array) => void
  readonly hearPong: (payload: Uint8Array) => void
  /** The peer's close frame has come. Nothing follows it. */
  readonly peerClosed: (code: number, reason: string) => void
  /** The peer broke the protocol. What follows can't be read. */
  readonly peerViolated: (code: number, reason: string) => void
  /** The received bytes can't be decoded, because this side failed. */
  readonly fail: (error: unknown) => void
}

/** The reasons to pause a socket, as bits. */
export const Pause = {
  /** The handler asked for it. */
  Handler: 1,
  /** Too many messages wait for the handler. */
  Full: 2,
  /** The peer sends too fast. */
  Rate: 4,
  /** Its messages take long to decode, so other connections come first. */
  Turn: 8
} as const

/** The reasons that have a deadline. The others end by themselves. */
const UNREAD = Pause.Handler | Pause.Full

/**
 * Whether the deadline of an unfinished message stands still, because the peer is not read. A peer that sends too fast has
 * itself to thank, and could keep its message open for ever.
 */
const stopsTime = (pauses: number): boolean => (pauses & ~Pause.Rate) !== 0

/** Bytes of messages that a handler may keep. With more, reading is paused until half of them are taken. */
const MAX_WAITING = 64 * 1024

/** Bytes of messages that may be decoded before the handler gets the first of them. */
const MAX_DECODED = 256 * 1024

/** Bytes that a message takes in addition to its content. */
const OVERHEAD = 64

/** Bytes to read after the unfinished frame of a peer that was given up: enough to reach its close frame. */
const CLOSE_FRAME_ROOM = 64 * 1024

/** The shortest pause of a fast peer, in milliseconds: timers are not precise enough for shorter ones. */
const MIN_PAUSE = 10

/** A handler that takes ASCII messages in the read buffer. */
type InPlace = Required<Pick<Handler, "onAscii">>

const takesInPlace = (handler: Partial<InPlace> | undefined): handler is InPlace => handler?.onAscii !== undefined

export class Reader<C extends ReaderOwner> implements FrameSink {
  readonly #context: ConnectionContext<C>
  readonly #socket: Socket
  readonly #owner: C
  readonly #options: ConnectionOptions
  readonly #decoder: FrameDecoder
  /** Made at the first message, because many connections never send one. */
  #bucket: TokenBucket | undefined = undefined
  #inPlace: InPlace | undefined = undefined
  #pauses = 0
  /** Bytes of messages that wait for the handler. */
  #waiting = 0
  /** Whether the peer has begun a message, which has a deadline. */
  #isTimed = false
  /** Milliseconds that were left of the deadline when reading was paused. */
  #timeLeft: number | undefined = undefined
  /** Bytes that were read and wait to be decoded, while reading is paused. */
  #later: Buffer | undefined = undefined
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

  /** Whether messages that were decoded wait for the handler. */
  get hasWaiting(): boolean {
    return this.#waiting > 0
  }

  /** Whether reading is paused. */
  get isPaused(): boolean {
    return this.#pauses !== 0
  }

  /** Sets the handler of messages. One without `onAscii` gets all of them through the inbox. */
  set handler(handler: Handler | undefined) {
    this.#inPlace = takesInPlace(handler) ? handler : undefined
  }

  /** Takes bytes of the peer, up to `end`. */
  push(bytes: Buffer, end: number): void {
    const { traffic, turns } = this.#context
    traffic.bytesReceived += end
    if (this.#skipping !== undefined) return this.#skip(end)
    // A socket that is paused may still have given bytes. They follow those that wait.
    if (this.#later !== undefined) this.#keep(Buffer.concat([this.#later, bytes.subarray(0, end)]))
    else if (this.#options.compression === undefined) this.#decode(bytes, end)
    // Compressed bytes may take long to decode.
    else if (!turns.isSpent) turns.spend(() => this.#decode(bytes, end))
    else {
      this.#keep(Buffer.from(bytes.subarray(0, end)))
      this.#decodeInTurn()
    }
  }

  /** Keeps bytes to decode them later. */
  #keep(later: Buffer | undefined): void {
    const before = this.#later?.length ?? 0
    this.#later = later
    this.onRetained((later?.length ?? 0) - before)
  }

  #decodeInTurn(): void {
    this.pause(Pause.Turn)
    this.#context.turns.wait(() => {
      this.#unpause(Pause.Turn)
      if (this.#pauses === 0) this.#decodeLater()
    })
  }

  /** Decodes the bytes that wait. Reads on, unless there is a new reason to pause. */
  #decodeLater(): void {
    const later = this.#later
    if (later !== undefined) {
      this.#keep(undefined)
      this.#decode(later, later.length)
    }
    if (this.#pauses === 0) this.#readOn()
  }

  #decode(bytes: Buffer, end: number): void {
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
    if (this.#isTimed || this.#decoder.isUnfinished) this.#time(traffic.messagesReceived > before)
    if (at < end) this.#keep(Buffer.from(bytes.subarray(at, end)))
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

  /** The handler has taken a message. */
  release(length: number): void {
    const size = length + OVERHEAD
    this.#waiting -= size
    this.#owner.account.remove(size)
    if ((this.#pauses & Pause.Full) !== 0 && this.#waiting <= MAX_WAITING / 2) this.resume(Pause.Full)
  }

  /** Pauses reading for one of the reasons of `Pause`. */
  pause(why: number): void {
    const before = this.#pauses
    this.#pauses |= why
    const { unfinished, unread } = this.#context
    if ((before & UNREAD) === 0 && (why & UNREAD) !== 0) unread.add(this.#owner)
    if (this.#isTimed && !stopsTime(before) && stopsTime(why)) this.#timeLeft = unfinished.stop(this.#owner)
    if (before === 0) this.#socket.pause()
  }

  /** Removes reasons to pause, and reads on if there is no other. */
  resume(why: number): void {
    if (this.#pauses === 0) return
    this.#unpause(why)
    if (this.#pauses !== 0) return
    // What was read already comes first.
    if (this.#later !== undefined && this.#options.compression !== undefined) this.#decodeInTurn()
    else this.#decodeLater()
  }

  #unpause(why: number): void {
    const before = this.#pauses
    this.#pauses &= ~why
    if ((this.#pauses & UNREAD) === 0) this.#context.unread.delete(this.#owner)
    if (!stopsTime(before) || stopsTime(this.#pauses) || !this.#isTimed || this.#socket.destroyed) return
    this.#context.unfinished.add(this.#owner, this.#timeLeft)
    this.#timeLeft = undefined
  }

  #readOn(): void {
    if (!this.#socket.destroyed) this.#socket.resume()
  }

  /** Removes all reasons to pause, and reads on. */
  resumeAll(): void {
    this.resume(this.#pauses)
  }

  /** Decodes nothing more. */
  end(): void {
    this.#keep(undefined)
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
    if (!this.#owner.isOpen) return
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
    if (inPlace === undefined) return this.onMessage(bytes.toString("latin1", start, end))
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
    this.#owner.peerClosed(code, reason)
  }

  onViolation(code: number, reason: string): void {
    this.#owner.peerViolated(code, reason)
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
    this.#context.timer.after(Math.max(MIN_PAUSE, wait), () => this.resume(Pause.Rate))
  }

  /**
   * Starts or stops the deadline of an unfinished message. `isNew`: another message has ended before it, so the
   * deadline starts anew.
   */
  #time(isNew: boolean): void {
    const { unfinished } = this.#context
    const { isUnfinished } = this.#decoder
    if (isNew || !isUnfinished) {
      unfinished.delete(this.#owner)
      this.#timeLeft = undefined
    }
    this.#isTimed = isUnfinished
    if (isUnfinished && !stopsTime(this.#pauses)) unfinished.add(this.#owner)
  }
}
