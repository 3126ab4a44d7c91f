/**
 * One client's connection to channels.
 *
 *     Fresh ── connect ──> Connecting ── the hook accepts ──> Connected ──> Closed
 *                               │
 *                               └── the hook fails with an error ──> Refused: a further message ends it
 *
 * Commands are handled one after the other, in their order. Those that need no hook are handled at once, without a fiber;
 * a hook runs in a fiber that ends with it, and the commands after it wait. Procedures run beside them.
 */
import { randomUUID } from "node:crypto"
import type { IncomingHttpHeaders } from "node:http"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import * as Option from "effect/Option"
import type { Connection } from "../WebSocket/Connection/Connection.ts"
import type { Handler } from "../WebSocket/Connection/Handler.ts"
import type { Close } from "../WebSocket/Frames/CloseCode.ts"
import type { Message } from "../WebSocket/Frames/Message.ts"
import type { PreparedMessage } from "../WebSocket/Frames/PreparedMessage.ts"
import type { UpgradeRequest } from "../WebSocket/Http/Endpoint.ts"
import type { Position } from "../WebSocket/Topic/KeyHistory.ts"
import { PublishError, type TopicLog } from "../WebSocket/Topic/TopicLog.ts"
import type { Channel, Client, Maybe, Procedure, Rate, Subscription } from "./Channel.ts"
import type { ClientTimers, TimedClient } from "./ClientTimers.ts"
import { Disconnect, disconnects, errors, ReplyError, unsubscribes } from "./Codes.ts"
import { type Hub, type HubClient, infoOf } from "./Hub.ts"
import * as Protocol from "./Protocol.ts"

/** What a client sends first, and the request of its WebSocket. */
export interface ConnectRequest {
  /** The id that the connection will have. */
  readonly client: string
  /** Empty if the client has none. */
  readonly token: string
  readonly data: unknown
  /** The name and the version of the client's program. */
  readonly name: string
  readonly version: string
  /** Headers of the handshake, by name in lower case, with those that the client put into its `connect` command. */
  readonly headers: Readonly<Record<string, string>>
  readonly url: string
  readonly remoteAddress: string | undefined
  /** What `admit` returned for the handshake, if there is an `admit`. */
  readonly admitted: unknown
}

/** Who a client is. */
export interface Identity {
  /** Empty for an anonymous client. */
  readonly user: string
  /** What others see beside the user: `conn_info`. */
  readonly info?: unknown
  /** For hooks, and for nobody else. */
  readonly context?: unknown
  /** For the client, in the reply to `connect`. */
  readonly data?: unknown
  /** When the connection ends, in milliseconds since 1970. With a `refresh` hook the client sends a new token before. */
  readonly expiresAt?: number
  /** Channels to which the server subscribes the client. Their `subscribe` hooks are not asked. */
  readonly channels?: ReadonlyArray<string>
}

/** What the clients of one client may do. */
export interface ClientLimits {
  /** The most channels of a client. More are error 106. */
  readonly channels: number
  /** The most bytes of a publication, as JSON. More are error 106. */
  readonly publication: number
  /** The most commands of a client. More are error 111. */
  readonly rate: Rate
  /** The most procedures of a client that run at the same time. More are error 111. */
  readonly procedures: number
  /** The most connections of a user to one process. More are closed with 3504. */
  readonly connections: number
  /** The most publications in one answer to `history`. */
  readonly history: number
}

/** What all connections of a server share. */
export interface ChannelNode<R> {
  readonly log: TopicLog
  readonly hub: Hub<ClientConnection<R>>
  readonly timers: ClientTimers
  readonly limits: ClientLimits
  /** Seconds between two pings, and whether clients must answer them. */
  readonly ping: number
  readonly channelOf: (name: string) => { readonly channel: Channel<R>; readonly name: string } | undefined
  readonly procedures: ReadonlyMap<string, Procedure<R>>
  readonly connect: (request: ConnectRequest) => Effect.Effect<Identity, ReplyError | Disconnect, R>
  readonly refresh: ((token: string, client: Client) => Effect.Effect<Identity, ReplyError | Disconnect, R>) | undefined
  readonly receive: ((data: unknown, client: Client) => Effect.Effect<void, ReplyError | Disconnect, R>) | undefined
  readonly fork: (effect: Effect.Effect<void, never, R>) => Fiber.RuntimeFiber<void>
  readonly now: () => number
  /** Logs a hook's defect. */
  readonly unsafeReport: (cause: Cause.Cause<unknown>) => void
  /** Counts why clients are refused. */
  readonly refused: (why: string) => void
}

