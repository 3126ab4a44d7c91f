/**
 * The sending side of a connection. Sent bytes are gathered during a turn of the event loop, written at its end, and
 * kept here while the peer does not read. The socket's writing side ends after the last byte.
 *
 *            append               flush: the kernel took all
 *     Ready ────────> gathered ──────────────────────────────> Ready
 *                         │
 *                         │ flush: the kernel did not take all
 *                         v
 *                      Blocked: what is appended is kept here, where it can still be given up
 *                         │
 *                         │ the kernel took all: what is kept is written
 *                         └──> Ready, or Blocked again
 *
 *     end():  Ended, as soon as it is Ready and nothing is gathered
 *     lose(): Ended; the socket is gone
 *
 * `Connection` extends its writer and does not own one. Most of the relay's own time is spent on loading its
 * subscribers' connections into the CPU cache, and with a separate writer a delivery took 60 ns instead of 40.
 */
import type { Socket } from "node:net"
import * as Frame from "../Frames/Frame.ts"
import { Backlog, WORTHWHILE } from "./Backlog.ts"
import * as DirectWrites from "./DirectWrites.ts"
import { type MemoryAccount, UNCOUNTED } from "./MemoryBudget.ts"
import type { Sender } from "./Outbox.ts"
import type { Traffic } from "./Traffic.ts"

/**
 * From this many gathered bytes on, they are written without waiting for the end of the turn: gathering more gains
 * nothing.
 */
export const ENOUGH = 65536

/** The part of its owner that a writer uses. */
export interface WriterContext {
  readonly traffic: Traffic
  /** Whether sockets are read and written past their streams, where this version of Node allows it. */
  readonly isDirect: boolean
  /** Called when a writer has something to send: once until it is flushed. */
  readonly touch: (sender: Sender) => void
}

const State = { Ready: 0, Blocked: 1, Ended: 2 } as const

/** How frames are sent: unmasked, masked as a client must (RFC 6455, section 5.3), or not any more. */
const Mode = { Plain: 0, Masked: 1, Sealed: 2 } as const

const stopped = () => {}

/** `C` is the context of the connection, of which the writer uses only a part. */
export abstract class Writer<C extends WriterContext> implements Sender {
  // The fields that a delivery uses come first, so that they share a cache line.
  #state: number = State.Ready
  #mode: number
  #gathered: Frame.ByteString = ""
  protected readonly context: C
  /** Of a socket that can be written to without its stream. */
  readonly #handle: DirectWrites.Handle | undefined
  protected readonly socket: Socket
  /** Whether the socket ends after the bytes that are there. */
  #isLast = false
  /** Bytes of a direct write that the kernel has not taken. */
  #rest = 0
  /** Bytes in the account that the socket was given. */
  #handed = 0
  /** Bytes that were kept before the gathered ones. */
  #backlog: Backlog | undefined = undefined
  #drained: Set<() => void> | undefined = undefined

  constructor(socket: Socket, context: C, isClient: boolean) {
    this.socket = socket
    this.context = context
    this.#handle = context.isDirect ? DirectWrites.handleOf(socket) : undefined
    this.#mode = isClient ? Mode.Masked : Mode.Plain
  }

  /** The most bytes to keep while the peer does not read. More lead to `overflowed`. */
  protected abstract readonly maxQueued: number
  /** Called when more than `maxQueued` bytes are kept. */
  protected abstract overflowed(): void
  /** Counts the bytes that are kept while the peer does not read. */
  protected abstract readonly account: MemoryAccount
  /** Calls a callback whose failure must not stop the writer. */
  protected abstract call(f: () => void): void

  /** Whether the kernel did not take all bytes yet: the peer reads slower than it is sent to. */
  get blocked(): boolean {
    return this.#state === State.Blocked
  }

  /** Bytes that were sent but have not left this process. */
  get queued(): number {
    return this.#kept + this.#rest + this.socket.writableLength
  }

