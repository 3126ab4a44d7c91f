/**
 * One client's connection to channels: its state, and which command does what.
 *
 *     Fresh ── connect ──> Connecting ── the hook accepts ──> Connected ──> Closed
 *                               │
 *                               └── the hook fails with an error ──> Refused: a further message ends it
 */
import { randomUUID } from "node:crypto"
import type { Connection } from "../WebSocket/Connection/Connection.ts"
import type { Handler } from "../WebSocket/Connection/Handler.ts"
import { TokenBucket } from "../WebSocket/Connection/TokenBucket.ts"
import type { Close } from "../WebSocket/Frames/CloseCode.ts"
import type { Message } from "../WebSocket/Frames/Message.ts"
import type { PreparedMessage } from "../WebSocket/Frames/PreparedMessage.ts"
import type { UpgradeRequest } from "../WebSocket/Http/Endpoint.ts"
import type { Client } from "./Channel.ts"
import * as ChannelCommands from "./ChannelCommands.ts"
import type { ChannelNode, Identity } from "./ChannelNode.ts"
import { ClientSession, type Later } from "./ClientSession.ts"
import { type Disconnect, disconnects, errors, unsubscribes } from "./Codes.ts"
import * as ConnectionCommands from "./ConnectionCommands.ts"
import * as Protocol from "./Protocol.ts"
import { type Subscriber, Subscriptions } from "./Subscriptions.ts"

const State = { Fresh: 0, Connecting: 1, Connected: 2, Refused: 3, Closed: 4 } as const

/** Milliseconds that a connection lasts after it has expired, so that a new token can come. */
const GRACE = 25_000

/** An id as one piece: `randomUUID` gives a string of twelve parts, which would take 400 bytes for as long as the client is there. */
const newId = (): string => {
  uuid.write(randomUUID(), "latin1")
  return uuid.toString("latin1")
}
const uuid = Buffer.alloc(36)

interface AcceptedRequest {
  readonly request: UpgradeRequest
  /** What `admit` made of it. */
  readonly admitted: unknown
}

export class ClientConnection<R> extends ClientSession<R> implements Handler, Subscriber<R> {
  readonly id = newId()
  readonly subscriptions: Subscriptions<R>
  user = ""
  info: unknown = undefined
  pingSlot = -1
  #context: unknown = undefined
  /** Dropped once the client is connected. */
  #opening: AcceptedRequest | undefined
  #state: number = State.Fresh
  /** Whether a ping has no answer yet. */
  #isPinged = false
  #expiresAt: number | undefined = undefined
  #allowance: TokenBucket | undefined = undefined

  constructor(connection: Connection, request: UpgradeRequest, admitted: unknown, node: ChannelNode<R>) {
    super(connection, node)
    this.#opening = { request, admitted }
    this.subscriptions = new Subscriptions<R>(this)
    node.timers.opened(this)
  }

  get slow(): Close {
    return disconnects.slow
  }