const State = { Fresh: 0, Connecting: 1, Connected: 2, Refused: 3, Closed: 4 } as const

/** The most characters of a channel's name. */
const MAX_NAME = 255
/** Seconds that a connection lasts after it has expired, so that a new token can come. */
const GRACE = 25_000
/** The flag of `subscribe` that asks for error 112 in place of a subscription that did not recover. */
const REJECT_UNRECOVERED = 2
/** No answer of a second or less may be given as a time to live, because clients would ask again at once. */
const ttlOf = (at: number, now: number): number => Math.max(1, Math.ceil((at - now) / 1000))

/** What must be run for a command that could not be handled at once. */
type Later<R> = Maybe<Effect.Effect<void, never, R>>

interface Waiting {
  readonly command: Protocol.Command
  readonly bytes: number
}

/** A subscription of this client. */
interface Subscribed extends Subscription {
  readonly isServerSide: boolean
  expiresAt?: number
  allowance?: Allowance
}

export class ClientConnection<R> implements Handler, HubClient, TimedClient {
  readonly slow: Close = disconnects.slow
  readonly id = randomUUID()
  user = ""
  #info: unknown
  #context: unknown
  readonly #connection: Connection
  readonly #node: ChannelNode<R>
  /** Dropped once the client is connected. */
  #request: UpgradeRequest | undefined
  readonly #admitted: unknown
  #state: number = State.Fresh
  #channels: Map<string, Subscribed> | undefined
  #waiting: Array<Waiting> | undefined
  /** The fiber of the hook that the commands wait for. */
  #running: Fiber.RuntimeFiber<void> | undefined
  #calls: Set<Fiber.RuntimeFiber<void>> | undefined
  /** Replies of a message that is being handled, which leave as one message. */
  #gathered: Array<string> | undefined
  #isPinged = false
  #expiresAt: number | undefined
  #allowance: Allowance | undefined

  constructor(connection: Connection, request: UpgradeRequest, admitted: unknown, node: ChannelNode<R>) {
    this.#connection = connection
    this.#request = request
    this.#admitted = admitted
    this.#node = node
    node.timers.opened(this)
  }

