/** The channels to which a client is subscribed, by its own commands or by the server. */
import * as Cause from "effect/Cause"
import { TokenBucket } from "../WebSocket/Connection/TokenBucket.ts"
import type { Position } from "../WebSocket/Topic/KeyHistory.ts"
import type { Channel, Rate, Subscription } from "./Channel.ts"
import type { ChannelNode } from "./ChannelNode.ts"
import type { TimedClient } from "./ClientTimers.ts"
import type { HubClient } from "./Hub.ts"
import * as Protocol from "./Protocol.ts"

/** The part of a client's connection that its subscriptions use. */
export interface Subscriber<R> extends HubClient, TimedClient {
  readonly node: ChannelNode<R>
  readonly id: string
  readonly info: unknown
}

class Subscribed {
  readonly channel: string
  readonly isServerSide: boolean
  info: unknown
  expiresAt: number | undefined
  allowance: TokenBucket | undefined = undefined

  constructor(channel: string, isServerSide: boolean, { expiresAt, info }: Subscription) {
    this.channel = channel
    this.isServerSide = isServerSide
    this.info = info
    this.expiresAt = expiresAt
  }
}

export interface Entered {
  /** The result for the client, as JSON. */
  readonly result: string
  /** Whether the client wanted to recover, and did not. */
  readonly isUnrecovered: boolean
}

export const positionOf = (recovery: Protocol.Recovery | undefined): Position | undefined =>
  recovery?.recover === true ? { epoch: recovery.epoch ?? "", offset: recovery.offset ?? 0 } : undefined

export class Subscriptions<R> {
  readonly #client: Subscriber<R>
  /** By name. Most clients have one, for which no map is made. */
  #channels: Subscribed | Map<string, Subscribed> | undefined = undefined
  /** Limits publications to channels without a subscription. */
  #elsewhere: TokenBucket | undefined = undefined

  constructor(client: Subscriber<R>) {
    this.#client = client
  }

  get size(): number {
    const all = this.#channels
    return all instanceof Map ? all.size : all === undefined ? 0 : 1
  }

  has(channel: string): boolean {
    return this.#get(channel) !== undefined
  }

  /** Whether it was the server that subscribed the client. */
  isServerSide(channel: string): boolean {
    return this.#get(channel)?.isServerSide === true
  }

