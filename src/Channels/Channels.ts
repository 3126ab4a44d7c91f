/**
 * Channels for clients of Centrifugo's protocol: a WebSocket endpoint, and the application's own access to what clients
 * see. In the memory of one process, or over a shared log, where clients of all processes are in the same channels.
 */
import type { PathInput } from "@effect/platform/HttpRouter"
import type * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Runtime from "effect/Runtime"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import { Logs } from "../Log/Log.ts"
import type { LogError } from "../Log/LogError.ts"
import * as MemoryLogs from "../Log/MemoryLogs.ts"
import * as AdmissionRunner from "../WebSocket/Api/AdmissionRunner.ts"
import type { Endpoint } from "../WebSocket/Http/Endpoint.ts"
import { WebSocketRouter } from "../WebSocket/Http/WebSocketRouter.ts"
import type { HistoryRange, KeyLimits, Position } from "../WebSocket/Topic/KeyHistory.ts"
import type { Publication } from "../WebSocket/Topic/KeyStream.ts"
import type { PublishError } from "../WebSocket/Topic/PendingPublications.ts"
import type { PresenceChange } from "../WebSocket/Topic/Presence.ts"
import { problemOfKey } from "../WebSocket/Topic/TopicEntry.ts"
import * as TopicLog from "../WebSocket/Topic/TopicLog.ts"
import type { Channel, Client, Procedure } from "./Channel.ts"
import type { ChannelNode, ClientLimits, ConnectRequest, Identity } from "./ChannelNode.ts"
import { ClientConnection } from "./ClientConnection.ts"
import { ClientTimers } from "./ClientTimers.ts"
import { Disconnect, disconnects, type ReplyError, unsubscribes } from "./Codes.ts"
import { Hub, infoOf } from "./Hub.ts"
import * as Protocol from "./Protocol.ts"

/** A publication of a channel, as clients see it. */
export interface ChannelPublication {
  readonly offset: number
  readonly data: unknown
  readonly info: Protocol.ClientInfo | undefined
}

/** The application's own access to channels. Its clients in all processes are meant. */
export class Channels extends Context.Tag("effect-c10k/Channels")<
  Channels,
  {
    /**
     * Publishes data, which must be JSON, to the subscribers of a channel. Ends with the position when it is stored. The
     * channel's hooks are not asked. Fails with `PublishError`; dies if no channel has the name.
     */
    readonly publish: (
      channel: string,
      data: unknown,
      options?: { readonly tags?: Readonly<Record<string, string>> }
    ) => Effect.Effect<Position, PublishError>
    /** The kept publications, or `Gap` if those directly after `since` are not kept any more. */
    readonly history: (
      channel: string,
      range?: HistoryRange
    ) => Effect.Effect<
      { readonly publications: ReadonlyArray<ChannelPublication>; readonly position: Position } | "Gap"
    >
    /** The clients that are subscribed, if the channel has presence. */
    readonly presence: (channel: string) => Effect.Effect<ReadonlyArray<Protocol.ClientInfo>>
    /** Sends data to all connections of a user, outside of channels. */
    readonly send: (user: string, data: unknown) => Effect.Effect<void, PublishError>
    /** Subscribes all connections of a user to a channel. */
    readonly subscribe: (user: string, channel: string) => Effect.Effect<void, PublishError>
    /** Ends the subscriptions of a user to a channel, with code 2000: its clients do not subscribe again. */
    readonly unsubscribe: (user: string, channel: string) => Effect.Effect<void, PublishError>
    /** Ends all connections of a user, with 3503 unless given: its clients do not come back. */
    readonly disconnect: (user: string, disconnect?: Disconnect) => Effect.Effect<void, PublishError>
  }
>() {
  /** Serves channels of this process alone. */
  static readonly layer = <R = never, RC = never, RA = never>(
    options: ChannelsOptions<R, RC, RA>
  ): Layer.Layer<Channels, never, WebSocketRouter | R | RC | AdmissionRunner.Needs<RA>> =>
    Layer.scoped(
      Channels,
      Effect.flatMap(Layer.build(MemoryLogs.layer()), (context) =>
        // A log in memory can't fail.
        Effect.orDie(make(Context.get(context, Logs), { ...options, name: "channels" }))
      )
    )

  /** Serves channels of all processes that share the log with this name. */
  static readonly layerShared = <R = never, RC = never, RA = never>(
    options: SharedChannelsOptions<R, RC, RA>
  ): Layer.Layer<Channels, LogError, Logs | WebSocketRouter | R | RC | AdmissionRunner.Needs<RA>> =>
    Layer.scoped(
      Channels,
      Effect.flatMap(Logs, (logs) => make(logs, options))
    )
}