  /** Sends a frame that was made before, perhaps for many connections. The caller counts the message. */
  sendFrame(frame: Frame.ByteString): void {
    if (this.#mode === Mode.Plain) this.append(frame)
    else if (this.#mode === Mode.Masked) this.append(Frame.mask(frame))
  }

  /** Sends a text of at most 125 characters. */
  protected sendShortText(text: string): void {
    if (this.#mode === Mode.Plain) this.append(Frame.ofMessage(text))
    else if (this.#mode === Mode.Masked) this.append(Frame.ofMaskedText(text))
  }

  /** Sends no more frames. */
  protected seal(): void {
    this.#mode = Mode.Sealed
  }

  protected append(bytes: Frame.ByteString): void {
    if (this.#state === State.Blocked) {
      this.#gathered += bytes
      return this.#keep(bytes.length)
    }
    if (this.#gathered === "") this.context.touch(this)
    this.#gathered += bytes
    if (this.#gathered.length >= ENOUGH) this.flush()
  }

  /** Sends buffers that are large enough for a write of their own. They must not change any more. */
  protected appendBuffers(buffers: ReadonlyArray<Buffer>): void {
    if (this.#state === State.Ready) this.flush()
    if (this.#state === State.Ended) return
    const isReady = this.#state === State.Ready
    const backlog = isReady ? new Backlog() : this.#store()
    const before = backlog.length
    for (const buffer of buffers) backlog.pushBuffer(buffer)
    if (isReady) this.#writeAll(backlog)
    else this.#keep(backlog.length - before)
  }

  /** Hands the gathered bytes to the socket. Called by the outbox. While the peer does not read, they stay here. */
  flush(): void {
    if (this.#state !== State.Ready) return
    const bytes = this.#gathered
    if (bytes !== "") {
      this.#gathered = ""
      const { traffic } = this.context
      traffic.bytesSent += bytes.length
      traffic.writes++
      if (this.#handle === undefined) this.#write(bytes)
      else {
        const rest = DirectWrites.write(this.#handle, bytes)
        if (rest !== undefined) this.#wait(rest)
      }
    }
    this.#endIfLast()
  }

  /** Ends the socket's writing side after the bytes that are there. */
  protected end(): void {
    this.#isLast = true
    if (this.#gathered === "") this.#endIfLast()
  }

  /** Drops the bytes that the socket was not given. */
  protected forget(): void {
    const kept = this.#kept
    this.#gathered = ""
    this.#backlog = undefined
    // Bytes that are gathered for the next flush are not counted.
    if (this.#state === State.Blocked && kept > 0) this.account.remove(kept)
  }

  /**
   * Hands over the gathered bytes. Calls `f` when all bytes have left this process, or the socket is gone. Returns a
   * function that stops the wait.
   */
  onceDrained(f: () => void): () => void {
    this.flush()
    if (this.#state === State.Ready && this.socket.writableLength > 0) this.#blockUntilWritten()
    if (this.#state !== State.Blocked) {
      f()
      return stopped
    }
    const wake = () => f()
    this.#drained ??= new Set()
    this.#drained.add(wake)
    return () => void this.#drained?.delete(wake)
  }

  /** The socket is gone. */
  protected lose(): void {
    this.forget()
    this.#taken()
    this.#state = State.Ended
    this.#settle()
  }

  /** Bytes that the socket was not given. */
  get #kept(): number {
    return this.#gathered.length + (this.#backlog?.length ?? 0)
  }

  /** Waits until the kernel has taken the rest of a direct write. */
  #wait(rest: DirectWrites.Rest): void {
    this.#state = State.Blocked
    this.#rest = rest.bytes
    rest.onceTaken((isLost) => {
      this.#rest = 0
      if (isLost) this.socket.destroy()
      else this.#unblock()
    })
    this.#handOver(rest.bytes)
  }

  /** Counts bytes that the socket was given and the kernel has not taken. */
  #handOver(bytes: number): void {
    this.#handed += bytes
    this.account.add(bytes)
  }

  /** The kernel has taken all that the socket was given, or never will. */
  #taken(): void {
    const handed = this.#handed
    this.#handed = 0
    if (handed > 0) this.account.remove(handed)
  }

  /** Writes by the stream of the socket. */
  #write(bytes: Frame.ByteString): void {
    const { socket } = this
    // So few bytes are not worth a callback if some are left; the next flush sees them.
    if (bytes.length < UNCOUNTED && socket.writableLength === 0) socket.write(bytes, "latin1")
    else {
      this.#state = State.Blocked
      socket.write(bytes, "latin1", () => this.#unblock())
      this.#blockWhileUnsent()
    }
  }

  #writeAll(backlog: Backlog): void {
    this.context.traffic.bytesSent += backlog.length
    this.#state = State.Blocked
    backlog.write(this.socket, () => this.#unblock())
    this.#blockWhileUnsent()
  }

  /** The kernel may have taken all at once. */
  #blockWhileUnsent(): void {
    const unsent = this.socket.writableLength
    if (unsent === 0) this.#state = State.Ready
    else this.#handOver(unsent)
  }

  /** A stream still has bytes of a write that had no callback. An empty write behind them has one. */
  #blockUntilWritten(): void {
    this.#state = State.Blocked
    this.socket.write("", () => this.#unblock())
    this.#blockWhileUnsent()
  }

  #unblock(): void {
    // The callback of an earlier write may come after the next write has begun.
    if (this.#state !== State.Blocked || this.#rest > 0 || this.socket.writableLength > 0) return
    this.#taken()
    this.#state = State.Ready
    const backlog = this.#backlog
    if (backlog !== undefined) {
      this.#backlog = undefined
      this.account.remove(backlog.length)
      this.#writeAll(backlog)
    }
    // Still blocked: what was gathered meanwhile stays counted.
    if (!this.blocked) {
      if (this.#gathered !== "") this.account.remove(this.#gathered.length)
      this.flush()
    }
    this.#settle()
  }

  /** Counts bytes that were added to the kept ones. Checks whether these are too many, or enough for a buffer. */
  #keep(bytes: number): void {
    const { maxQueued } = this
    this.account.add(bytes)
    // A pong or another short frame may wait behind one message that is larger than the limit.
    if (this.#kept > Math.min(UNCOUNTED, maxQueued) && this.queued > maxQueued) this.overflowed()
    else if (this.#gathered.length >= WORTHWHILE) this.#store()
  }

  /** The backlog, after the gathered bytes were moved into it. */
  #store(): Backlog {
    this.#backlog ??= new Backlog()
    if (this.#gathered !== "") this.#backlog.push(this.#gathered)
    this.#gathered = ""
    return this.#backlog
  }

  #endIfLast(): void {
    if (!this.#isLast || this.#state !== State.Ready) return
    this.#state = State.Ended
    this.socket.end()
  }

  #settle(): void {
    if (this.#drained === undefined || this.#state === State.Blocked) return
    const waiting = this.#drained
    this.#drained = undefined
    for (const f of waiting) this.call(f)
  }
}