  get client(): Client {
    return { id: this.id, user: this.user, info: this.#info, context: this.#context }
  }

  // What comes.

  onMessage(message: Message): void {
    if (this.#state === State.Closed) return
    if (this.#state === State.Refused) return this.disconnect(disconnects.badRequest)
    const text = typeof message === "string" ? message : new TextDecoder().decode(message)
    const { commands, isWhole } = Protocol.decodeCommands(text)
    this.#gathered = []
    commands.forEach((command, index) => {
      this.#take(command, index === commands.length - 1 ? text.length : 0)
    })
    this.#flush()
    this.#gathered = undefined
    if (isWhole) return
    this.disconnect(
      commands.length === 0 && typeof message !== "string" ? disconnects.inappropriateProtocol : disconnects.badRequest
    )
  }

  onLeaving(): void {
    this.disconnect(disconnects.shutdown)
  }

  onGivenUp(): void {
    const dropped = this.#waiting ?? []
    this.#waiting = undefined
    for (const { bytes } of dropped) this.#connection.release(bytes)
  }

  onClose(): void {
    this.#end()
  }

  // Of the hub.

  deliver(frame: PreparedMessage): void {
    this.#flush()
    this.#connection.sendPrepared(frame)
  }

  losePosition(channel: string): void {
    const subscribed = this.#channels?.get(channel)
    if (subscribed === undefined) return
    if (subscribed.isServerSide) return this.disconnect(disconnects.insufficientState)
    this.unsubscribe(channel, unsubscribes.insufficientState)
  }

  // Of the timers.

  ping(): void {
    this.#isPinged = true
    this.#send(Protocol.PING)
  }

  checkPong(): void {
    // A client that is not read can't be heard.
    if (this.#isPinged && !this.#connection.isPaused) this.disconnect(disconnects.noPong)
  }

  checkConnected(): void {
    this.disconnect(disconnects.stale)
  }

  checkExpiry(now: number): boolean {
    if (this.#expiresAt !== undefined && now >= this.#expiresAt) {
      this.disconnect(disconnects.expired)
      return false
    }
    let isLeft = this.#expiresAt !== undefined
    for (const [channel, { expiresAt }] of this.#channels ?? []) {
      if (expiresAt === undefined) continue
      if (now >= expiresAt) this.unsubscribe(channel, unsubscribes.expired)
      else isLeft = true
    }
    return isLeft
  }

  // Of the server's API.

  /** Sends a message of the application's own. */
  push(text: string): void {
    if (this.#state === State.Connected) this.#send(text)
  }

  /** Subscribes the client to a channel, and tells it. */
  subscribe(channel: string): void {
    const found = this.#node.channelOf(channel)
    if (this.#state !== State.Connected || found === undefined || this.#channels?.has(channel) === true) return
    const result = this.#enter(channel, found.channel, {}, true, undefined)
    this.#send(Protocol.push(channel, "subscribe", Protocol.subscribeResult(result)))
    this.#announce(channel, found.channel)
  }

  /** Ends a subscription, and tells the client why. */
  unsubscribe(channel: string, why: { readonly code: number; readonly reason: string }): void {
    if (this.#leave(channel)) this.#send(Protocol.push(channel, "unsubscribe", JSON.stringify(why)))
  }

  disconnect({ code, reason }: Disconnect): void {
    if (this.#state === State.Closed) return
    this.#node.refused(`${code} ${reason}`)
    this.#flush()
    this.#connection.close(code, reason)
    this.#end()
  }

  #end(): void {
    if (this.#state === State.Closed) return
    const wasConnected = this.#state === State.Connected
    this.#state = State.Closed
    this.#node.timers.closed(this)
    for (const channel of [...(this.#channels?.keys() ?? [])]) this.#leave(channel)
    if (wasConnected) this.#node.hub.leave(this)
    this.#running?.unsafeInterruptAsFork(FiberId.none)
    for (const call of this.#calls ?? []) call.unsafeInterruptAsFork(FiberId.none)
    this.onGivenUp()
  }

  // Replies.

  #send(text: string): void {
    this.#flush()
    this.#connection.send(text)
  }

  #reply(text: string): void {
    if (this.#state === State.Closed) return
    if (this.#gathered === undefined) this.#connection.send(text)
    else this.#gathered.push(text)
  }

  #flush(): void {
    if (this.#gathered === undefined || this.#gathered.length === 0) return
    const text = this.#gathered.join("\n")
    this.#gathered = []
    this.#connection.send(text)
  }

  #fail(id: number, error: ReplyError): void {
    this.#node.refused(`${error.code} ${error.message}`)
    this.#reply(Protocol.errorReply(id, error))
  }

  /** What to answer when a hook did not succeed. */
  #failWith(id: number, cause: Cause.Cause<unknown>): void {
    if (this.#state === State.Closed) return
    const failure = Option.getOrUndefined(Cause.failureOption(cause))
    if (failure instanceof ReplyError) return this.#fail(id, failure)
    if (failure instanceof Disconnect) return this.disconnect(failure)
    if (failure instanceof PublishError) return this.#fail(id, errorOf(failure))
    if (Cause.isInterruptedOnly(cause)) return
    this.#node.unsafeReport(cause)
    this.#fail(id, errors.internal)
  }

  // Commands.

  #take(command: Protocol.Command, bytes: number): void {
    if (this.#state === State.Closed || this.#state === State.Refused) return
    if (!command.id && !command.send) return this.#pong(command)
    if (this.#waiting === undefined && this.#running === undefined) {
      const effect = this.#handle(command)
      if (effect !== undefined) this.#run(effect)
      return
    }
    this.#waiting ??= []
    this.#waiting.push({ command, bytes })
    this.#connection.retain(bytes)
  }

  #pong(command: Protocol.Command): void {
    // An empty command that nobody asked for, or a command without its id.
    const isPong = Object.keys(command).length === 0 && this.#state === State.Connected && this.#isPinged
    if (isPong) this.#isPinged = false
    else this.disconnect(disconnects.badRequest)
  }

  /** Runs what a command needs, then the commands that wait. */
  #run(effect: Effect.Effect<void, never, R>): void {
    let isDone = false
    const fiber = this.#node.fork(
      Effect.ensuring(
        effect,
        Effect.sync(() => {
          isDone = true
        })
      )
    )
    if (isDone) return
    this.#running = fiber
    fiber.addObserver(() => {
      this.#running = undefined
      this.#continue()
    })
  }

  #continue(): void {
    while (this.#running === undefined && this.#waiting !== undefined && this.#state !== State.Closed) {
      const { bytes, command } = this.#waiting.shift()!
      if (this.#waiting.length === 0) this.#waiting = undefined
      this.#connection.release(bytes)
      const effect = this.#handle(command)
      if (effect !== undefined) this.#run(effect)
    }
  }

  /** Handles a command; returns what must be run for it, if it can't be handled at once. */
  #handle(command: Protocol.Command): Later<R> {
    const id = command.id ?? 0
    if (this.#state === State.Refused || this.#state === State.Closed) return
    if (command.connect) return this.#connect(id, command.connect)
    if (this.#state !== State.Connected) return this.disconnect(disconnects.badRequest)
    if (!this.#isAllowed()) {
      if (command.send) return this.disconnect(disconnects.slow)
      return this.#fail(id, errors.tooManyRequests)
    }
    if (command.subscribe) return this.#subscribe(id, command.subscribe)
    if (command.unsubscribe) return this.#unsubscribe(id, command.unsubscribe)
    if (command.publish) return this.#publish(id, command.publish)
    if (command.presence) return this.#presence(id, command.presence)
    if (command.presence_stats) return this.#presenceStats(id, command.presence_stats)
    if (command.history) return this.#history(id, command.history)
    if (command.ping) return this.#reply(Protocol.reply(id, "ping", "{}"))
    if (command.rpc) return this.#call(id, command.rpc)
    if (command.send) return this.#receive(command.send.data)
    if (command.refresh) return this.#refresh(id, command.refresh.token ?? "")
    if (command.sub_refresh) return this.#refreshSubscription(id, command.sub_refresh)
    this.disconnect(disconnects.badRequest)
  }

  #isAllowed(): boolean {
    this.#allowance ??= new Allowance(this.#node.limits.rate, this.#node.now())
    return this.#allowance.take(this.#node.now())
  }

  /** Runs a hook, then `done` with its result, if the client is still there. */
  #hook<A>(
    id: number,
    hook: Effect.Effect<A, ReplyError | Disconnect | PublishError, R>,
    done: (result: A) => void
  ): Effect.Effect<void, never, R> {
    return Effect.matchCause(
      Effect.suspend(() => hook),
      {
        onFailure: (cause) => this.#failWith(id, cause),
        onSuccess: (result) => {
          if (this.#state !== State.Closed) done(result)
        }
      }
    )
  }

  #connect(id: number, request: NonNullable<Protocol.Command["connect"]>): Later<R> {
    if (this.#state !== State.Fresh) return this.disconnect(disconnects.badRequest)
    this.#state = State.Connecting
    const { headers, remoteAddress, url } = this.#request!
    const asked = this.#node.connect({
      client: this.id,
      token: request.token ?? "",
      data: request.data,
      name: request.name ?? "",
      version: request.version ?? "",
      headers: { ...flat(headers), ...lower(request.headers ?? {}) },
      url,
      remoteAddress,
      admitted: this.#admitted
    })
    return Effect.matchCause(asked, {
      onFailure: (cause) => {
        if (this.#state === State.Closed) return
        this.#state = State.Refused
        this.#failWith(id, cause)
      },
      onSuccess: (identity) => {
        if (this.#state !== State.Closed) this.#connected(id, identity, request.subs ?? {})
      }
    })
  }

  #connected(id: number, identity: Identity, recovering: Readonly<Record<string, Recovery>>): void {
    const { hub, limits, now, ping, refresh, timers } = this.#node
    const { channels = [], data, expiresAt, user } = identity
    if (hub.of(user).size >= limits.connections && user !== "") return this.disconnect(disconnects.connectionLimit)
    if (channels.length > limits.channels) return this.disconnect(disconnects.channelLimit)
    if (expiresAt !== undefined && expiresAt <= now()) {
      this.#state = State.Refused
      return this.#fail(id, errors.expired)
    }
    this.#state = State.Connected
    this.user = user
    this.#info = identity.info
    this.#context = identity.context
    this.#request = undefined
    hub.enter(this)
    timers.connected(this)
    this.#expireAt(expiresAt)
    const results: Array<string> = []
    for (const channel of new Set(channels)) {
      const found = this.#node.channelOf(channel)
      if (found === undefined) {
        this.#node.unsafeReport(Cause.die(`connect subscribes to ${channel}, but no channel has that name`))
        return this.disconnect(disconnects.internal)
      }
      const result = this.#enter(channel, found.channel, {}, true, recovering[channel])
      results.push(`${JSON.stringify(channel)}:${Protocol.subscribeResult(result)}`)
    }
    const result = JSON.stringify({
      client: this.id,
      version: "effect-c10k",
      ...(expiresAt === undefined || refresh === undefined ? {} : { expires: true, ttl: ttlOf(expiresAt, now()) }),
      ...(data === undefined ? {} : { data }),
      ping,
      pong: true
    })
    const subs = results.length === 0 ? "" : `,"subs":{${results.join(",")}}`
    this.#reply(Protocol.reply(id, "connect", `${result.slice(0, -1)}${subs}}`))
    for (const channel of new Set(channels)) this.#announce(channel, this.#node.channelOf(channel)!.channel)
  }

  #expireAt(at: number | undefined): void {
    this.#expiresAt = at === undefined || this.#node.refresh === undefined ? at : at + GRACE
    if (at !== undefined) this.#node.timers.expires(this)
  }

  #subscribe(
    id: number,
    { channel: name, data, flag, token, ...recovery }: NonNullable<Protocol.Command["subscribe"]>
  ): Later<R> {
    const { limits, log } = this.#node
    if (!name) return this.disconnect(disconnects.badRequest)
    if (name.length > MAX_NAME) return this.#fail(id, errors.badRequest)
    if (this.#channels?.has(name) === true) return this.#fail(id, errors.alreadySubscribed)
    if ((this.#channels?.size ?? 0) >= limits.channels) return this.#fail(id, errors.limitExceeded)
    const found = this.#node.channelOf(name)
    if (found === undefined) return this.#fail(id, errors.unknownChannel)
    const { channel } = found
    const since = channel.history === undefined ? undefined : positionOf(recovery)
    const subscribed = (granted: Maybe<Subscription>): void => {
      // A server's subscription may have come in the meantime.
      if (this.#channels?.has(name) === true) return this.#fail(id, errors.alreadySubscribed)
      const subscription = granted ?? {}
      const { expiresAt } = subscription
      if (expiresAt !== undefined && expiresAt <= this.#node.now()) return this.#fail(id, errors.expired)
      const result = this.#enter(name, channel, subscription, false, recovery)
      if (((flag ?? 0) & REJECT_UNRECOVERED) > 0 && result.was_recovering === true && result.recovered !== true) {
        this.#leave(name)
        return this.#fail(id, errors.unrecoverablePosition)
      }
      this.#reply(Protocol.reply(id, "subscribe", Protocol.subscribeResult(result)))
      this.#announce(name, channel)
    }
    const isAhead = since !== undefined && log.unsafeIsAhead(name, since)
    if (channel.subscribe === undefined && !isAhead) return subscribed(undefined)
    const request = { channel: name, name: found.name, client: this.client, token: token ?? undefined, data }
    const granted = Effect.suspend(() => channel.subscribe?.(request) ?? Effect.void)
    return this.#hook(id, isAhead ? Effect.zipLeft(granted, log.current) : granted, subscribed)
  }

  /** Makes the client a subscriber. Nothing is published between the result and its first publication. */
  #enter(
    name: string,
    channel: Channel<R>,
    subscription: Subscription,
    isServerSide: boolean,
    recovery: Recovery | undefined
  ): Protocol.SubscribeResult {
    const { hub, log, now, timers } = this.#node
    const { data, expiresAt } = subscription
    this.#channels ??= new Map()
    this.#channels.set(name, { ...subscription, isServerSide })
    hub.subscribe(name, this)
    if (expiresAt !== undefined) timers.expires(this)
    const own = {
      ...(expiresAt === undefined || channel.refresh === undefined
        ? {}
        : { expires: true, ttl: ttlOf(expiresAt, now()) }),
      ...(data === undefined ? {} : { data }),
      ...(recovery?.recover === true ? { was_recovering: true } : {})
    }
    if (channel.history === undefined) return own
    const position = log.unsafePosition(name)
    const stream = { recoverable: true, positioned: true, epoch: position.epoch, ...own }
    const since = positionOf(recovery)
    if (since === undefined) return { ...stream, offset: position.offset }
    const missed = log.unsafeMissed(name, since.epoch === "" ? { ...since, epoch: position.epoch } : since)
    if (missed._tag === "Gap") return { ...stream, offset: position.offset, recovered: false }
    return {
      ...stream,
      // Each publication moves the client's position on from there.
      offset: since.offset,
      recovered: true,
      publications: missed.publications.map(({ message, offset }) => Protocol.publication(String(message), offset))
    }
  }

  /** Tells others of a new subscriber. */
  #announce(name: string, channel: Channel<R>): void {
    if (!channel.presence && !channel.joinLeave) return
    const data = withoutUndefined({ conn_info: this.#info, chan_info: this.#channels?.get(name)?.info })
    const refused = this.#node.log.unsafeEnter(name, { id: this.id, user: this.user, data })
    if (refused !== undefined) this.#node.unsafeReport(Cause.fail(refused))
  }

  /** Ends a subscription. Returns whether there was one. */
  #leave(channel: string): boolean {
    if (this.#channels?.delete(channel) !== true) return false
    this.#node.hub.unsubscribe(channel, this)
    this.#node.log.unsafeLeave(channel, this.id)
    return true
  }

  #unsubscribe(id: number, { channel }: { readonly channel?: string | null | undefined }): void {
    if (!channel) return this.disconnect(disconnects.badRequest)
    this.#leave(channel)
    this.#reply(Protocol.reply(id, "unsubscribe", "{}"))
  }

  #publish(id: number, { channel: name, data }: NonNullable<Protocol.Command["publish"]>): Later<R> {
    if (!name || data === undefined) return this.disconnect(disconnects.badRequest)
    const found = this.#node.channelOf(name)
    if (found === undefined) return this.#fail(id, errors.unknownChannel)
    const { channel } = found
    const subscribed = this.#channels?.get(name)
    if (channel.whoPublishes === "nobody" || (channel.whoPublishes === "subscribers" && subscribed === undefined))
      return this.#fail(id, errors.permissionDenied)
    if (channel.rate !== undefined && !this.#mayPublish(name, channel.rate))
      return this.#fail(id, errors.tooManyRequests)
    if (channel.whoPublishes === "hook") {
      const request = { channel: name, name: found.name, client: this.client, data }
      return this.#hook(id, channel.publish(request), (result) => this.#store(id, name, result))
    }
    const checked = channel.decode(data)
    if (Either.isLeft(checked)) return this.#fail(id, checked.left)
    this.#store(id, name, checked.right)
  }

  /** The rate of publications in a channel. Those to channels without a subscription share one allowance. */
  #mayPublish(name: string, rate: Rate): boolean {
    const now = this.#node.now()
    const subscribed = this.#channels?.get(name)
    if (subscribed !== undefined) {
      subscribed.allowance ??= new Allowance(rate, now)
      return subscribed.allowance.take(now)
    }
    this.#elsewhere ??= new Allowance(rate, now)
    return this.#elsewhere.take(now)
  }
  #elsewhere: Allowance | undefined

  #store(id: number, name: string, data: unknown): void {
    const fields = Protocol.publicationFields(data, this.#infoIn(name), undefined)
    if (Buffer.byteLength(fields) > this.#node.limits.publication) return this.#fail(id, errors.limitExceeded)
    this.#node.log.unsafePublish(name, fields, undefined, (result) =>
      result instanceof PublishError
        ? this.#fail(id, errorOf(result))
        : this.#reply(Protocol.reply(id, "publish", "{}"))
    )
  }

  #infoIn(channel: string): Protocol.ClientInfo {
    const chan_info = this.#channels?.get(channel)?.info
    return { user: this.user, client: this.id, ...withoutUndefined({ conn_info: this.#info, chan_info }) }
  }

  /** Answers what only readers of a channel may know. */
  #read(
    id: number,
    name: string | null | undefined,
    isAvailable: (channel: Channel<R>) => boolean,
    answer: (channel: Channel<R>, name: string) => void
  ): Later<R> {
    if (!name) return this.disconnect(disconnects.badRequest)
    const found = this.#node.channelOf(name)
    if (found === undefined) return this.#fail(id, errors.unknownChannel)
    const { channel } = found
    const isReader = this.#channels?.has(name) === true || channel.read === true
    if (!isReader && typeof channel.read !== "function") return this.#fail(id, errors.permissionDenied)
    if (isReader || typeof channel.read !== "function") {
      return isAvailable(channel) ? answer(channel, name) : this.#fail(id, errors.notAvailable)
    }
    return this.#hook(id, channel.read({ channel: name, name: found.name, client: this.client }), () =>
      isAvailable(channel) ? answer(channel, name) : this.#fail(id, errors.notAvailable)
    )
  }

  #presence(id: number, command: { readonly channel?: string | null | undefined }) {
    return this.#read(id, command.channel, hasPresence, (_, name) => {
      const presence: Record<string, Protocol.ClientInfo> = Object.create(null)
      for (const member of this.#node.log.unsafeMembers(name)) presence[member.id] = infoOf(member)
      this.#reply(Protocol.reply(id, "presence", JSON.stringify({ presence })))
    })
  }

  #presenceStats(id: number, command: { readonly channel?: string | null | undefined }) {
    return this.#read(id, command.channel, hasPresence, (_, name) => {
      const { members, users } = this.#node.log.unsafeCount(name)
      this.#reply(Protocol.reply(id, "presence_stats", `{"num_clients":${members},"num_users":${users}}`))
    })
  }

  #history(id: number, { channel, limit, reverse, since }: NonNullable<Protocol.Command["history"]>) {
    const { limits, log } = this.#node
    // Without a limit a client gets the position alone.
    const most =
      limit === undefined || limit === null ? 0 : limit < 0 ? limits.history : Math.min(limit, limits.history)
    const range = {
      limit: most,
      reverse: reverse === true,
      ...(since ? { since: { epoch: since.epoch ?? "", offset: since.offset ?? 0 } } : {})
    }
    const answer = (_: Channel<R>, name: string): void => {
      const found = log.unsafeRange(name, range)
      if (found._tag === "Gap") return this.#fail(id, errors.unrecoverablePosition)
      const publications = found.publications.map(({ message, offset }) =>
        Protocol.publication(String(message), offset)
      )
      const { epoch, offset } = log.unsafePosition(name)
      const position = `"epoch":${JSON.stringify(epoch)},"offset":${offset}`
      this.#reply(Protocol.reply(id, "history", `{"publications":[${publications.join(",")}],${position}}`))
    }
    return this.#read(id, channel, ({ history }) => history !== undefined, answer)
  }

  #call(id: number, { data, method }: NonNullable<Protocol.Command["rpc"]>): void {
    const procedure = this.#node.procedures.get(method ?? "")
    if (procedure === undefined) return this.#fail(id, errors.methodNotFound)
    this.#beside(id, procedure.call(data, this.client), (result) =>
      this.#reply(Protocol.reply(id, "rpc", JSON.stringify({ data: result ?? null })))
    )
  }

