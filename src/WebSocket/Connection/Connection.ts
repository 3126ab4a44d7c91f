/**
 * One WebSocket connection over a TCP or TLS socket, on either side.
 *
 * What it receives goes to the reactor's inbox, from where its handler gets it in chunks. What is sent to it is
 * gathered and leaves with one write at the end of the chunk or of the event loop's turn. Nothing here is an Effect:
 * these functions run for every message. See `Conversation.ts` for connections as Effects and Streams.
 */
import type { Socket } from "node:net"
import { type Close, CloseCode } from "../Frames/CloseCode.ts"
import * as Frame from "../Frames/Frame.ts"
import { FrameDecoder, type FrameSink } from "../Frames/FrameDecoder.ts"
import type { Message } from "../Frames/Message.ts"
import type { PreparedMessage } from "../Frames/PreparedMessage.ts"
import { Backlog, WORTHWHILE } from "./Backlog.ts"
import type { ConnectionContext, ConnectionOptions, Tally } from "./ConnectionContext.ts"
import { type Holder, UNCOUNTED } from "./MemoryBudget.ts"
import * as SocketListeners from "./SocketListeners.ts"
import { TokenBucket } from "./TokenBucket.ts"

/** What a connection's owner does with what comes. Called inside a chunk; after `onClose` nothing is called. */
export interface Handler {
  readonly onMessage: (message: Message) => void
  /** A pong came, with what the ping said: one byte a character. */
  readonly onPong?: (payload: string) => void
  /**
   * The peer begins to close, or broke the protocol: no more messages come. A handler that still works on what came before
   * answers with `close` when it has sent what it has to say; for a handler without this the close frame is sent at once.
   */
  readonly onClosing?: () => void
  /**
   * This side is to end, with this code: a handler that has something to say before closes by itself, for which it has as
   * long as a closing handshake may take. For a handler without this the connection is closed at once.
   */
  readonly onLeaving?: (close: Close) => void
  /** The connection is given up, because the process holds too much: what the handler keeps of its messages is to be dropped. */
  readonly onGivenUp?: () => void
  readonly onClose: (close: Close) => void
}

/** The reason with which a peer is closed that does not read what is sent to it. */
export const SLOW_READER = "slow reader"

/** The reason with which a peer is closed for which too much is held, when the process is over its budget. */
const MEMORY = "the server is short of memory"

/** The reason with which a peer is closed whose messages this side's handler does not take. */
const UNREAD = "nobody takes its messages"

/** The reason with which a peer is closed that does not finish a message. */
const UNFINISHED = "a message was not finished in time"

const State = { Open: 0, Closing: 1, Closed: 2 } as const

/** Why a connection is not read, as bits: its handler asked for it, its peer sends too fast. */
const Hold = { Handler: 1, Rate: 2 } as const

/** Bytes gathered that are written without waiting for the end of the turn. */
const ENOUGH = 65536

/** Milliseconds that a fast peer is not read, at least: timers are not for shorter times. */
const MIN_HOLD = 10

let nextId = 1

export class Connection implements FrameSink, Holder, SocketListeners.SocketOwner {
  // What a delivery touches comes first, so that it lies together in memory: nearly all of the relay's own time is spent
  // on bringing the subscribers' connections into the cache.
  #state: number = State.Open
  /** Whether the socket holds bytes that the kernel does not take. */
  #blocked = false
  #pending: Frame.ByteString = ""
  readonly #context: ConnectionContext<Connection>
  readonly #options: ConnectionOptions
  readonly #socket: Socket
  readonly #decoder: FrameDecoder
  /** The heartbeat's note: whether anything was received since its last round. */
  alive = true
  handler: Handler | undefined = undefined
  readonly #bucket: TokenBucket | undefined
  /** Unique in this process. */
  readonly id = nextId++
  readonly #tally: Tally<Connection> | undefined
  #close: Close | undefined = undefined
  /** Whether the socket's writing side ends with what is gathered. */
  #ending = false
  /** What a peer that does not read was sent before what is gathered. */
  #backlog: Backlog | undefined = undefined
  #drained: Array<() => void> | undefined = undefined
  /** Bytes of its messages that wait for the handler, as that told. */
  #waiting = 0
  #held = 0
  #closedHere = false
  /** Whether the peer's close frame has come, or what breaks the protocol: nothing that comes later counts. */
  #peerCloses = false
  /** Whether it has begun a message, which is to be finished in time. */
  #unfinished = false

