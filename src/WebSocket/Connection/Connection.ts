/**
 * One WebSocket connection over a TCP or TLS socket, on the server's or the client's side: a writer (`Writer`)
 * with a closing handshake (`ClosingHandshake`), which owns a reader (`Reader`).
 *
 * Received messages go to the reactor's inbox, and the handler gets them from there in chunks. Sent messages are
 * gathered and leave with one write at the end of the chunk or of the event loop's turn. Nothing here is an Effect,
 * because these functions run for every message. `Conversation.ts` offers connections as Effects and Streams.
 */
import type { Socket } from "node:net"
import type * as Scheduler from "effect/Scheduler"
import { type Close, CloseCode } from "../Frames/CloseCode.ts"
import * as Frame from "../Frames/Frame.ts"
import type { Message } from "../Frames/Message.ts"
import type { PreparedMessage } from "../Frames/PreparedMessage.ts"
import { ClosingHandshake } from "./ClosingHandshake.ts"
import type { ConnectionContext, ConnectionOptions, Tally } from "./ConnectionContext.ts"
import type { Handler } from "./Handler.ts"
import * as LimitClose from "./LimitClose.ts"
import { type AccountOwner, MemoryAccount } from "./MemoryBudget.ts"
import * as MessageFraming from "./MessageFraming.ts"
import { Pause, Reader, type ReaderOwner } from "./Reader.ts"
import * as SocketListeners from "./SocketListeners.ts"

let nextId = 1