  #receive(data: unknown): void {
    const { receive } = this.#node
    if (receive === undefined) return this.disconnect(disconnects.notAvailable)
    this.#beside(0, receive(data, this.client), () => {})
  }

  /** Runs an effect beside the commands that follow. */
  #beside<A>(id: number, effect: Effect.Effect<A, ReplyError | Disconnect, R>, done: (result: A) => void): void {
    if ((this.#calls?.size ?? 0) >= this.#node.limits.procedures) return this.#fail(id, errors.tooManyRequests)
    const fiber = this.#node.fork(this.#hook(id, effect, done))
    const calls = this.#calls ?? new Set()
    this.#calls = calls.add(fiber)
    fiber.addObserver(() => {
      calls.delete(fiber)
      if (calls.size === 0) this.#calls = undefined
    })
  }

  #refresh(id: number, token: string): Later<R> {
    const { now, refresh } = this.#node
    if (refresh === undefined) return this.#fail(id, errors.notAvailable)
    if (token === "") return this.disconnect(disconnects.badRequest)
    // A client whose token has expired comes back with a new one after this close, and would not after an error.
    const refreshed = Effect.catchIf(
      Effect.suspend(() => refresh(token, this.client)),
      (error) => error instanceof ReplyError && (error.code === 109 || error.code === 110),
      () => Effect.fail(disconnects.expired)
    )
    return this.#hook(id, refreshed, ({ context, expiresAt, info, user }) => {
      if (user !== this.user) return this.disconnect(disconnects.invalidToken)
      if (expiresAt !== undefined && expiresAt <= now()) return this.disconnect(disconnects.expired)
      this.#info = info
      this.#context = context
      this.#expireAt(expiresAt)
      const ttl = expiresAt === undefined ? {} : { expires: true, ttl: ttlOf(expiresAt, now()) }
      this.#reply(Protocol.reply(id, "refresh", JSON.stringify({ client: this.id, version: "effect-c10k", ...ttl })))
    })
  }

  #refreshSubscription(id: number, { channel: name, token }: NonNullable<Protocol.Command["sub_refresh"]>): Later<R> {
    if (!name) return this.disconnect(disconnects.badRequest)
    const found = this.#node.channelOf(name)
    const subscribed = this.#channels?.get(name)
    if (found === undefined || subscribed === undefined) return this.#fail(id, errors.permissionDenied)
    if (found.channel.refresh === undefined) return this.#fail(id, errors.notAvailable)
    if (!token) return this.#fail(id, errors.badRequest)
    const request = { channel: name, name: found.name, client: this.client, token, data: undefined }
    return this.#hook(id, found.channel.refresh(request), (granted) => {
      const { expiresAt } = granted ?? {}
      const now = this.#node.now()
      if (expiresAt !== undefined && expiresAt <= now) return this.#fail(id, errors.expired)
      if (this.#channels?.has(name) === true)
        this.#channels.set(name, { ...subscribed, ...granted, isServerSide: subscribed.isServerSide })
      if (expiresAt !== undefined) this.#node.timers.expires(this)
      const ttl = expiresAt === undefined ? {} : { expires: true, ttl: ttlOf(expiresAt, now) }
      this.#reply(Protocol.reply(id, "sub_refresh", JSON.stringify(ttl)))
    })
  }
}

