/**
 * One WebSocket connection over a TCP or TLS socket, on either side: a writer, with its reader, and between them the closing
 * handshake.
 *
 * What it receives goes to the reactor's inbox, from where its handler gets it in chunks. What is sent to it is
 * gathered and leaves with one write at the end of the chunk or of the event loop's turn. Nothing here is an Effect:
 * these functions run for every message. See `Conversation.ts` for connections as Effects and Streams.
 *
 *            close(), leave()                    the peer's close frame, or the end of its bytes
 *     Open ────────────────────> Closing ─────────────────────────────────────────────────────> Ending
 *      │ │                       a close frame was sent                         the socket ends with │
 *      │ │                                                                           its last byte   │
 *      │ │ the peer's close frame, or a violation                                               ^    │
 *      │ └────────────────────> Answering ──────────────────────────────────────────────────────┤    │
 *      │                        what came before is handled    close(), or the handler has none │    │
 *      │                                                                                        │    v
 *      └────────────────────────────────────────────────────────────────────────────────────────┘  Closed
 *        the end of the peer's bytes, without a close frame
 *
 * In each state the socket may be lost, which leads to Closed; `terminate()` brings that about. In Closing, Answering (from
 * when the handler was told) and Ending the reactor terminates it in the end (`closing`).
 */
import type { Socket } from "node:net"
import type * as Scheduler from "effect/Scheduler"
import { type Close, CloseCode } from "../Frames/CloseCode.ts"
import * as Frame from "../Frames/Frame.ts"
import type { Message } from "../Frames/Message.ts"
import type { PerMessageDeflate } from "../Frames/PerMessageDeflate.ts"
import type { PreparedMessage } from "../Frames/PreparedMessage.ts"
import type { ConnectionContext, ConnectionOptions, Tally } from "./ConnectionContext.ts"
import type { Handler } from "./Handler.ts"
import * as LimitClose from "./LimitClose.ts"
import type { Holder } from "./MemoryBudget.ts"
import { Hold, Reader, type ReaderOwner } from "./Reader.ts"
import * as SocketListeners from "./SocketListeners.ts"
import { ENOUGH, Writer } from "./Writer.ts"

const State = { Open: 0, Answering: 1, Closing: 2, Ending: 3, Closed: 4 } as const

let nextId = 1

export class Connection extends Writer implements Holder, ReaderOwner, SocketListeners.SocketOwner {
  #state: number = State.Open
  readonly #options: ConnectionOptions
  readonly #context: ConnectionContext<Connection>
  readonly #reader: Reader<Connection>
  /** The heartbeat's note: whether anything was received since its last round. */
  alive = true
  handler: Handler | undefined = undefined
  /** Unique in this process. */
  readonly id = nextId++
  readonly #tally: Tally<Connection> | undefined
  /** How it ends, as far as that is known. */
  #close: Close | undefined = undefined
  #closedHere = false
  /** Bytes of its messages that wait for the handler, as that told. */
  #waiting = 0

  constructor(
    socket: Socket,
    context: ConnectionContext<Connection>,
    options: ConnectionOptions,
    tally?: Tally<Connection>
  ) {
    super(socket, context, !options.masked)
    this.#context = context
    this.#options = options
    this.#tally = tally
    this.#reader = new Reader<Connection>(socket, context, this, options)
  }

  /** Listens to the socket; for sockets that are not read by other means. */
  listen(): void {
    SocketListeners.listen(this.socket, this)
  }

  /** Listens for the end of the socket only. */
  listenForEnd(): void {
    SocketListeners.listenForEnd(this.socket, this)
  }

  /** Whether messages can be sent, and those that come are handled. */
  get isOpen(): boolean {
    return this.#state <= State.Answering
  }

  /** Whether this side ended the connection. */
  get closedHere(): boolean {
    return this.#closedHere
  }

  /** Whether the peer is not read, so that its silence means nothing. */
  get isHeld(): boolean {
    return this.#reader.isHeld
  }

  /** For fibers that its messages wake. */
  get scheduler(): Scheduler.Scheduler {
    return this.#context.scheduler
  }

  /** The most bytes to hold for a peer that does not read. */
  protected get maxQueued(): number {
    return this.#options.maxQueued
  }