  /**
   * Makes the client a subscriber. Nothing is published between the result and its first publication. Missed publications
   * of more than `room` bytes count as lost: a client that is closed because of them would come back for them.
   */
  enter(
    name: string,
    channel: Channel<R>,
    subscription: Subscription,
    isServerSide: boolean,
    recovery: Protocol.Recovery | undefined,
    room: number
  ): Entered {
    const { hub, log, now, timers } = this.#client.node
    const { data, expiresAt } = subscription
    const isRecovering = recovery?.recover === true
    // Data that JSON can't hold throw here, while nothing has changed.
    const expiry = channel.refresh === undefined ? "" : Protocol.fieldsOf(Protocol.expiry(expiresAt, now()))
    const given = data === undefined ? "" : Protocol.fieldsOf({ data })
    const own = `${expiry}${given}${isRecovering ? ',"was_recovering":true' : ""}`
    this.#add(new Subscribed(name, isServerSide, subscription))
    hub.subscribe(name, this.#client)
    if (expiresAt !== undefined) timers.expires(this.#client)
    if (channel.history === undefined) return { result: `{${own.slice(1)}}`, isUnrecovered: isRecovering }
    const position = log.unsafePosition(name)
    const since = positionOf(recovery)
    if (since === undefined) return { result: Protocol.subscribeResult(position, own), isUnrecovered: false }
    const missed = log.unsafeMissed(name, since.epoch === "" ? { ...since, epoch: position.epoch } : since)
    const publications =
      missed._tag === "Gap"
        ? undefined
        : missed.publications.map(({ message, offset }) => Protocol.publication(String(message), offset))
    if (publications === undefined || Protocol.fitting(publications, room) < publications.length)
      return { result: Protocol.subscribeResult(position, `${own},"recovered":false`), isUnrecovered: true }
    const found = publications.length === 0 ? "" : `,"publications":[${publications.join(",")}]`
    // Each publication moves the client's position on from there.
    const start = { epoch: position.epoch, offset: since.offset }
    return { result: Protocol.subscribeResult(start, `${own},"recovered":true${found}`), isUnrecovered: false }
  }

  /**
   * Publishes that the client is there, to the channel's presence and those who get joins. What prevents that, such as an
   * `info` that JSON can't hold, is reported: the client has its answer already.
   */
  announce(name: string, channel: Channel<R>): void {
    if (!channel.presence && !channel.joinLeave) return
    const { id, user } = this.#client
    try {
      const refused = this.#client.node.log.unsafeEnter(name, { id, user, data: this.#shown(name) })
      if (refused !== undefined) this.#client.node.unsafeReport(Cause.fail(refused))
    } catch (defect) {
      this.#client.node.unsafeReport(Cause.die(defect))
    }
  }

  /** A new token came: what the hook granted replaces what was granted before. Without a time it lasts. */
  renew(channel: string, granted: Subscription): void {
    const subscribed = this.#get(channel)
    if (subscribed !== undefined) {
      subscribed.expiresAt = granted.expiresAt
      if ("info" in granted) subscribed.info = granted.info
    }
    if (granted.expiresAt !== undefined) this.#client.node.timers.expires(this.#client)
  }

  /** Ends a subscription. Returns whether there was one. */
  leave(channel: string): boolean {
    if (!this.#delete(channel)) return false
    this.#client.node.hub.unsubscribe(channel, this.#client)
    this.#client.node.log.unsafeLeave(channel, this.#client.id)
    return true
  }

  leaveAll(): void {
    for (const { channel } of this.#all()) this.leave(channel)
  }

  /** Calls `expired` for each subscription that has expired. Returns whether there is one left that will. */
  checkExpiry(now: number, expired: (channel: string) => void): boolean {
    let isLeft = false
    for (const { channel, expiresAt } of this.#all()) {
      if (expiresAt === undefined) continue
      if (now >= expiresAt) expired(channel)
      else isLeft = true
    }
    return isLeft
  }

  /** Takes a publication from the channel's rate. Channels without a subscription share one. */
  mayPublish(name: string, rate: Rate): boolean {
    const now = this.#client.node.now()
    const subscribed = this.#get(name)
    if (subscribed !== undefined) {
      subscribed.allowance ??= new TokenBucket(rate.perSecond, now, rate.burst)
      return subscribed.allowance.tryTake(now)
    }
    this.#elsewhere ??= new TokenBucket(rate.perSecond, now, rate.burst)
    return this.#elsewhere.tryTake(now)
  }

  infoIn(channel: string): Protocol.ClientInfo {
    return { user: this.#client.user, client: this.#client.id, ...this.#shown(channel) }
  }

  #shown(channel: string): Readonly<Record<string, unknown>> {
    return Protocol.withoutUndefined({
      conn_info: this.#client.info,
      chan_info: this.#get(channel)?.info
    })
  }

  #get(channel: string): Subscribed | undefined {
    const all = this.#channels
    if (all instanceof Map) return all.get(channel)
    return all?.channel === channel ? all : undefined
  }

  #all(): ReadonlyArray<Subscribed> {
    const all = this.#channels
    return all instanceof Map ? [...all.values()] : all === undefined ? [] : [all]
  }

  #add(subscribed: Subscribed): void {
    const all = this.#channels
    if (all === undefined) this.#channels = subscribed
    else if (all instanceof Map) all.set(subscribed.channel, subscribed)
    else this.#channels = new Map([all, subscribed].map((each) => [each.channel, each]))
  }

  #delete(channel: string): boolean {
    if (!this.has(channel)) return false
    if (this.#channels instanceof Map) this.#channels.delete(channel)
    else this.#channels = undefined
    return true
  }
}