/** The options of `Channels.layer`. `connect` and `channels` are required. */
export interface ChannelsOptions<R, RC, RA> {
  /** The path of the WebSocket endpoint. `/connection/websocket` unless given. */
  readonly path?: PathInput
  readonly channels: ReadonlyArray<Channel<R>>
  readonly procedures?: ReadonlyArray<Procedure<R>>
  /** Who is the client? Fails with an error (`errors.tokenExpired`) or a disconnect (`disconnects.invalidToken`). */
  readonly connect: (request: ConnectRequest) => Effect.Effect<Identity, ReplyError | Disconnect, RC>
  /** A new token of a connected client came, before the old one expired. The user must be the same. */
  readonly refresh?: (token: string, client: Client) => Effect.Effect<Identity, ReplyError | Disconnect, RC>
  /** A client sent data outside of channels, to which there is no answer. Closed with 3508 unless given. */
  readonly receive?: (data: unknown, client: Client) => Effect.Effect<void, ReplyError | Disconnect, RC>
  /** Decides about the handshake, as `admit` of a `conversation`: by a cookie, for example. */
  readonly admit?: AdmissionRunner.AdmitFunction<string, unknown, RA>
  /** Applies to the request of each handshake before `admit`, as that of a `conversation`. */
  readonly middleware?: AdmissionRunner.Middleware
  readonly limits?: Partial<ClientLimits>
  /** The limits of all channels together. */
  readonly channelLimits?: Partial<KeyLimits>
  /** Seconds between two pings, 25 unless given; for the answer, 8; and from the handshake to `connect`, 10. */
  readonly times?: { readonly ping?: number; readonly pong?: number; readonly connect?: number }
  /** The most bytes of a message of a client, which may have several commands. 256 KiB unless given. More are 1009. */
  readonly maxPayload?: number
  /**
   * The most bytes that wait for a client that reads slowly. 1 MiB unless given. More are 3008. A client recovers at most
   * three quarters of it; of more it is told that they are lost.
   */
  readonly maxQueued?: number
}

/** The options of `Channels.layerShared`. */
export interface SharedChannelsOptions<R, RC, RA> extends ChannelsOptions<R, RC, RA> {
  /** The name of the shared log: 1 to 40 letters, digits, `-` and `_`. */
  readonly name: string
  /** Milliseconds between two heartbeats of a process; after three without one its clients count as gone. 5,000 unless given. */
  readonly heartbeat?: number
}

const defaultLimits: ClientLimits = {
  channels: 128,
  publication: 64 * 1024,
  rate: { perSecond: 500, burst: 2000 },
  procedures: 64,
  connections: 100,
  history: 1000
}

const defaultTimes = { ping: 25, pong: 8, connect: 10 }

/** A key of the log that no channel has: what all processes must do for a user. */
const CONTROL = "\0control"

type Order =
  | { readonly do: "send"; readonly user: string; readonly text: string }
  | { readonly do: "subscribe" | "unsubscribe"; readonly user: string; readonly channel: string }
  | { readonly do: "disconnect"; readonly user: string; readonly code: number; readonly reason: string }