  /** Sends a message; does nothing once the connection is closing. */
  send(message: Message): void {
    this.#context.traffic.messagesSent++
    const { compression } = this.#options
    if (compression !== undefined && this.#sendCompressed(compression, message)) return
    if (message.length < ENOUGH) this.sendFrame(Frame.ofMessage(message))
    else if (this.isOpen) this.appendBuffers([Frame.ofLarge(message, !this.#options.masked)])
  }

  /**
   * Sends a message whose bytes nobody changes any more, as those of a message that came: those of a large one are not copied,
   * where the connection neither masks nor compresses.
   */
  sendUncopied(message: Message): void {
    const { compression, masked } = this.#options
    if (typeof message === "string" || message.length < ENOUGH || !masked || compression !== undefined)
      return this.send(message)
    this.#context.traffic.messagesSent++
    if (!this.isOpen) return
    const { buffer, byteOffset, length } = message
    this.appendBuffers([Frame.headOfBinary(length), Buffer.from(buffer, byteOffset, length)])
  }

  /** Sends bytes before the first frame: the end of the HTTP handshake. */
  sendRaw(bytes: Frame.ByteString): void {
    this.append(bytes)
  }

  /** Sends a message that was made for many connections at once. */
  sendPrepared(prepared: PreparedMessage): void {
    this.#context.traffic.messagesSent++
    const { compression } = this.#options
    if (this.isOpen) this.sendFrame(compression === undefined ? prepared.frame : compression.frameOf(prepared))
  }

  /** `payload`: up to 125 bytes, one a character, that the pong repeats. */
  ping(payload: Frame.ByteString = ""): void {
    this.sendFrame(Frame.ofControl(Frame.Opcode.Ping, payload))
  }

  /** Stops or resumes reading; the kernel then slows the peer. */
  pause(): void {
    // One that is closing is read, for its close frame.
    if (this.isOpen) this.#reader.hold(Hold.Handler)
  }

  resume(): void {
    this.#reader.release(Hold.Handler)
  }

  /**
   * Begins the closing handshake (RFC 6455, section 7), or answers the peer, which began it, with its own code. What was
   * sent before leaves first.
   */
  close(code: number = CloseCode.Normal, reason = ""): void {
    if (this.#state === State.Answering) return this.#answer()
    if (this.#state !== State.Open) return
    this.#close ??= { code, reason }
    this.#closedHere = true
    this.#sendClose(code, reason, State.Closing)
  }

  /** Closes the connection when its handler has said goodbye. */
  leave(code: number, reason: string): void {
    if (!this.isOpen) return
    const { handler } = this
    if (handler?.onLeaving === undefined) return this.close(code, reason)
    this.#context.closing(this)
    this.call(() => handler.onLeaving?.({ code, reason }))
  }

  /** Ends the socket at once: the peer sees code 1006. */
  terminate(reason = ""): void {
    this.forget()
    if (this.isOpen) {
      this.seal()
      this.#closedHere = true
      this.#state = State.Closing
    }
    this.#close ??= { code: CloseCode.Abnormal, reason }
    this.socket.destroy()
  }

  /** This side failed, as a handler that throws. The peer is told only that; the log has the reason. */
  fail(error: unknown): void {
    this.close(CloseCode.InternalError, "internal error")
    this.#context.failed(this, error)
  }

  /** It was not read for too long: what it says, were it that it leaves, would never be seen. */
  abandon(): void {
    this.#closeWith(this.blocked ? LimitClose.SlowReader : LimitClose.Unread)
  }

  /** It did not finish its message in time. */
  tooLate(): void {
    this.#closeWith(LimitClose.Unfinished)
  }

  /** More is held for it than may be: that is given up, and it is told why, should it read again. */
  protected overflowed(): void {
    this.forget()
    this.#closeWith(LimitClose.SlowReader)
  }

  /**
   * The process holds too much, and most of it for this peer. One that reads is told so; for one that does not, what the
   * socket holds is freed with the socket only.
   */
  giveUp(): void {
    this.forget()
    this.#reader.giveUp()
    if (this.#state === State.Open && !this.blocked) {
      this.#closeWith(LimitClose.ShortOfMemory)
      this.#end()
    } else {
      if (this.isOpen) this.#close = LimitClose.ShortOfMemory
      this.terminate()
    }
    this.call(() => this.handler?.onGivenUp?.())
  }

  /** Tells, now and then, how many bytes of its messages wait for whoever takes them. */
  noteWaiting(bytes: number): void {
    this.#waiting = bytes
    this.weigh()
  }

  /** Tells the budget what is held for the peer. */
  weigh(): void {
    if (this.socket.destroyed) return
    const unsent = this.blocked ? this.queued : 0
    this.#context.memory.note(this, unsent + this.#reader.kept + this.#waiting)
  }

  /** What tells it apart in the log. */
  get annotations(): Readonly<Record<string, string | number>> {
    const { remoteAddress, remotePort } = this.socket
    const { path } = this.#options
    return {
      id: this.id,
      ...(path === undefined ? {} : { path }),
      ...(remoteAddress === undefined ? {} : { peer: `${remoteAddress}:${remotePort}` })
    }
  }

  /** Calls somebody who is called outside of a chunk. */
  protected call(f: () => void): void {
    try {
      f()
    } catch (error) {
      this.fail(error)
    }
  }

  #closeWith({ code, reason }: Close): void {
    this.close(code, reason)
  }

  /** Sends the message compressed; or gives `false`, and nothing was sent, where that gains nothing. */
  #sendCompressed(compression: PerMessageDeflate, message: Message): boolean {
    const payload = this.isOpen ? compression.deflate(message) : undefined
    if (payload === undefined) return false
    const isText = typeof message === "string"
    if (payload.length < ENOUGH) this.sendFrame(Frame.ofCompressed(isText, payload))
    else this.appendBuffers([Frame.ofLargeCompressed(isText, payload, !this.#options.masked)])
    return true
  }

  /** Handles the bytes of the peer that come before `end`. They are changed, and not kept. */
  push(bytes: Buffer, end: number = bytes.length): void {
    this.alive = true
    this.#reader.push(bytes, end)
  }

  answerPing(payload: Uint8Array): void {
    this.sendFrame(Frame.ofControl(Frame.Opcode.Pong, payload))
  }

  hearPong(payload: Uint8Array): void {
    const { handler } = this
    if (handler?.onPong === undefined) return
    // The bytes are the read buffer's; and a handler is called in its turn.
    const text = Buffer.from(payload).toString("latin1")
    this.#context.receive(this, () => handler.onPong?.(text))
  }

  peerClosed(code: number, reason: string): void {
    // A client that closed reports what the server answers.
    if (this.isOpen || !this.#options.masked) this.#close = { code, reason }
    this.#answerInTurn()
  }

  peerViolated(code: number, reason: string): void {
    if (this.isOpen) {
      this.#close = { code, reason }
      this.#closedHere = true
    }
    this.#answerInTurn()
  }

  /** Nothing more will come: what came before is handled, then a close frame is sent, with the code of `#close`. */
  #answerInTurn(): void {
    if (this.#state === State.Open) this.#state = State.Answering
    this.#context.receive(this, () => {
      if (this.#state !== State.Answering) return this.#end()
      if (this.handler?.onClosing === undefined) return this.#answer()
      this.#context.closing(this)
      this.handler.onClosing()
    })
  }

  #answer(): void {
    const { code, reason } = this.#close ?? { code: CloseCode.NoStatus, reason: "" }
    this.#sendClose(code, reason, State.Ending)
    this.end()
  }

  #sendClose(code: number, reason: string, next: number): void {
    this.sendFrame(Frame.ofControl(Frame.Opcode.Close, Frame.closePayload(code, reason)))
    this.seal()
    this.#state = next
    this.#context.closing(this)
    // The peer's own close frame is to be read, and nothing before it matters.
    this.#reader.releaseAll()
  }

  /** Ends the socket's writing side after what is gathered. */
  #end(): void {
    if (this.#state === State.Closed) return
    this.seal()
    this.#state = State.Ending
    this.end()
  }

  /** Called by the socket's listeners. */
  socketEnded(): void {
    this.#reader.end()
    this.#context.receive(this, () => {
      // A peer that said that it closes may still read what it is answered.
      if (this.#state === State.Answering) return
      // It may never read what is still held for it.
      if (this.#state === State.Open) this.#context.closing(this)
      this.#end()
    })
  }

  socketClosed(): void {
    if (this.#state === State.Closed) return
    this.#state = State.Closed
    this.#reader.end()
    this.seal()
    this.lose()
    this.#context.memory.note(this, 0)
    this.#context.closed(this)
    const close = this.#close ?? { code: CloseCode.Abnormal, reason: "" }
    this.call(() => this.#tally?.closed(this, close))
    this.#context.receive(this, close)
  }
}
