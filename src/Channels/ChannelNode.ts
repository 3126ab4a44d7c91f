/** What all connections to the channels of a server share, and what the hooks of a connection get and return. */
import type { Headers } from "@effect/platform/Headers"
import type { Cause } from "effect/Cause"
import type { Effect } from "effect/Effect"
import type { RuntimeFiber } from "effect/Fiber"
import type { TopicLog } from "../WebSocket/Topic/TopicLog.ts"
import type { Channel, Client, Procedure, Rate } from "./Channel.ts"
import type { ClientTimers } from "./ClientTimers.ts"
import type { Disconnect, ReplyError } from "./Codes.ts"
import type { Hub } from "./Hub.ts"

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
  readonly headers: Headers
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
  readonly hub: Hub
  readonly timers: ClientTimers
  readonly limits: ClientLimits
  /** The most bytes that wait for a client that reads slowly. */
  readonly maxQueued: number
  /** Seconds between two pings, and whether clients must answer them. */
  readonly ping: number
  readonly channelOf: (name: string) => { readonly channel: Channel<R>; readonly name: string } | undefined
  readonly procedures: ReadonlyMap<string, Procedure<R>>
  readonly connect: (request: ConnectRequest) => Effect<Identity, ReplyError | Disconnect, R>
  readonly refresh: ((token: string, client: Client) => Effect<Identity, ReplyError | Disconnect, R>) | undefined
  readonly receive: ((data: unknown, client: Client) => Effect<void, ReplyError | Disconnect, R>) | undefined
  readonly fork: (effect: Effect<void, never, R>) => RuntimeFiber<void>
  readonly now: () => number
  readonly unsafeReport: (cause: Cause<unknown>) => void
  readonly refused: (why: string) => void
}
