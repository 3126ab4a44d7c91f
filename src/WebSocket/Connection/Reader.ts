/**
 * Reads one connection: decodes its bytes, counts its messages and hands them on. It pauses its socket while the
 * handler does not take messages, and while the peer sends too fast. TCP then slows the peer.
 */
import type { Socket } from "node:net"
import { FrameDecoder, type FrameSink } from "../Frames/FrameDecoder.ts"
import type { Message } from "../Frames/Message.ts"
import type { ConnectionContext, ConnectionOptions } from "./ConnectionContext.ts"
import type { Handler } from "./Handler.ts"
import { TokenBucket } from "./TokenBucket.ts"

/** The owner of a reader. */
export interface ReaderOwner {
  readonly isOpen: boolean
  readonly answerPing: (payload: Uint8Array) => void
  readonly hearPong: (payload: Uint8Array) => void
  /** The peer's close frame has come. Nothing follows it. */
  readonly peerClosed: (code: number, reason: string) => void
  /** The peer broke the protocol. What follows can't be read. */
  readonly peerViolated: (code: number, reason: string) => void
  /** The number of held bytes changed. */
  readonly weigh: () => void
  /** The received bytes can't be decoded, because this side failed. */
  readonly fail: (error: unknown) => void
}

/** The reasons to pause a socket, as bits. */
export const Pause = {
  /** The handler asked for it. */
  Handler: 1,
  /** The peer sends too fast. */
  Rate: 2,
  /** Its messages take long to decode, so other connections come first. */
  Turn: 4
} as const

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
  /** Whether the peer has begun a message, which has a deadline. */
  #isTimed = false
  /** Bytes that wait for a turn of the event loop in which to be decoded. */
  #later: Buffer | undefined = undefined
  /** Bytes that are still read and dropped, to find the end of a peer that was given up. */
  #skipping: number | undefined = undefined

  constructor(socket: Socket, context: ConnectionContext<C>, owner: C, options: ConnectionOptions) {
    this.#socket = socket
    this.#context = context
    this.#owner = owner
    this.#options = options
    this.#decoder = new FrameDecoder(options, this)
  }

  /** Whether reading is paused. */
  get isPaused(): boolean {
    return this.#pauses !== 0
  }

  /** Sets the handler of messages. One without `onAscii` gets all of them through the inbox. */
  set handler(handler: Handler | undefined) {
    this.#inPlace = takesInPlace(handler) ? handler : undefined
  }

  /** Bytes of messages that are not finished or not decoded yet. */
  get kept(): number {
    return this.#decoder.retained + (this.#later?.length ?? 0)
  }

  /** Takes bytes of the peer, up to `end`. */
  push(bytes: Buffer, end: number): void {
    const { traffic } = this.#context
    traffic.bytesReceived += end
    if (this.#skipping !== undefined) return this.#pass(end)
    // Compressed bytes may take long to decode.
    if (this.#options.compression === undefined) this.#decode(bytes, end)
    else this.#decodeInTurn(bytes, end)
  }

  /** Decodes at once if the turn has time left. Otherwise pauses the socket and decodes in a later turn. */
  #decodeInTurn(bytes: Buffer, end: number): void {
    const { turns } = this.#context
    // A socket that is closing is read nevertheless. What comes then must follow the bytes that wait.
    if (this.#later !== undefined) this.#later = Buffer.concat([this.#later, bytes.subarray(0, end)])
    else if (!turns.isSpent) turns.spend(() => this.#decode(bytes, end))
    else {
      this.#later = Buffer.from(bytes.subarray(0, end))
      this.pause(Pause.Turn)
      turns.wait(() => this.#decodeLater())
    }
    if (this.#later !== undefined) this.#owner.weigh()
  }

  #decodeLater(): void {
    const bytes = this.#later
    // The connection has ended or was given up.
    if (bytes === undefined) return
    this.#later = undefined
    this.#decode(bytes, bytes.length)
    this.resume(Pause.Turn)
    this.#owner.weigh()
  }

  #decode(bytes: Buffer, end: number): void {
    try {
      this.#decodeAll(bytes, end)
    } catch (error) {
      // For example, there is no memory for the message. Other connections go on.
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

  /** Pauses reading for one of the reasons of `Pause`. */
  pause(why: number): void {
    if (this.#pauses === 0) {
      this.#context.unread.add(this.#owner)
      // While the peer is not read, its message can't finish, so its deadline stops.
      if (this.#isTimed) this.#context.unfinished.delete(this.#owner)
      this.#socket.pause()
    }
    this.#pauses |= why
  }

  /** Removes a reason to pause, and reads again if there is no other. */
  resume(why: number): void {
    if (this.#pauses === 0) return
    this.#pauses &= ~why
    if (this.#pauses !== 0) return
    this.#context.unread.delete(this.#owner)
    if (this.#socket.destroyed) return
    if (this.#isTimed) this.#context.unfinished.add(this.#owner)
    this.#socket.resume()
  }

  /** Removes all reasons to pause, and reads again. */
  resumeAll(): void {
    this.resume(this.#pauses)
  }

  /** Decodes nothing more. */
  end(): void {
    this.#later = undefined
    this.#decoder.end()
  }

  /** Decodes nothing more, and reads only up to the peer's close frame. */
  giveUp(): void {
    this.#skipping ??= this.#decoder.missing + CLOSE_FRAME_ROOM
    this.end()
  }

  onMessage(message: Message): void {
    this.#count()
    this.#context.traffic.messagesReceived++
    if (this.#owner.isOpen) this.#context.receive(this.#owner, message)
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
  #pass(bytes: number): void {
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
    if (isNew || !this.#decoder.isUnfinished) unfinished.delete(this.#owner)
    this.#isTimed = this.#decoder.isUnfinished
    if (this.#isTimed && this.#pauses === 0) unfinished.add(this.#owner)
  }
}
