/**
 * One WebSocket connection over a TCP or TLS socket, on the server's or the client's side: a writer (`Writer`), which
 * owns a reader (`Reader`) and, when something ends it, a closing handshake (`ClosingHandshake`).
 *
 * Received messages go to the reactor's inbox, and the handler gets them from there in chunks. Sent messages are
 * gathered and leave with one write at the end of the chunk or of the event loop's turn. Nothing here is an Effect,
 * because these functions run for every message. `Conversation.ts` offers connections as Effects and Streams.
 */
import type { Socket } from "node:net"
import type * as Scheduler from "effect/Scheduler"
import { CloseCode } from "../Frames/CloseCode.ts"
import * as Frame from "../Frames/Frame.ts"
import { ClosingHandshake } from "./ClosingHandshake.ts"
import type { ConnectionContext, ConnectionOptions, Tally } from "./ConnectionContext.ts"
import type { Handler } from "./Handler.ts"
import * as LimitClose from "./LimitClose.ts"
import { type AccountOwner, MemoryAccount } from "./MemoryBudget.ts"
import { Pause } from "./Pauses.ts"
import { Reader, type ReaderOwner } from "./Reader.ts"
import * as SocketListeners from "./SocketListeners.ts"
import { Writer } from "./Writer.ts"

let nextId = 1

export class Connection
  extends Writer<ConnectionContext<Connection>>
  implements AccountOwner, ReaderOwner, SocketListeners.SocketOwner
{
  readonly #reader: Reader<Connection>
  /** Set when bytes arrive; the heartbeat clears it in each round. */
  alive = true
  #handler: Handler | undefined = undefined
  /** Unique in this process. */
  readonly id = nextId++
  readonly #tally: Tally<Connection> | undefined
  #account: MemoryAccount | undefined = undefined
  #closing: ClosingHandshake | undefined = undefined

  constructor(
    socket: Socket,
    context: ConnectionContext<Connection>,
    options: ConnectionOptions,
    tally?: Tally<Connection>
  ) {
    super(socket, context, options)
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
    const { path } = this.options
    return {
      id: this.id,
      ...(path === undefined ? {} : { path }),
      ...(remoteAddress === undefined ? {} : { peer: `${remoteAddress}:${remotePort}` })
    }
  }

  get isClient(): boolean {
    return !this.options.masked
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

  /** Whether this side ended the connection. */
  get closedHere(): boolean {
    return this.#closing?.closedHere === true
  }

  get closing(): ClosingHandshake {
    this.#closing ??= new ClosingHandshake(this)
    return this.#closing
  }

  /**
   * Begins the closing handshake (RFC 6455, section 7). If the peer began it, answers with the peer's own code instead.
   * What was sent before leaves first. The code is 1000 unless given; the reason has at most 123 bytes.
   */
  close(code: number = CloseCode.Normal, reason = ""): void {
    this.closing.close(code, reason)
  }

  /** Closes the connection from this side, after its handler has said goodbye (`onLeaving`). */
  leave(code: number, reason: string): void {
    this.closing.leave(code, reason)
  }

  /** Destroys the socket at once, without a close frame. Both sides report code 1006. */
  terminate(reason = ""): void {
    this.closing.terminate(reason)
  }

  destroy(): void {
    this.socket.destroy()
  }

  /** Closes with 1011: something failed here, such as a handler that threw. The cause is only in the log. */
  fail(error: unknown): void {
    this.close(CloseCode.InternalError, "internal error")
    this.context.failed(this, error)
  }

  /**
   * Drops what is kept for the peer, because it is more than `maxQueued`, and closes with 1008, or as the handler wants
   * it. A peer that reads again sees why.
   */
  overflowed(): void {
    this.forget()
    const { code, reason } = this.handler?.slow ?? LimitClose.SlowReader
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
    this.closing.cutOff(LimitClose.ShortOfMemory)
    this.call(() => this.handler?.onGivenUp?.())
  }

  /** Calls a callback outside of a chunk. If it throws, the connection fails. */
  call(f: () => void): void {
    try {
      f()
    } catch (error) {
      this.fail(error)
    }
  }

  inTurn(f: () => void): void {
    this.context.receive(this, f)
  }

  expectEnd(): void {
    this.context.closing(this)
  }

  readOn(): void {
    this.#reader.resume(Pause.Any)
  }

  /** Takes bytes of the peer, up to `end`. They are changed in place and not kept. */
  push(bytes: Buffer, end: number = bytes.length): void {
    this.alive = true
    this.#reader.push(bytes, end)
  }

  socketEnded(): void {
    this.#reader.end()
    this.closing.peerEnded()
  }

  socketClosed(): void {
    const close = this.closing.finish()
    if (close === undefined) return
    this.seal()
    this.lose()
    this.#reader.end()
    this.context.closed(this)
    this.call(() => this.#tally?.closed(this, close))
    this.context.receive(this, close)
  }
}

/** A copy, because the bytes are in the shared read buffer: one character for each byte. */
const latin1 = (bytes: Uint8Array): Frame.ByteString => Buffer.from(bytes).toString("latin1")
