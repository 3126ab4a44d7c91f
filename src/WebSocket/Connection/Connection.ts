/**
 * One WebSocket connection over a TCP or TLS socket, on the server's or the client's side: a writer that owns a reader,
 * and the closing handshake between them.
 *
 * Received messages go to the reactor's inbox, and the handler gets them from there in chunks. Sent messages are
 * gathered and leave with one write at the end of the chunk or of the event loop's turn. Nothing here is an Effect,
 * because these functions run for every message. `Conversation.ts` offers connections as Effects and Streams.
 *
 *            close(), leave()                    the peer's close frame, or the end of its bytes
 *     Open ────────────────────> Closing ─────────────────────────────────────────────────────> Ending
 *      │ │                       a close frame was sent                         the socket ends with │
 *      │ │                                                                           its last byte   │
 *      │ │ the peer's close frame, or a violation                                               ^    │
 *      │ └────────────────────> Answering ──────────────────────────────────────────────────────┤    │
 *      │                        what came before is handled    close(), or no onClosing handler │    │
 *      │                                                                                        │    v
 *      └────────────────────────────────────────────────────────────────────────────────────────┘  Closed
 *        the peer's bytes ended without a close frame
 *
 * In each state the socket may be lost, which leads to Closed; `terminate()` destroys it on purpose. A connection in
 * Closing, in Ending, or in Answering after its handler was told, has a deadline (`closing`): the reactor terminates it
 * when that has passed.
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
  /** Set when bytes arrive; the heartbeat clears it in each round. */
  alive = true
  handler: Handler | undefined = undefined
  /** Unique in this process. */
  readonly id = nextId++
  readonly #tally: Tally<Connection> | undefined
  /** The code and reason of the end, as far as they are known. */
  #close: Close | undefined = undefined
  #closedHere = false
  /** Bytes of messages that wait for the handler, as it reported last. */
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

  /** Listens to the socket's data and end. For sockets that nothing else reads. */
  listen(): void {
    SocketListeners.listen(this.socket, this)
  }

  /** Listens for the end of the socket only. For sockets whose bytes another object passes to `push`. */
  listenForEnd(): void {
    SocketListeners.listenForEnd(this.socket, this)
  }

  /** Whether messages can be sent, and received ones are handled. */
  get isOpen(): boolean {
    return this.#state <= State.Answering
  }

  /** Whether this side ended the connection. */
  get closedHere(): boolean {
    return this.#closedHere
  }

  /** Whether reading from the peer is paused, so that its silence means nothing. */
  get isHeld(): boolean {
    return this.#reader.isHeld
  }

  /** The scheduler for fibers that this connection's messages wake. */
  get scheduler(): Scheduler.Scheduler {
    return this.#context.scheduler
  }

  /** The most bytes to hold for a peer that does not read. More close the connection with 1008. */
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
   * Sends a message whose bytes will not change any more, such as one that was received. A large binary message is not
   * copied if the connection neither masks nor compresses.
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

  /** Sends bytes that come before the first frame: the answer that ends the HTTP handshake. */
  sendRaw(bytes: Frame.ByteString): void {
    this.append(bytes)
  }

  /** Sends a message that was made for many connections at once. */
  sendPrepared(prepared: PreparedMessage): void {
    this.#context.traffic.messagesSent++
    const { compression } = this.#options
    if (this.isOpen) this.sendFrame(compression === undefined ? prepared.frame : compression.frameOf(prepared))
  }

  /** Sends a ping. `payload` has up to 125 bytes, one for each character; the pong repeats it. */
  ping(payload: Frame.ByteString = ""): void {
    this.sendFrame(Frame.ofControl(Frame.Opcode.Ping, payload))
  }

  /** Stops reading from the peer. When the kernel's buffers are full, TCP slows the peer. */
  pause(): void {
    // A connection that is closing is still read, because the peer's close frame must be seen.
    if (this.isOpen) this.#reader.hold(Hold.Handler)
  }

  resume(): void {
    this.#reader.release(Hold.Handler)
  }

  /**
   * Begins the closing handshake (RFC 6455, section 7). If the peer began it, answers with the peer's own code instead.
   * What was sent before leaves first. The code is 1000 unless given; the reason has at most 123 bytes.
   */
  close(code: number = CloseCode.Normal, reason = ""): void {
    if (this.#state === State.Answering) return this.#answer()
    if (this.#state !== State.Open) return
    this.#close ??= { code, reason }
    this.#closedHere = true
    this.#sendClose(code, reason, State.Closing)
  }

  /** Closes the connection from this side, after its handler has said goodbye (`onLeaving`). */
  leave(code: number, reason: string): void {
    if (!this.isOpen) return
    const { handler } = this
    if (handler?.onLeaving === undefined) return this.close(code, reason)
    this.#context.closing(this)
    this.call(() => handler.onLeaving?.({ code, reason }))
  }

  /** Destroys the socket at once, without a close frame. Both sides report code 1006. */
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

  /**
   * Closes with 1011, because something on this side failed, such as a handler that threw. The peer does not learn the
   * cause; the log has it.
   */
  fail(error: unknown): void {
    this.close(CloseCode.InternalError, "internal error")
    this.#context.failed(this, error)
  }

  /** Closes a connection that was not read for too long: a close frame of the peer would never be seen. */
  abandon(): void {
    this.#closeWith(this.blocked ? LimitClose.SlowReader : LimitClose.Unread)
  }

  /** Closes a connection whose peer did not finish a message in time. */
  tooLate(): void {
    this.#closeWith(LimitClose.Unfinished)
  }

  /**
   * Drops what is held for the peer, because it is more than `maxQueued`, and closes with 1008. A peer that reads again
   * sees why.
   */
  protected overflowed(): void {
    this.forget()
    this.#closeWith(LimitClose.SlowReader)
  }

  /**
   * Frees what is held for this peer, because the process is over its memory budget. A peer that reads gets a close
   * frame with 1013. The connection of one that does not read is terminated, because what the socket holds is freed
   * only with the socket.
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

  /** Reports how many bytes of received messages wait for the handler. Called now and then, not for each message. */
  noteWaiting(bytes: number): void {
    this.#waiting = bytes
    this.weigh()
  }

  /** Reports to the memory budget how many bytes are held for the peer. */
  weigh(): void {
    if (this.socket.destroyed) return
    const unsent = this.blocked ? this.queued : 0
    this.#context.memory.note(this, unsent + this.#reader.kept + this.#waiting)
  }

  /** The fields that identify the connection in the log. */
  get annotations(): Readonly<Record<string, string | number>> {
    const { remoteAddress, remotePort } = this.socket
    const { path } = this.#options
    return {
      id: this.id,
      ...(path === undefined ? {} : { path }),
      ...(remoteAddress === undefined ? {} : { peer: `${remoteAddress}:${remotePort}` })
    }
  }

  /** Calls a callback outside of a chunk. If it throws, the connection fails. */
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

  /** Sends the message compressed. Returns `false`, and sends nothing, if compression gains nothing. */
  #sendCompressed(compression: PerMessageDeflate, message: Message): boolean {
    const payload = this.isOpen ? compression.deflate(message) : undefined
    if (payload === undefined) return false
    const isText = typeof message === "string"
    if (payload.length < ENOUGH) this.sendFrame(Frame.ofCompressed(isText, payload))
    else this.appendBuffers([Frame.ofLargeCompressed(isText, payload, !this.#options.masked)])
    return true
  }

  /** Takes bytes of the peer, up to `end`. They are changed in place and not kept. */
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
    // Copied, because the bytes are in the shared read buffer and the handler is called later.
    const text = Buffer.from(payload).toString("latin1")
    this.#context.receive(this, () => handler.onPong?.(text))
  }

  peerClosed(code: number, reason: string): void {
    // A client that closed reports the server's answer; a server reports its own code.
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

  /**
   * The peer sends nothing more. After the messages before are handled, a close frame is sent with the code of
   * `#close`.
   */
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
    // The peer's close frame must be read, so no reason to pause counts any more.
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
      // A peer that sent a close frame may still read the answer.
      if (this.#state === State.Answering) return
      // The peer may never read what is still held for it, so a deadline begins.
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