  get client(): Client {
    return { id: this.id, user: this.user, info: this.info, context: this.#context }
  }

  get isClosed(): boolean {
    return this.#state === State.Closed
  }

  // Of the connection.

  onMessage(message: Message): void {
    if (this.isClosed) return
    if (this.#state === State.Refused) return this.disconnect(disconnects.badRequest)
    const text = typeof message === "string" ? message : new TextDecoder().decode(message)
    const { commands, isWhole } = Protocol.decodeCommands(text)
    this.cork()
    commands.forEach((command, index) => {
      this.#take(command, index === commands.length - 1 ? text.length : 0)
    })
    this.uncork()
    if (isWhole) return
    this.disconnect(
      commands.length === 0 && typeof message !== "string" ? disconnects.inappropriateProtocol : disconnects.badRequest
    )
  }

  onLeaving(): void {
    this.disconnect(disconnects.shutdown)
  }

  onGivenUp(): void {
    this.#end()
  }

  onClose(): void {
    this.#end()
  }

  // Of the hub, which also brings the application's own orders.

  deliver(frame: PreparedMessage): void {
    const wasOpen = this.connection.isOpen
    this.sendPrepared(frame)
    if (this.connection.isOpen || this.isClosed) return
    // It was too slow, unless it is leaving. Its socket may take long to end, and it is not present any more.
    if (wasOpen) this.node.refused(`${disconnects.slow.code} ${disconnects.slow.reason}`)
    this.#end()
  }

  losePosition(channel: string): void {
    if (!this.subscriptions.has(channel)) return
    if (this.subscriptions.isServerSide(channel)) return this.disconnect(disconnects.insufficientState)
    this.unsubscribe(channel, unsubscribes.insufficientState)
  }

  push(text: string): void {
    if (this.#state === State.Connected) this.send(text)
  }

  subscribe(channel: string): void {
    const found = this.node.channelOf(channel)
    if (this.#state !== State.Connected || found === undefined || this.subscriptions.has(channel)) return
    const { result } = this.subscriptions.enter(channel, found.channel, {}, true, undefined, 0)
    this.send(Protocol.push(channel, "subscribe", result))
    this.subscriptions.announce(channel, found.channel)
  }

  unsubscribe(channel: string, why: { readonly code: number; readonly reason: string }): void {
    if (this.subscriptions.leave(channel)) this.send(Protocol.push(channel, "unsubscribe", JSON.stringify(why)))
  }

  disconnect({ code, reason }: Disconnect): void {
    if (this.isClosed) return
    this.node.refused(`${code} ${reason}`)
    this.flush()
    this.connection.close(code, reason)
    this.#end()
  }

  // Of the timers.

  ping(): void {
    this.#isPinged = true
    this.send(Protocol.PING)
  }

  checkPong(): void {
    // A client that is not read can't be heard.
    if (this.#isPinged && !this.connection.isPaused) this.disconnect(disconnects.noPong)
  }

  checkConnected(): void {
    // A `connect` that is not answered is this side's fault, so the client must come back. One that was refused is answered.
    this.disconnect(this.#state === State.Connecting ? disconnects.internal : disconnects.stale)
  }

  checkExpiry(now: number): boolean {
    if (this.#expiresAt !== undefined && now >= this.#expiresAt) {
      this.disconnect(disconnects.expired)
      return false
    }
    const isLeft = this.subscriptions.checkExpiry(now, (channel) => this.unsubscribe(channel, unsubscribes.expired))
    return isLeft || this.#expiresAt !== undefined
  }

  // Of the commands.

  protected handle(command: Protocol.Command): Later<R> {
    const id = command.id ?? 0
    if (this.#state === State.Refused || this.isClosed) return
    if (command.connect) return this.#connect(id, command.connect)
    if (this.#state !== State.Connected) return this.disconnect(disconnects.badRequest)
    if (!this.#isAllowed()) {
      if (command.send) return this.disconnect(disconnects.slow)
      return this.fail(id, errors.tooManyRequests)
    }
    if (command.subscribe) return ChannelCommands.subscribe(this, id, command.subscribe)
    if (command.unsubscribe) return ChannelCommands.unsubscribe(this, id, command.unsubscribe)
    if (command.publish) return ChannelCommands.publish(this, id, command.publish)
    if (command.presence) return ChannelCommands.presence(this, id, command.presence)
    if (command.presence_stats) return ChannelCommands.presenceStats(this, id, command.presence_stats)
    if (command.history) return ChannelCommands.history(this, id, command.history)
    if (command.ping) return this.answer(id, "ping", "{}")
    if (command.rpc) return ConnectionCommands.call(this, id, command.rpc)
    if (command.send) return ConnectionCommands.receive(this, command.send)
    if (command.refresh) return ConnectionCommands.refresh(this, id, command.refresh)
    if (command.sub_refresh) return ChannelCommands.refresh(this, id, command.sub_refresh)
    this.disconnect(disconnects.badRequest)
  }

  accept(identity: Identity): void {
    this.#state = State.Connected
    this.user = identity.user
    this.#opening = undefined
    this.node.hub.enter(this)
    this.node.timers.connected(this)
    this.renew(identity)
  }

  refuse(): void {
    this.#state = State.Refused
  }

  renew({ context, expiresAt, info }: Identity): void {
    this.info = info
    this.#context = context
    this.#expiresAt = expiresAt === undefined || this.node.refresh === undefined ? expiresAt : expiresAt + GRACE
    if (expiresAt !== undefined) this.node.timers.expires(this)
  }

  #take(command: Protocol.Command, bytes: number): void {
    if (this.isClosed || this.#state === State.Refused) return
    if (!command.id && !command.send) return this.#pong(command)
    this.run(command, bytes)
  }

  #pong(command: Protocol.Command): void {
    // An empty command that nobody asked for, or a command without its id.
    const isPong = Object.keys(command).length === 0 && this.#state === State.Connected && this.#isPinged
    if (isPong) this.#isPinged = false
    else this.disconnect(disconnects.badRequest)
  }

  #connect(id: number, given: Protocol.Given<"connect">): Later<R> {
    if (this.#state !== State.Fresh) return this.disconnect(disconnects.badRequest)
    this.#state = State.Connecting
    return ConnectionCommands.connect(this, id, given, this.#opening!.request, this.#opening!.admitted)
  }

  #isAllowed(): boolean {
    const now = this.node.now()
    const { rate } = this.node.limits
    this.#allowance ??= new TokenBucket(rate.perSecond, now, rate.burst)
    return this.#allowance.tryTake(now)
  }

  #end(): void {
    if (this.isClosed) return
    this.#state = State.Closed
    this.node.timers.closed(this)
    this.subscriptions.leaveAll()
    this.node.hub.leave(this)
    this.stop()
  }
}
