/**
 * Why a connection is not read at the moment, the bytes that wait meanwhile, and the two deadlines that this starts and
 * stops: of a connection that is not read, and of a message that its peer does not finish. Made at the first pause or
 * unfinished message, which many connections never have.
 */
import type { Socket } from "node:net"
import type { ConnectionContext } from "./ConnectionContext.ts"

/** The reasons to pause a socket, as bits. */
export const Pause = {
  Handler: 1,
  /** Too many messages wait for the handler. */
  Full: 2,
  /** The peer sends too fast. */
  Rate: 4,
  /** Its messages take long to decode, so other connections come first. */
  Turn: 8,
  Any: 15
} as const

/** The reasons that have a deadline. The others end by themselves. */
const UNREAD = Pause.Handler | Pause.Full

/**
 * Whether the deadline of an unfinished message stands still, because the peer is not read. A peer that sends too fast has
 * itself to thank, and could keep its message open for ever.
 */
const stopsTime = (reasons: number): boolean => (reasons & ~Pause.Rate) !== 0

interface Decoding {
  /** Whether its messages may take long to decode. */
  readonly isSlow: boolean
  readonly decode: (bytes: Buffer, end: number) => void
  /** Counts bytes that wait from now on, or not any more: the difference. */
  readonly onRetained: (bytes: number) => void
}

type Context<C> = Pick<ConnectionContext<C>, "unread" | "unfinished" | "turns">

export class Pauses<C> {
  readonly #socket: Socket
  readonly #context: Context<C>
  readonly #connection: C
  readonly #reader: Decoding
  #reasons = 0
  #isTimed = false
  /** Milliseconds that were left of the deadline when reading was paused. */
  #timeLeft: number | undefined = undefined
  /** Bytes that were read and wait to be decoded. */
  #later: Buffer | undefined = undefined

  constructor(socket: Socket, context: Context<C>, connection: C, reader: Decoding) {
    this.#socket = socket
    this.#context = context
    this.#connection = connection
    this.#reader = reader
  }

  get isPaused(): boolean {
    return this.#reasons !== 0
  }

  has(reason: number): boolean {
    return (this.#reasons & reason) !== 0
  }

  get hasBytes(): boolean {
    return this.#later !== undefined
  }

  /** Whether the peer has begun a message, which has a deadline. */
  get isTimed(): boolean {
    return this.#isTimed
  }

  add(reason: number): void {
    const before = this.#reasons
    this.#reasons |= reason
    const { unfinished, unread } = this.#context
    if ((before & UNREAD) === 0 && (reason & UNREAD) !== 0) unread.add(this.#connection)
    if (this.#isTimed && !stopsTime(before) && stopsTime(reason)) this.#timeLeft = unfinished.stop(this.#connection)
    if (before === 0) this.#socket.pause()
  }

  /** Removes reasons, and reads on if there is no other. */
  remove(reasons: number): void {
    if (!this.isPaused) return
    this.#drop(reasons)
    if (this.isPaused) return
    // What was read already comes first.
    if (this.#later !== undefined && this.#reader.isSlow) this.decodeInTurn()
    else this.#decodeLater()
  }

  /** Keeps a copy of bytes, which are decoded after those that wait. */
  keep(bytes: Buffer): void {
    this.#later = this.#later === undefined ? Buffer.from(bytes) : Buffer.concat([this.#later, bytes])
    this.#reader.onRetained(bytes.length)
  }

  forget(): void {
    this.#take()
  }

  /** Decodes the bytes that wait in a later turn of the event loop. */
  decodeInTurn(): void {
    this.add(Pause.Turn)
    this.#context.turns.wait(() => {
      this.#drop(Pause.Turn)
      if (!this.isPaused) this.#decodeLater()
    })
  }

  /** Starts or stops the deadline of an unfinished message: anew (`isNew`) if another ended before it. */
  time(isUnfinished: boolean, isNew: boolean): void {
    const { unfinished } = this.#context
    if (isNew || !isUnfinished) {
      unfinished.delete(this.#connection)
      this.#timeLeft = undefined
    }
    this.#isTimed = isUnfinished
    if (isUnfinished && !stopsTime(this.#reasons)) unfinished.add(this.#connection)
  }

  #drop(reasons: number): void {
    const before = this.#reasons
    this.#reasons &= ~reasons
    if ((this.#reasons & UNREAD) === 0) this.#context.unread.delete(this.#connection)
    if (!stopsTime(before) || stopsTime(this.#reasons) || !this.#isTimed || this.#socket.destroyed) return
    this.#context.unfinished.add(this.#connection, this.#timeLeft)
    this.#timeLeft = undefined
  }

  /** Decodes the bytes that wait. Reads on, unless there is a new reason to pause. */
  #decodeLater(): void {
    const later = this.#take()
    if (later !== undefined) this.#reader.decode(later, later.length)
    if (!this.isPaused && !this.#socket.destroyed) this.#socket.resume()
  }

  #take(): Buffer | undefined {
    const later = this.#later
    this.#later = undefined
    if (later !== undefined) this.#reader.onRetained(-later.length)
    return later
  }
}
