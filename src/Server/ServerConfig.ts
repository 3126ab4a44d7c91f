/**
 * The settings of the server. Each is declared here, once: `serve` makes its options from the declarations, and the reference
 * its rows. Times are in milliseconds, sizes in bytes.
 */
import * as Context from "effect/Context"
import * as Layer from "effect/Layer"
import { given } from "../Given.ts"
import * as Kind from "../Text/Kind.ts"
import * as WebSocketUrl from "../Text/WebSocketUrl.ts"
import * as MemoryBudget from "../WebSocket/Connection/MemoryBudget.ts"
import * as ClientAddress from "../WebSocket/Http/ClientAddress.ts"
import type { Certificate } from "../WebSocket/Http/Listeners.ts"
import * as Origin from "../WebSocket/Http/Origin.ts"
import type { AccessToken } from "./Access/AccessToken.ts"
import * as HistoryKind from "./HistoryKind.ts"
import { computed, count, inGroup, many, one, onOff, type Value } from "./Setting.ts"

const HOUR = 3_600_000
const timeout = Kind.duration(100, HOUR)
/** A time that may be 0. */
const time = Kind.duration(0, HOUR)
const queue = Kind.size(1024)
const origin = Kind.make("ORIGIN", "an origin, such as https://example.com, or *", Origin.normalise)
const hostName = Kind.make("NAME", "a name, such as life.example, without scheme and port", Origin.normaliseHost)
const subnet = Kind.make("ADDRESS", "an address or subnet, such as 10.0.0.1, 10.0.0.0/8 or fd00::/8", (text) =>
  ClientAddress.problemOfProxy(text) === undefined ? text : undefined
)

export const groups = {
  listen: "Where it listens",
  access: "Who may do what",
  games: "Games",
  all: "Limits of all connections",
  each: "Limits of one connection",
  nodes: "Nodes that share their games",
  output: "Output"
} as const