export class Connection
  extends ClosingHandshake<ConnectionContext<Connection>>
  implements AccountOwner, ReaderOwner, SocketListeners.SocketOwner
{
  readonly #options: ConnectionOptions
  readonly #reader: Reader<Connection>
  /** Set when bytes arrive; the heartbeat clears it in each round. */
  alive = true
  #handler: Handler | undefined = undefined
  /** Unique in this process. */
  readonly id = nextId++
  readonly #tally: Tally<Connection> | undefined
  #account: MemoryAccount | undefined = undefined

  constructor(
    socket: Socket,
    context: ConnectionContext<Connection>,
    options: ConnectionOptions,
    tally?: Tally<Connection>
  ) {
    super(socket, context, !options.masked)
    this.#options = options
    this.#tally = tally
    this.#reader = new Reader<Connection>(socket, context, this, options)
  }

  /** Listens to the socket's data and end. For sockets that nothing else reads. */
  listen(): void {
    SocketListeners.listen(this.socket, this, this.context.isDirect)
  }

  /** Whether reading from the peer is paused, so that its silence means nothing. */
  get isPaused(): boolean {
    return this.#reader.isPaused
  }

  /**
   * All bytes that are kept for the peer: those to send, those that were received and are not handled. It belongs to the
   * handler and not to the socket: messages that wait count until the handler takes them, also after the end. Made on
   * demand, because many connections never send or receive anything.
   */
  get account(): MemoryAccount {
    this.#account ??= new MemoryAccount(this.context.memory, this)
    return this.#account
  }

  /** The handler of messages and events. Undefined until the endpoint has made it. */
  get handler(): Handler | undefined {
    return this.#handler
  }

  set handler(handler: Handler | undefined) {
    this.#handler = handler
    this.#reader.handler = handler
  }

  /** The scheduler for fibers that this connection's messages wake. */
  get scheduler(): Scheduler.Scheduler {
    return this.context.scheduler
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

  /** The most bytes to keep for a peer that does not read. More close the connection with 1008. */
  protected get maxQueued(): number {
    return this.#options.maxQueued
  }

  protected get isClient(): boolean {
    return !this.#options.masked
  }

  /** Sends a message; does nothing once the connection is closing. */
  send(message: Message): void {
    this.context.traffic.messagesSent++
    if (!this.isOpen) return
    const isShortText = typeof message === "string" && message.length <= Frame.SHORT
    if (isShortText && this.#options.compression === undefined) this.sendShortText(message)
    else this.#sendFramed(MessageFraming.ofMessage(message, this.#options))
  }

  /**
   * Sends a message whose bytes will not change any more, such as one that was received. A large binary message is not
   * copied if the connection neither masks nor compresses.
   */
  sendUncopied(message: Message): void {
    this.context.traffic.messagesSent++
    if (this.isOpen) this.#sendFramed(MessageFraming.ofConstant(message, this.#options))
  }

  #sendFramed(framed: MessageFraming.Framed): void {
    if (typeof framed === "string") this.sendFrame(framed)
    else this.appendBuffers(framed)
  }

  /** Sends bytes that come before the first frame: the answer that ends the HTTP handshake. */
  sendRaw(bytes: Frame.ByteString): void {
    this.append(bytes)
  }

  /** Sends a message that was made for many connections at once. */
  sendPrepared(prepared: PreparedMessage): void {
    this.context.traffic.messagesSent++
    const { compression } = this.#options
    if (this.isOpen) this.sendFrame(compression === undefined ? prepared.frame : compression.frameOf(prepared))
  }

  /** Sends a ping. `payload` has up to 125 bytes, one for each character; the pong repeats it. */
  ping(payload: Frame.ByteString = ""): void {
    this.sendFrame(Frame.ofControl(Frame.Opcode.Ping, payload))
  }

  answerPing(payload: Uint8Array): void {
    const pong = Frame.ofControl(Frame.Opcode.Pong, latin1(payload))
    if (!this.#reader.hasWaiting) return this.sendFrame(pong)
    // After the answers to earlier messages, as far as their handlers give these at once: fibers run as tasks.
    this.inTurn(() => this.scheduler.scheduleTask(() => this.sendFrame(pong), 0))
  }

  hearPong(payload: Uint8Array): void {
    const { handler } = this
    if (handler?.onPong === undefined) return
    const text = latin1(payload)
    this.inTurn(() => handler.onPong?.(text))
  }

  /** Counts a received message of this length that the handler keeps. With too many of them the peer is not read. */
  retain(length: number): void {
    this.#reader.retain(length)
  }

  /** The handler does not keep a received message any more. */
  release(length: number): void {
    this.#reader.release(length)
  }

  /** Stops reading from the peer. When the kernel's buffers are full, TCP slows the peer. */
  pause(): void {
    // A connection that is closing is still read, because the peer's close frame must be seen.
    if (this.isOpen) this.#reader.pause(Pause.Handler)
  }

  resume(): void {
    this.#reader.resume(Pause.Handler)
  }

  /**
   * Closes with 1011, because something on this side failed, such as a handler that threw. The peer does not learn the
   * cause; the log has it.
   */
  fail(error: unknown): void {
    this.close(CloseCode.InternalError, "internal error")
    this.context.failed(this, error)
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
   * Drops what is kept for the peer, because it is more than `maxQueued`, and closes with 1008, or as the handler wants
   * it. A peer that reads again sees why.
   */
  protected overflowed(): void {
    this.forget()
    this.#closeWith(this.handler?.slow ?? LimitClose.SlowReader)
  }

  #closeWith({ code, reason }: Close): void {
    this.close(code, reason)
  }

  /**
   * Frees what is kept for this peer, because the process is over its memory budget. A peer that reads gets a close
   * frame with 1013. The connection of one that does not read is terminated, because what the socket holds is freed
   * only with the socket.
   */
  giveUp(): void {
    this.forget()
    this.#reader.giveUp()
    this.cutOff(LimitClose.ShortOfMemory)
    this.call(() => this.handler?.onGivenUp?.())
  }

  /** Calls a callback outside of a chunk. If it throws, the connection fails. */
  protected call(f: () => void): void {
    try {
      f()
    } catch (error) {
      this.fail(error)
    }
  }

  protected inTurn(f: () => void): void {
    this.context.receive(this, f)
  }

  protected expectEnd(): void {
    this.context.closing(this)
  }

  protected readOn(): void {
    this.#reader.resumeAll()
  }

  /** Takes bytes of the peer, up to `end`. They are changed in place and not kept. */
  push(bytes: Buffer, end: number = bytes.length): void {
    this.alive = true
    this.#reader.push(bytes, end)
  }

  /** Called by the socket's listeners. */
  socketEnded(): void {
    this.#reader.end()
    this.peerEnded()
  }

  socketClosed(): void {
    const close = this.finish()
    if (close === undefined) return
    this.#reader.end()
    this.context.closed(this)
    this.call(() => this.#tally?.closed(this, close))
    this.context.receive(this, close)
  }
}

/** A copy, because the bytes are in the shared read buffer: one character for each byte. */
const latin1 = (bytes: Uint8Array): Frame.ByteString => Buffer.from(bytes).toString("latin1")