interface Recovery {
  readonly recover?: boolean | null | undefined
  readonly epoch?: string | null | undefined
  readonly offset?: number | null | undefined
}

/** The position from which a client wants to recover. */
const positionOf = (recovery: Recovery | undefined): Position | undefined =>
  recovery?.recover === true ? { epoch: recovery.epoch ?? "", offset: recovery.offset ?? 0 } : undefined

const hasPresence = ({ presence }: { readonly presence: boolean }): boolean => presence

const errorOf = ({ reason }: PublishError): ReplyError =>
  reason === "TooLarge" ? errors.limitExceeded : errors.internal

const withoutUndefined = (fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))

const flat = (headers: IncomingHttpHeaders): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : (value ?? "")])
  )

const lower = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))

/** Limits how often something may happen. */
class Allowance {
  readonly #rate: Rate
  #left: number
  #at: number

  /** `now` is in milliseconds. */
  constructor(rate: Rate, now: number) {
    this.#rate = rate
    this.#left = rate.burst
    this.#at = now
  }

  /** Whether it may happen once more now. */
  take(now: number): boolean {
    this.#left = Math.min(this.#rate.burst, this.#left + ((now - this.#at) / 1000) * this.#rate.perSecond)
    this.#at = now
    if (this.#left < 1) return false
    this.#left--
    return true
  }
}