export const settings = {
  ...inGroup(groups.listen, {
    host: one(
      Kind.anyText("HOST"),
      "localhost",
      "host",
      "Name or address to listen on. With a name the server listens on all its addresses."
    ),
    port: one(Kind.port, 8000, "port", "Port to listen on. 0: any free one.")
  }),
  ...inGroup(groups.access, {
    allowedHosts: many(
      hostName,
      "allow-host",
      "Another name of this server, such as life.example, that pages may use. Not needed for --host and for addresses. Repeatable."
    ),
    allowedOrigins: many(
      origin,
      "allow-origin",
      "Pages of this origin, such as https://example.com, may connect too; * for any. Repeatable."
    ),
    allowedEmbedders: many(
      origin,
      "allow-embed",
      "Pages of this origin may show the game in a frame, from /embed; * for any. Repeatable."
    ),
    trustedProxies: many(
      subnet,
      "trusted-proxy",
      "Address or subnet of a proxy whose X-Forwarded-For and X-Forwarded-Proto the server trusts. Repeatable."
    )
  }),
  ...inGroup(groups.games, {
    maxCells: count(1_000_000, "max-cells", "The most cells of one game."),
    maxSubscriptions: count(64, "max-subscriptions", "The most cells that one worker may subscribe to."),
    maxGames: count(100, "max-games", "The most games under /games/."),
    maxGamesPerToken: one(
      Kind.whole(1),
      Infinity,
      "max-games-per-token",
      "The most games under /games/ that one token may make. Without tokens: that one address may make, other than those of this machine.",
      "--max-games"
    ),
    maxAllCells: count(4_000_000, "max-all-cells", "The most cells of all games under /games/ together."),
    gameIdle: one(
      Kind.duration(1000),
      600_000,
      "game-idle",
      "The server ends a game under /games/ that nobody has used for this time."
    ),
    history: computed(
      HistoryKind.kind,
      "64MiB with --nats or --processes, else off",
      "history",
      "How much of each game to keep for `life record`: a size such as 64MiB, a number of steps such as 5000steps, or off."
    )
  }),
  ...inGroup(groups.all, {
    maxConnections: count(
      100_000,
      "max-connections",
      "The most WebSockets in all. Fewer if the limit of open files is lower."
    ),
    maxPerAddress: count(
      10_000,
      "max-per-address",
      "The most WebSockets of one address. Not for addresses of this machine."
    ),
    maxPending: count(
      16_384,
      "max-pending",
      "The most connections that are not WebSockets yet. Over this limit the server closes the oldest."
    ),
    maxMemory: computed(
      Kind.size(1024 * 1024),
      "a quarter of the machine's memory",
      "max-memory",
      "The most memory for the data that waits for all clients together. Over this limit the server closes the clients with the most waiting data."
    )
  }),
  ...inGroup(groups.each, {
    maxRate: count(
      50_000,
      "max-rate",
      "The most messages that the server reads from one WebSocket per second. It reads the others later."
    ),
    maxMessage: one(
      Kind.size(1),
      16 * 1024 * 1024,
      "max-message",
      "The largest message to /test/echo/, after it is inflated. Messages of workers and resets have a smaller limit of their own."
    ),
    maxFragments: count(1024 * 1024, "max-fragments", "The most frames of one message."),
    maxHeader: one(Kind.size(256), 16 * 1024, "max-header", "The largest head of a request."),
    compress: onOff("compress", "Compress messages of 1 KiB or more (permessage-deflate) for clients that offer it."),
    workerQueue: one(
      queue,
      1024 * 1024,
      "worker-queue",
      "The most data that may wait for one worker. Over this limit the server closes the worker, which reads too slowly."
    ),
    watcherQueue: one(queue, 4 * 1024 * 1024, "watcher-queue", "The same for one watcher of protocol 0."),
    handshakeTimeout: one(
      timeout,
      10_000,
      "handshake-timeout",
      "The most time until a request's head, or a TLS handshake, is complete."
    ),
    firstMessageTimeout: one(
      timeout,
      60_000,
      "first-message-timeout",
      "The most time until a worker or a reset sends its first message."
    ),
    heartbeat: one(
      time,
      30_000,
      "heartbeat",
      "Time between two pings. The server closes a client that sends nothing for twice this time. 0: no pings."
    ),
    drain: one(
      time,
      5000,
      "drain",
      "Time in which the server closes its connections, one after the other, when it ends."
    )
  }),
  ...inGroup(groups.nodes, {
    advertise: one(
      Kind.make(
        "URL",
        "the WebSocket URL of this node, such as ws://10.0.0.5:8000",
        (text) => WebSocketUrl.parse(text)?.href
      ),
      "",
      "advertise",
      "The URL at which clients reach this node and no other. With it, the node is in /nodes.json, and life connects cells that are neighbours to the same node. With --processes: the URL of the first process, which listens there too; the others listen on the ports that follow.",
      "none"
    ),
    node: computed(
      Kind.make("NAME", "1 to 40 letters, digits, - and _", (text) =>
        /^[A-Za-z0-9_-]{1,40}$/.test(text) ? text : undefined
      ),
      "the machine's name and the process's number",
      "node",
      "The name of this node, in the log and to other nodes."
    )
  })
}

/** The settings of a server. Those above have their descriptions and defaults there. */
export type ServerSettings = { readonly [K in keyof typeof settings]: Value<(typeof settings)[K]> } & {
  /** Lets other processes listen on the same port. */
  readonly reusePort: boolean
  /** Another port on which the server listens, alone. */
  readonly ownPort: number | undefined
  /** If given, the server speaks TLS. */
  readonly certificate: Certificate | undefined
  /** Workers and resets must send one of these. Without any, every client may take part. */
  readonly tokens: ReadonlyArray<AccessToken>
  /** The most TCP connections of all kinds. */
  readonly maxSockets: number
}

const { history: _history, maxMemory: _maxMemory, node: _node, ...plain } = settings

type Plain = Pick<ServerSettings, keyof typeof plain>

// Each setting's default has the type of the setting.
const fallbacks = Object.fromEntries(Object.entries(plain).map(([key, { fallback }]) => [key, fallback])) as Plain

const defaults: Omit<ServerSettings, "maxMemory"> = {
  ...fallbacks,
  history: { bytes: 0, steps: 0 },
  node: "node",
  reusePort: false,
  ownPort: undefined,
  certificate: undefined,
  tokens: [],
  maxSockets: Infinity
}

export class ServerConfig extends Context.Tag("effect-c10k/Server/ServerConfig")<ServerConfig, ServerSettings>() {
  static readonly layer = (settings?: Partial<ServerSettings>): Layer.Layer<ServerConfig> =>
    Layer.sync(ServerConfig, () => ({
      ...defaults,
      ...given(settings),
      maxMemory: settings?.maxMemory ?? MemoryBudget.ofMachine()
    }))
}