const make = Effect.fnUntraced(function* <R, RC, RA>(
  logs: typeof Logs.Service,
  options: SharedChannelsOptions<R, RC, RA>
): Effect.fn.Return<
  typeof Channels.Service,
  LogError,
  WebSocketRouter | R | RC | AdmissionRunner.Needs<RA> | Scope.Scope
> {
  const router = yield* WebSocketRouter
  const runtime = yield* Effect.runtime<R | RC>()
  const fork = Runtime.runFork(runtime)
  const clock = yield* Effect.clock
  const limits = { ...defaultLimits, ...options.limits }
  const times = { ...defaultTimes, ...options.times }
  const channelOf = finder(options.channels)
  const refusals = new Map<string, number>()
  const timers = new ClientTimers(times)

  const hub: Hub = new Hub({
    keepsHistory: (name) => channelOf(name)?.channel.history !== undefined,
    pushesJoins: (name) => channelOf(name)?.channel.joinLeave === true,
    epochOf: (name) => log.unsafePosition(name).epoch
  })
  const obey = (text: string): void => {
    const order: Order = JSON.parse(text)
    for (const client of [...hub.of(order.user)]) {
      if (order.do === "send") client.push(order.text)
      else if (order.do === "disconnect") client.disconnect(new Disconnect({ code: order.code, reason: order.reason }))
      else if (order.do === "subscribe") client.subscribe(order.channel)
      else client.unsubscribe(order.channel, unsubscribes.server)
    }
  }
  const log: TopicLog.TopicLog = yield* TopicLog.open(
    logs,
    {
      name: options.name,
      heartbeat: options.heartbeat ?? 5000,
      timeout: 4000,
      maxMessage: TopicLog.MAX_MESSAGE,
      limits: options.channelLimits ?? {},
      history: (name) => channelOf(name)?.channel.history
    },
    {
      publication: (key: string, publication: Publication) =>
        key === CONTROL ? obey(String(publication.message)) : hub.publication(key, publication),
      presence: (change: PresenceChange) => hub.presence(change),
      lost: (key) => hub.lose(key)
    }
  )

  const node: ChannelNode<R | RC> = {
    log,
    hub,
    timers,
    limits,
    maxQueued: options.maxQueued ?? 1024 * 1024,
    ping: times.ping,
    channelOf,
    procedures: new Map((options.procedures ?? []).map((procedure) => [procedure.method, procedure])),
    connect: options.connect,
    refresh: options.refresh,
    receive: options.receive,
    fork,
    now: () => clock.unsafeCurrentTimeMillis(),
    unsafeReport: (cause: Cause.Cause<unknown>) => void fork(Effect.logError("A hook of a channel failed", cause)),
    refused: (why) => refusals.set(why, (refusals.get(why) ?? 0) + 1)
  }
  yield* Effect.forkScoped(
    Effect.repeat(
      Effect.sync(() => timers.tick(node.now())),
      Schedule.spaced("1 second")
    )
  )
  const report = Effect.suspend(() => {
    if (refusals.size === 0) return Effect.void
    const counts = Object.fromEntries(refusals)
    refusals.clear()
    return Effect.annotateLogs(Effect.logInfo("Clients of channels were refused or disconnected"), counts)
  })
  yield* Effect.forkScoped(Effect.repeat(report, Schedule.spaced(Duration.seconds(10))))

  const endpointOf = (admitted: unknown): Endpoint => ({
    role: "channels",
    protocols: ["centrifuge-json"],
    maxPayload: options.maxPayload ?? 256 * 1024,
    maxQueued: node.maxQueued,
    open: (connection, request) => new ClientConnection(connection, request, admitted, node)
  })
  const path = options.path ?? "/connection/websocket"
  const endpoint = endpointOf(undefined)
  const { admit = () => Effect.void, middleware } = options
  const decided =
    options.admit === undefined && middleware === undefined
      ? {}
      : { decide: yield* AdmissionRunner.make<string, unknown, RA>(path, admit, endpointOf, middleware) }
  yield* router.mount(path, { ...endpoint, ...decided })

  const order = (given: Order) => Effect.asVoid(log.publish(CONTROL, JSON.stringify(given)))
  const known = <A, E>(name: string, effect: Effect.Effect<A, E>): Effect.Effect<A, E> =>
    channelOf(name) === undefined
      ? Effect.dieMessage(`no channel has the name ${JSON.stringify(name)}: describe it with Channel.make`)
      : effect
  return Channels.of({
    publish: (channel, data, { tags } = {}) =>
      known(
        channel,
        Effect.suspend(() => log.publish(channel, Protocol.publicationFields(data, undefined, tags)))
      ),
    history: (channel, range = {}) =>
      known(
        channel,
        Effect.sync(() => {
          const found = log.unsafeRange(channel, range)
          if (found._tag === "Gap") return "Gap" as const
          const publications = found.publications.map(
            ({ message, offset }): ChannelPublication => ({ info: undefined, ...JSON.parse(`{${message}}`), offset })
          )
          return { publications, position: log.unsafePosition(channel) }
        })
      ),
    presence: (channel) =>
      known(
        channel,
        Effect.sync(() => log.unsafeMembers(channel).map(infoOf))
      ),
    send: (user, data) => order({ do: "send", user, text: Protocol.message(data) }),
    subscribe: (user, channel) => known(channel, order({ do: "subscribe", user, channel })),
    unsubscribe: (user, channel) => order({ do: "unsubscribe", user, channel }),
    disconnect: (user, { code, reason } = disconnects.forceDisconnect) =>
      order({ do: "disconnect", user, code, reason })
  })
})

/** Finds the channel of a name. Of several patterns that match, the one with most characters counts. */
const finder = <R>(channels: ReadonlyArray<Channel<R>>): ChannelNode<R>["channelOf"] => {
  const exact = new Map(channels.filter(({ pattern }) => !pattern.includes("*")).map((each) => [each.pattern, each]))
  const patterns = channels
    .filter(({ pattern }) => pattern.includes("*"))
    .sort((a, b) => b.pattern.length - a.pattern.length)
    .map((channel) => {
      const [start, ...rest] = channel.pattern.split("*")
      return { channel, start: start!, end: rest.join("*") }
    })
  for (const { channel, end } of patterns)
    if (end.includes("*")) throw new Error(`the pattern ${channel.pattern} of a channel has more than one *`)
  return (name) => {
    if (name.length > Protocol.MAX_NAME || problemOfKey(name) !== undefined) return undefined
    const one = exact.get(name)
    if (one !== undefined) return { channel: one, name: "" }
    for (const { channel, end, start } of patterns)
      if (name.length > start.length + end.length && name.startsWith(start) && name.endsWith(end))
        return { channel, name: name.slice(start.length, name.length - end.length) }
    return undefined
  }
}
