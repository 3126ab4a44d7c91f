/**
 * Channels for clients of Centrifugo's protocol: a WebSocket endpoint, and the application's own access to what clients
 * see. In the memory of one process, or over a shared log, where clients of all processes are in the same channels.
 */
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Runtime from "effect/Runtime"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import { given } from "../Given.ts"
import { Logs } from "../Log/Log.ts"
import type { LogError } from "../Log/LogError.ts"
import * as MemoryLogs from "../Log/MemoryLogs.ts"
import * as AdmissionRunner from "../WebSocket/Api/AdmissionRunner.ts"
import type { Endpoint } from "../WebSocket/Http/Endpoint.ts"
import { WebSocketRouter } from "../WebSocket/Http/WebSocketRouter.ts"
import type { HistoryRange, Position } from "../WebSocket/Topic/KeyHistory.ts"
import type { PublishError } from "../WebSocket/Topic/PendingPublications.ts"
import * as TopicLog from "../WebSocket/Topic/TopicLog.ts"
import type { ChannelNode } from "./ChannelNode.ts"
import {
  type ChannelsOptions,
  defaultLimits,
  defaultTimes,
  finder,
  problemOf,
  type SharedChannelsOptions
} from "./ChannelsOptions.ts"
import { ClientConnection } from "./ClientConnection.ts"
import { ClientTimers } from "./ClientTimers.ts"
import { Disconnect, disconnects, unsubscribes } from "./Codes.ts"
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

/** A key of the log that no channel has: what all processes must do for a user. */
const CONTROL = "\0control"

type Order =
  | { readonly do: "send"; readonly user: string; readonly text: string }
  | { readonly do: "subscribe" | "unsubscribe"; readonly user: string; readonly channel: string }
  | { readonly do: "disconnect"; readonly user: string; readonly code: number; readonly reason: string }

const make = Effect.fnUntraced(function* <R, RC, RA>(
  logs: Logs["Type"],
  options: SharedChannelsOptions<R, RC, RA>
): Effect.fn.Return<Channels["Type"], LogError, WebSocketRouter | R | RC | AdmissionRunner.Needs<RA> | Scope.Scope> {
  const problem = problemOf(options)
  if (problem !== undefined) return yield* Effect.dieMessage(problem)
  const router = yield* WebSocketRouter
  const runtime = yield* Effect.runtime<R | RC>()
  const fork = Runtime.runFork(runtime)
  const clock = yield* Effect.clock
  const limits = { ...defaultLimits, ...given(options.limits) }
  const times = { ...defaultTimes, ...given(options.times) }
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
      publication: (key, publication) =>
        key === CONTROL ? obey(String(publication.message)) : hub.publication(key, publication),
      presence: (change) => hub.presence(change),
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
    unsafeReport: (cause) => void fork(Effect.logError("A hook of a channel failed", cause)),
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

  const order = (asked: Order) => Effect.asVoid(log.publish(CONTROL, JSON.stringify(asked)))
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