  constructor(
    socket: Socket,
    context: ConnectionContext<Connection>,
    options: ConnectionOptions,
    tally?: Tally<Connection>
  ) {
    this.#socket = socket
    this.#context = context
    this.#options = options
    this.#tally = tally
    this.#decoder = new FrameDecoder(options, this)
    this.#bucket = options.maxRate === undefined ? undefined : new TokenBucket(options.maxRate, performance.now())
  }

  /** Listens to the socket; for sockets that are not read by other means. */
  listen(): void {
    SocketListeners.listen(this.#socket, this)
  }

  /** Listens for the end of the socket only. */
  listenForEnd(): void {
    SocketListeners.listenForEnd(this.#socket, this)
  }

  get isOpen(): boolean {
    return this.#state === State.Open
  }

  /** Whether this side ended the connection. */
  get closedHere(): boolean {
    return this.#closedHere
  }

  /** Whether the peer is not read, so that its silence means nothing. */
  get isHeld(): boolean {
    return this.#held !== 0
  }

  /** Bytes that were sent but have not left this process. */
  get queued(): number {
    return this.#kept + this.#socket.writableLength
  }

  /** Whether the peer reads slower than it is sent to. */
  get blocked(): boolean {
    return this.#blocked
  }

  /** Hands over what is gathered, and calls `f` when it has left this process or the socket is gone. */
  onceDrained(f: () => void): void {
    this.flush()
    if (this.#blocked && this.#state !== State.Closed) this.#drained = [...(this.#drained ?? []), f]
    else f()
  }

  /** Sends a message; does nothing once the connection is closing. */
  send(message: Message): void {
    this.#context.traffic.messagesSent++
    this.sendFrame(Frame.ofMessage(message))
  }

  /** Sends a frame that was made before, for many connections at once; whoever made it counts it. */
  sendFrame(frame: Frame.ByteString): void {
    if (this.#state !== State.Open) return
    this.#append(this.#options.masked ? frame : Frame.mask(frame))
  }

  /** Sends bytes before the first frame: the end of the HTTP handshake. */
  sendRaw(bytes: Frame.ByteString): void {
    this.#append(bytes)
  }

  /** Sends a message that was made for many connections at once. */
  sendPrepared({ frame }: PreparedMessage): void {
    this.#context.traffic.messagesSent++
    this.sendFrame(frame)
  }

  /** `payload`: up to 125 bytes, one a character, that the pong repeats. */
  ping(payload: Frame.ByteString = ""): void {
    this.sendFrame(Frame.ofControl(Frame.Opcode.Ping, payload))
  }

  /** Stops or resumes reading; the kernel then slows the peer. */
  pause(): void {
    // One that is closing is read, for its close frame.
    if (this.#state === State.Open) this.#hold(Hold.Handler)
  }

  resume(): void {
    this.#release(Hold.Handler)
  }

  /**
   * Begins the closing handshake (RFC 6455, section 7), or answers the peer, which began it, with its own code. What was
   * sent before leaves first.
   */
  close(code: number = CloseCode.Normal, reason = ""): void {
    if (this.#state !== State.Open) return
    if (this.#peerCloses) return this.#answerClose()
    this.sendFrame(Frame.ofControl(Frame.Opcode.Close, Frame.closePayload(code, reason)))
    this.#close ??= { code, reason }
    this.#closedHere = true
    this.#state = State.Closing
    this.#context.closing(this)
    // The peer's own close frame is to be read, and nothing before it matters.
    this.#release(this.#held)
  }

  /** Tells, now and then, how many bytes of its messages wait for whoever takes them. */
  noteWaiting(bytes: number): void {
    this.#waiting = bytes
    this.#weigh()
  }

  /**
   * The process holds too much, and most of it for this peer. One that reads is told so; for one that does not, what the
   * socket holds is freed with the socket only.
   */
  giveUp(): void {
    this.#forget()
    this.#decoder.end()
    if (this.#state === State.Open && !this.#blocked) {
      this.close(CloseCode.TryAgainLater, MEMORY)
      this.#end()
    } else {
      if (this.#state === State.Open) this.#close ??= { code: CloseCode.TryAgainLater, reason: MEMORY }
      this.terminate()
    }
    this.#call(() => this.handler?.onGivenUp?.())
  }

  /** Closes the connection when its handler has said goodbye. */
  leave(code: number, reason: string): void {
    if (this.#state !== State.Open) return
    const { handler } = this
    if (handler?.onLeaving === undefined) return this.close(code, reason)
    this.#context.closing(this)
    this.#call(() => handler.onLeaving?.({ code, reason }))
  }

  /** Ends the socket at once: the peer sees code 1006. */
  terminate(reason = ""): void {
    this.#forget()
    if (this.#state === State.Open) {
      this.#closedHere = true
      this.#state = State.Closing
    }
    this.#close ??= { code: CloseCode.Abnormal, reason }
    this.#socket.destroy()
  }

  /** Whoever handles this connection failed: the peer is told no more than that, and the log why. */
  fail(error: unknown): void {
    this.close(CloseCode.InternalError, "internal error")
    this.#context.failed(this, error)
  }

  /** What tells it apart in the log. */
  get annotations(): Readonly<Record<string, string | number>> {
    const { remoteAddress, remotePort } = this.#socket
    const { path } = this.#options
    return {
      id: this.id,
      ...(path === undefined ? {} : { path }),
      ...(remoteAddress === undefined ? {} : { peer: `${remoteAddress}:${remotePort}` })
    }
  }

  /**
   * Hands what was gathered to the socket; called by the outbox. While the peer does not read, it is kept here, where
   * it can still be given up.
   */
  flush(): void {
    if (this.#blocked) return
    const bytes = this.#pending
    this.#pending = ""
    const socket = this.#socket
    if (bytes !== "" && this.#state !== State.Closed) {
      this.#context.traffic.bytesSent += bytes.length
      if (bytes.length < UNCOUNTED && socket.writableLength === 0) socket.write(bytes, "latin1")
      else this.#write(bytes)
    }
    if (this.#ending && !this.#blocked) socket.end()
  }

  /** Handles bytes of the peer. */
  push(chunk: Buffer): void {
    this.alive = true
    const { traffic } = this.#context
    traffic.bytesReceived += chunk.length
    const before = traffic.messagesReceived
    this.#decoder.push(chunk)
    if (this.#unfinished || this.#decoder.isUnfinished) {
      this.#timeMessage(traffic.messagesReceived > before)
      this.#weigh()
    }
    if (this.#bucket?.isOverdrawn === true) this.#throttle(this.#bucket)
  }

  onMessage(message: Message): void {
    this.#bucket?.take()
    this.#context.traffic.messagesReceived++
    if (this.#state === State.Open) this.#context.receive(this, message)
  }

  onPing(payload: Uint8Array): void {
    this.#bucket?.take()
    this.sendFrame(Frame.ofControl(Frame.Opcode.Pong, payload))
  }

  onPong(payload: Uint8Array): void {
    this.#bucket?.take()
    const { handler } = this
    if (handler?.onPong === undefined) return
    // The bytes are the read buffer's; and a handler is called in its turn.
    const text = Buffer.from(payload).toString("latin1")
    this.#context.receive(this, () => handler.onPong?.(text))
  }

  onFragment(): void {
    this.#bucket?.take()
  }

  onCloseFrame(code: number, reason: string): void {
    if (this.#state === State.Open || !this.#options.masked) this.#close = { code, reason }
    this.#closeInTurn()
  }

  onViolation(code: number, reason: string): void {
    if (this.#state === State.Open) {
      this.#close = { code, reason }
      this.#closedHere = true
    }
    this.#closeInTurn()
  }

  /** Nothing more will come: what came before is handled, then a close frame is sent, with the code of `#close`. */
  #closeInTurn(): void {
    this.#peerCloses = true
    this.#context.receive(this, () => {
      if (this.handler?.onClosing === undefined || this.#state !== State.Open) return this.#answerClose()
      this.#context.closing(this)
      this.handler.onClosing()
    })
  }

  #answerClose(): void {
    if (this.#state === State.Open) {
      const { code, reason } = this.#close ?? { code: CloseCode.NoStatus, reason: "" }
      this.sendFrame(Frame.ofControl(Frame.Opcode.Close, Frame.closePayload(code, reason)))
      this.#state = State.Closing
      this.#context.closing(this)
      this.#release(this.#held)
    }
    this.#end()
  }

  /** Does not read a peer that sent more than it may, until it would have been allowed to. */
  #throttle(bucket: TokenBucket): void {
    const wait = bucket.fill(performance.now())
    if (wait === 0 || this.#state !== State.Open) return
    this.#hold(Hold.Rate)
    setTimeout(() => this.#release(Hold.Rate), Math.max(MIN_HOLD, wait)).unref()
  }

  #hold(why: number): void {
    if (this.#held === 0) {
      this.#context.unread.add(this)
      // What it sends is not seen: that the message is not finished is not its fault.
      if (this.#unfinished) this.#context.unfinished.delete(this)
      this.#socket.pause()
    }
    this.#held |= why
  }

  #release(why: number): void {
    if (this.#held === 0) return
    this.#held &= ~why
    if (this.#held !== 0) return
    this.#context.unread.delete(this)
    if (this.#state === State.Closed) return
    if (this.#unfinished) this.#context.unfinished.add(this)
    this.#socket.resume()
  }

  /** It was not read for too long: what it says, were it that it leaves, would never be seen. */
  abandon(): void {
    if (this.#blocked) this.close(CloseCode.PolicyViolation, SLOW_READER)
    else this.close(CloseCode.TryAgainLater, UNREAD)
  }

  /** It did not finish its message in time. */
  tooLate(): void {
    this.close(CloseCode.PolicyViolation, UNFINISHED)
  }

  /** Begins or ends the time in which a message must be finished; `isNew`: others have ended before it. */
  #timeMessage(isNew: boolean): void {
    const { unfinished } = this.#context
    if (isNew || !this.#decoder.isUnfinished) unfinished.delete(this)
    this.#unfinished = this.#decoder.isUnfinished
    if (this.#unfinished && this.#held === 0) unfinished.add(this)
  }

  #append(bytes: Frame.ByteString): void {
    if (this.#blocked) return this.#keep(bytes)
    if (this.#pending === "") this.#context.touch(this)
    this.#pending += bytes
    // A write of so much is worth its cost: nothing is gained by gathering more.
    if (this.#pending.length >= ENOUGH) this.flush()
  }

  /** Writes what is worth to know whether the kernel took it all. */
  #write(bytes: Frame.ByteString | Buffer): void {
    const socket = this.#socket
    this.#blocked = true
    socket.write(bytes, "latin1", () => this.#unblock())
    if (socket.writableLength === 0) this.#blocked = false
    else this.#weigh()
  }

  /** Tells the budget what is held for the peer. */
  #weigh(): void {
    if (this.#socket.destroyed) return
    const unsent = this.#blocked ? this.queued : 0
    this.#context.memory.note(this, unsent + this.#decoder.held + this.#waiting)
  }

  /** Bytes that the socket was not given yet. */
  get #kept(): number {
    return this.#pending.length + (this.#backlog?.length ?? 0)
  }

  #keep(bytes: Frame.ByteString): void {
    this.#pending += bytes
    // A pong, or the like, may wait behind a message that is larger than the limit.
    if (this.#kept > Math.min(UNCOUNTED, this.#options.maxQueued) && this.queued > this.#options.maxQueued) {
      // It gives up what is kept for it, and is told why, should it read again.
      this.#forget()
      this.close(CloseCode.PolicyViolation, SLOW_READER)
    } else if (this.#pending.length >= WORTHWHILE) {
      this.#backlog ??= new Backlog()
      this.#backlog.push(this.#pending)
      this.#pending = ""
    }
    this.#weigh()
  }

  #forget(): void {
    this.#pending = ""
    this.#backlog = undefined
  }

  #unblock(): void {
    // A write before may be told of when the next has begun.
    if (!this.#blocked || this.#socket.writableLength > 0) return
    this.#blocked = false
    const backlog = this.#backlog
    this.#backlog = undefined
    if (backlog !== undefined && this.#state !== State.Closed) {
      this.#context.traffic.bytesSent += backlog.length
      this.#write(backlog.bytes())
    }
    this.flush()
    this.#weigh()
    this.#settleDrained()
  }

  #settleDrained(): void {
    if (this.#drained === undefined || (this.#blocked && this.#state !== State.Closed)) return
    const waiting = this.#drained
    this.#drained = undefined
    for (const f of waiting) this.#call(f)
  }

  /** Ends the socket's writing side after what is gathered. */
  #end(): void {
    this.#ending = true
    if (this.#pending === "" && !this.#blocked) this.#socket.end()
  }

  /** Called by the socket's listeners. */
  socketEnded(): void {
    this.#decoder.end()
    this.#context.receive(this, () => {
      if (this.#state === State.Open) {
        // A peer that said that it closes may still read what it is answered.
        if (this.#peerCloses) return
        this.#state = State.Closing
        // It may never read what is still held for it.
        this.#context.closing(this)
      }
      this.#end()
    })
  }

  socketClosed(): void {
    if (this.#state === State.Closed) return
    this.#state = State.Closed
    this.#decoder.end()
    this.#settleDrained()
    this.#context.memory.note(this, 0)
    this.#context.closed(this)
    const close = this.#close ?? { code: CloseCode.Abnormal, reason: "" }
    this.#call(() => this.#tally?.closed(this, close))
    this.#context.receive(this, close)
  }

  /** Calls somebody who is called outside of a chunk. */
  #call(f: () => void): void {
    try {
      f()
    } catch (error) {
      this.fail(error)
    }
  }
}
