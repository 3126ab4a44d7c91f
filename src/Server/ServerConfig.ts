/** The settings of the server. Times are in milliseconds, sizes in bytes. */
import * as Context from "effect/Context"
import * as Layer from "effect/Layer"
import * as MemoryBudget from "../WebSocket/Connection/MemoryBudget.ts"
import type { Certificate } from "../WebSocket/Http/HttpListener.ts"
import type { AccessToken } from "./Access/AccessToken.ts"
import type { HistoryLimits } from "./History/GameHistory.ts"

/** The settings of a server. `defaults` below has their defaults. */
export interface ServerSettings {
  /** The name or address to listen on. */
  readonly host: string
  /** The port; 0 chooses a free one. */
  readonly port: number
  /** Lets other processes listen on the same port. */
  readonly reusePort: boolean
  /** If given, the server speaks TLS. */
  readonly certificate: Certificate | undefined
  /** Workers and resets must send one of these. Without any, every client may take part. */
  readonly tokens: ReadonlyArray<AccessToken>
  /** Names by which pages may know the server, in addition to `host`, addresses and `localhost`. In lower case. */
  readonly allowedHosts: ReadonlyArray<string>
  /** Origins of pages, in addition to the server's own, that may open WebSockets; `*` allows any. */
  readonly allowedOrigins: ReadonlyArray<string>
  /** Origins of pages that may show `/embed` in a frame; `*` allows any. Without any there is no such page. */
  readonly allowedEmbedders: ReadonlyArray<string>
  /** Addresses and subnets of trusted proxies, whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed. */
  readonly trustedProxies: ReadonlyArray<string>
  /** The most WebSockets at the same time. */
  readonly maxConnections: number
  /** The most TCP connections of all kinds. */
  readonly maxSockets: number
  /** The most WebSockets of one address. Those of this machine are not counted. */
  readonly maxPerAddress: number
  /** The most TCP connections that are not WebSockets, or not yet. */
  readonly maxPending: number
  /** The most time until a request's head, or a TLS handshake, is complete. */
  readonly handshakeTimeout: number
  /** The most time from when a worker is told to subscribe, or a reset has connected, until its first message. */
  readonly firstMessageTimeout: number
  /** The most bytes of a request's head. */
  readonly maxHeader: number
  /**
   * The most bytes of a message to a test endpoint. Messages of workers and resets have a smaller limit of their own.
   */
  readonly maxMessage: number
  /** The most frames of a message. */
  readonly maxFragments: number
  /** Whether permessage-deflate is used with clients that offer it. The server compresses messages of 1 KiB and more. */
  readonly compress: boolean
  /** The most bytes to hold for all clients together. */
  readonly maxMemory: number
  /** The most messages to read from a connection in a second. A client that sends more is read slower. */
  readonly maxRate: number
  /** The most cells that a worker may subscribe to. */
  readonly maxSubscriptions: number
  /** The most cells of a game. */
  readonly maxCells: number
  /** How much of the recording of a game is kept. */
  readonly history: HistoryLimits
  /** The most games with names. */
  readonly maxGames: number
  /**
   * The most of these that clients with one token made or, without tokens, clients of one address other than this
   * machine's.
   */
  readonly maxGamesPerToken: number
  /** The most cells of all games with names together. */
  readonly maxAllCells: number
  /** The time after which a game with a name ends if nobody uses it. */
  readonly gameIdle: number
  /** The most bytes to hold for a worker that reads slowly. */
  readonly workerQueue: number
  /** The most bytes to hold for a watcher of protocol 0 that reads slowly. */
  readonly watcherQueue: number
  /** The length of a heartbeat round; 0 for no pings. */
  readonly heartbeat: number
  /** The name of this node in the log and to other nodes: letters, digits, `-` and `_`. */
  readonly node: string
  /** The time over which connections are closed when the server ends. */
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
    Layer.sync(ServerConfig, () => ({
      ...defaults,
      ...settings,
      maxMemory: settings?.maxMemory ?? MemoryBudget.ofMachine()
    }))
}
