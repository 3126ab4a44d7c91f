/** The settings of the server. Times are in milliseconds, sizes in bytes. */
import * as Context from "effect/Context"
import * as Layer from "effect/Layer"
import * as MemoryBudget from "../WebSocket/Connection/MemoryBudget.ts"
import type { Certificate } from "../WebSocket/Http/HttpListener.ts"
import type { AccessToken } from "./Access/AccessToken.ts"
import type { HistoryLimits } from "./History/GameHistory.ts"

export interface ServerSettings {
  readonly host: string
  /** 0: any that is free. */
  readonly port: number
  /** Lets other processes listen on the same port. */
  readonly reusePort: boolean
  /** With one, TLS is spoken. */
  readonly certificate: Certificate | undefined
  /** Workers and resets must show one of them; without any, anyone may come. */
  readonly tokens: ReadonlyArray<AccessToken>
  /** Names by which pages may know the server, beside `host`, addresses and `localhost`. In lower case. */
  readonly allowedHosts: ReadonlyArray<string>
  /** Origins of pages, beside the server's own, whose WebSockets are let in; `*` is any. */
  readonly allowedOrigins: ReadonlyArray<string>
  /** Origins of pages that may hold `/embed` in a frame; `*` is any. Without one there is no such page. */
  readonly allowedEmbedders: ReadonlyArray<string>
  /** Addresses and subnets whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed. */
  readonly trustedProxies: ReadonlyArray<string>
  readonly maxConnections: number
  /** TCP connections of all kinds. */
  readonly maxSockets: number
  /** WebSockets of one address; this machine's own are not counted. */
  readonly maxPerAddress: number
  /** TCP connections that are no WebSockets (yet). */
  readonly maxPending: number
  readonly handshakeTimeout: number
  /** From when a worker has its turn, or a reset is connected, to its first message. */
  readonly firstMessageTimeout: number
  readonly maxHeader: number
  /** Of a message to a test endpoint; what the game's clients send has a limit of its own. */
  readonly maxMessage: number
  readonly maxFragments: number
  /** Whether permessage-deflate is used with clients that offer it. The server compresses messages of 1 KiB and more. */
  readonly compress: boolean
  /** Held for all clients together. */
  readonly maxMemory: number
  /** Messages a second and connection; one that sends more is read slower. */
  readonly maxRate: number
  readonly maxSubscriptions: number
  readonly maxCells: number
  /** How much of the recording of a game is kept. */
  readonly history: HistoryLimits
  /** Games that have names. */
  readonly maxGames: number
  /** Of those, games that were made with one token; without tokens, from one address, if that is none of this machine. */
  readonly maxGamesPerToken: number
  /** Of all games that have names. */
  readonly maxAllCells: number
  /** After which a game ends that has a name and that nobody uses. */
  readonly gameIdle: number
  /** Held for a worker that reads slowly. */
  readonly workerQueue: number
  /** Held for a watcher of protocol 0 that reads slowly. */
  readonly watcherQueue: number
  /** Between pings; 0 for none. */
  readonly heartbeat: number
  /** The name of this node to the other nodes of its games and in the log: letters, digits, `-` and `_`. */
  readonly node: string
  /** Over which clients are sent away at the end. */
  readonly drain: number
}

const defaults: Omit<ServerSettings, "maxMemory"> = {
  host: "localhost",
  port: 8000,
  reusePort: false,
  certificate: undefined,
  tokens: [],
  allowedHosts: [],
  allowedOrigins: [],
  allowedEmbedders: [],
  trustedProxies: [],
  maxConnections: 100_000,
  maxSockets: Infinity,
  maxPerAddress: 10_000,
  maxPending: 16_384,
  handshakeTimeout: 10_000,
  firstMessageTimeout: 60_000,
  maxHeader: 16 * 1024,
  maxMessage: 16 * 1024 * 1024,
  maxFragments: 1024 * 1024,
  compress: false,
  maxRate: 50_000,
  maxSubscriptions: 64,
  maxCells: 1_000_000,
  history: { bytes: 0, steps: 0 },
  maxGames: 100,
  maxGamesPerToken: Infinity,
  maxAllCells: 4_000_000,
  gameIdle: 600_000,
  workerQueue: 1024 * 1024,
  watcherQueue: 4 * 1024 * 1024,
  heartbeat: 30_000,
  node: "node",
  drain: 5_000
}

export class ServerConfig extends Context.Tag("effect-c10k/Server/ServerConfig")<ServerConfig, ServerSettings>() {
  static readonly layer = (settings?: Partial<ServerSettings>): Layer.Layer<ServerConfig> =>
    Layer.sync(ServerConfig, () => ({ ...defaults, maxMemory: MemoryBudget.ofMachine(), ...settings }))
}
