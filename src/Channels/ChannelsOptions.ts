/** What an application says of its channels, and what is so unless it says otherwise. */
import type { PathInput } from "@effect/platform/HttpRouter"
import type * as Effect from "effect/Effect"
import { given } from "../Given.ts"
import type * as AdmissionRunner from "../WebSocket/Api/AdmissionRunner.ts"
import type { KeyLimits } from "../WebSocket/Topic/KeyHistory.ts"
import { problemOfKey } from "../WebSocket/Topic/TopicEntry.ts"
import type { Channel, Client, Procedure } from "./Channel.ts"
import type { ChannelNode, ClientLimits, ConnectRequest, Identity } from "./ChannelNode.ts"
import type { Disconnect, ReplyError } from "./Codes.ts"
import { MAX_NAME } from "./Protocol.ts"

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

export const defaultLimits: ClientLimits = {
  channels: 128,
  publication: 64 * 1024,
  rate: { perSecond: 500, burst: 2000 },
  procedures: 64,
  connections: 100,
  history: 1000
}

export const defaultTimes = { ping: 25, pong: 8, connect: 10 }

/** The longest time in seconds: a day. */
const MAX_TIME = 86_400

/** What is wrong with the options, or `undefined`. */
export const problemOf = <R, RC, RA>(options: ChannelsOptions<R, RC, RA>): string | undefined => {
  const { channels, limits = {}, procedures = [], times = {} } = options
  const patterns = channels.map(({ pattern }) => pattern)
  const methods = procedures.map(({ method }) => method)
  for (const pattern of patterns)
    if (pattern.split("*").length > 2)
      return `the pattern ${pattern} of a channel has more than one *: expected at most one`
  for (const [what, names] of [
    ["channels have the pattern", patterns] as const,
    ["procedures have the method", methods] as const
  ])
    for (const name of names)
      if (names.indexOf(name) !== names.lastIndexOf(name)) return `two ${what} ${name}: expected one`
  for (const [name, seconds] of Object.entries(given(times)))
    if (!Number.isInteger(seconds) || seconds < 1 || seconds > MAX_TIME)
      return `times.${name} is ${seconds}: expected whole seconds from 1 to ${MAX_TIME}`
  const { rate, ...counts } = limits
  for (const [name, count] of Object.entries({
    ...counts,
    "rate.perSecond": rate?.perSecond,
    "rate.burst": rate?.burst
  }))
    if (count !== undefined && !(count >= 0))
      return `limits.${name} is ${count}: expected 0 or more; Infinity is no limit`
  return undefined
}

/** Finds the channel of a name. Of several patterns that match, the one with most characters counts. */
export const finder = <R>(channels: ReadonlyArray<Channel<R>>): ChannelNode<R>["channelOf"] => {
  const exact = new Map(channels.filter(({ pattern }) => !pattern.includes("*")).map((each) => [each.pattern, each]))
  const patterns = channels
    .filter(({ pattern }) => pattern.includes("*"))
    .sort((a, b) => b.pattern.length - a.pattern.length)
    .map((channel) => {
      const [start = "", end = ""] = channel.pattern.split("*")
      return { channel, start, end }
    })
  return (name) => {
    if (name.length > MAX_NAME || problemOfKey(name) !== undefined) return undefined
    const one = exact.get(name)
    if (one !== undefined) return { channel: one, name: "" }
    for (const { channel, end, start } of patterns)
      if (name.length > start.length + end.length && name.startsWith(start) && name.endsWith(end))
        return { channel, name: name.slice(start.length, name.length - end.length) }
    return undefined
  }
}
