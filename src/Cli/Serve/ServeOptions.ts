import type * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as Config from "effect/Config"
import * as Schema from "effect/Schema"
import * as OptionKinds from "../OptionKinds.ts"
import * as HistoryOption from "./HistoryOption.ts"

/** The environment variable that is read when a flag is not given: `EFFECT_C10K_MAX_RATE` for `--max-rate`. */
export const variableOf = (flag: string): string => `EFFECT_C10K_${flag.toUpperCase().replaceAll("-", "_")}`

const setting = <A, B>(option: Options.Options<A>, flag: string, config: (name: string) => Config.Config<B>) =>
  Options.withFallbackConfig(option, config(variableOf(flag)))

const optional = (flag: string, placeholder: string, description: string) =>
  Options.optional(setting(OptionKinds.text(flag, placeholder, description), flag, Config.string))

/** An option with a default, which the help shows. */
const value = <A>(flag: string, kind: OptionKinds.Kind<A>, fallback: A, description: string) =>
  OptionKinds.value(flag, kind, `${description} (default: ${Schema.encodeSync(kind)(fallback)})`).pipe(
    Options.withFallbackConfig(OptionKinds.variable(variableOf(flag), kind)),
    Options.withDefault(fallback)
  )

const integer = (flag: string, fallback: number, description: string) =>
  value(flag, OptionKinds.whole(1), fallback, description)

const given = <A>(flag: string, kind: OptionKinds.Kind<A>, description: string) =>
  OptionKinds.value(flag, kind, description).pipe(
    Options.withFallbackConfig(OptionKinds.variable(variableOf(flag), kind)),
    Options.optional
  )

const HOUR = 3_600_000
const timeout = OptionKinds.duration({ least: 100, most: HOUR, mostText: "1h" })
/** A time that may be 0. */
const time = OptionKinds.duration({ least: 0, most: HOUR, mostText: "1h" })

const atLeast1 = OptionKinds.size(1, "1")
const atLeast1K = OptionKinds.size(1024, "1KiB")

/** An option that may be repeated. Its variable is a list with commas, which `ServeSettings.ts` reads. */
const list = OptionKinds.texts

export const host = setting(
  OptionKinds.text(
    "host",
    "HOST",
    "Name or address to listen on. With a name the server listens on all its addresses. (default: localhost)"
  ),
  "host",
  Config.string
).pipe(Options.withDefault("localhost"))

export const port = value("port", OptionKinds.port, 8000, "Port to listen on. 0: any free one.")

export const allowHost = list(
  "allow-host",
  "NAME",
  "Another name of this server, such as life.example, that pages may use. Not needed for --host and for addresses. Repeatable."
)

/** The options of the server. Times are in milliseconds, sizes in bytes. */
export const options = {
  host,
  port,
  tlsCert: optional(
    "tls-cert",
    "FILE",
    "The server's certificate with its chain (PEM). The server then speaks https and wss. Needs --tls-key."
  ),
  tlsKey: optional("tls-key", "FILE", "The certificate's private key (PEM)."),
  token: setting(Options.redacted("token"), "token", (name) => Config.redacted(name)).pipe(
    Options.withPseudoName("SECRET"),
    Options.withDescription(
      "Only clients that send this secret may play or reset a game. Other users of this machine can see it in the process list, so EFFECT_C10K_TOKEN or --token-file is safer."
    ),
    Options.optional
  ),
  tokenFile: optional(
    "token-file",
    "FILE",
    "The file with the secret, or with several, one per line as NAME: SECRET, to tell clients apart."
  ),
  insecure: OptionKinds.flag("insecure", "Do not warn when other machines may play without a token."),
  allowHost,
  allowOrigin: list(
    "allow-origin",
    "ORIGIN",
    "Pages of this origin, such as https://example.com, may connect too; * for any. Repeatable."
  ),
  allowEmbed: list(
    "allow-embed",
    "ORIGIN",
    "Pages of this origin may show the game in a frame, from /embed; * for any. Repeatable."
  ),
  trustedProxy: list(
    "trusted-proxy",
    "ADDRESS",
    "Address or subnet of a proxy whose X-Forwarded-For and X-Forwarded-Proto the server trusts. Repeatable."
  ),
  maxConnections: integer(
    "max-connections",
    100_000,
    "The most WebSockets in all. Fewer if the limit of open files is lower."
  ),
  maxPerAddress: integer(
    "max-per-address",
    10_000,
    "The most WebSockets of one address. Not for addresses of this machine."
  ),
  maxPending: integer(
    "max-pending",
    16_384,
    "The most connections that are not WebSockets yet. Over this limit the server closes the oldest."
  ),
  maxRate: integer(
    "max-rate",
    50_000,
    "The most messages that the server reads from one WebSocket per second. It reads the others later."
  ),
  maxMessage: value("max-message", atLeast1, 16 * 1024 * 1024, "The largest message to /test/echo/."),
  maxFragments: integer("max-fragments", 1024 * 1024, "The most frames of one message."),
  maxMemory: given(
    "max-memory",
    OptionKinds.size(1024 * 1024, "1MiB"),
    "The most memory for the data that waits for all clients together. Over this limit the server closes the clients with the most waiting data. (default: a quarter of the machine's memory)"
  ),
  maxHeader: value("max-header", OptionKinds.size(256, "256"), 16 * 1024, "The largest head of a request."),
  compress: OptionKinds.flag(
    "compress",
    "Compress messages of 1 KiB or more (permessage-deflate) for clients that offer it."
  ),
  maxSubscriptions: integer("max-subscriptions", 64, "The most cells that one worker may subscribe to."),
  maxCells: integer("max-cells", 1_000_000, "The most cells of one game."),
  history: given(
    "history",
    HistoryOption.kind,
    "How much of each game to keep for `life record`: a size such as 64MiB, a number of steps such as 5000steps, or off. (default: 64MiB with --nats or --processes, else off)"
  ),
  maxGames: integer("max-games", 100, "The most games under /games/."),
  maxGamesPerToken: given(
    "max-games-per-token",
    OptionKinds.whole(1),
    "The most games under /games/ that one token may make. Without tokens: that one address may make, other than those of this machine. (default: --max-games)"
  ),
  maxAllCells: integer("max-all-cells", 4_000_000, "The most cells of all games under /games/ together."),
  gameIdle: value(
    "game-idle",
    OptionKinds.duration({ least: 1000 }),
    600_000,
    "The server ends a game under /games/ that nobody has used for this time."
  ),
  workerQueue: value(
    "worker-queue",
    atLeast1K,
    1024 * 1024,
    "The most data that may wait for one worker. Over this limit the server closes the worker, which reads too slowly."
  ),
  watcherQueue: value("watcher-queue", atLeast1K, 4 * 1024 * 1024, "The same for one watcher of protocol 0."),
  handshakeTimeout: value("handshake-timeout", timeout, 10_000, "The most time for a handshake."),
  firstMessageTimeout: value(
    "first-message-timeout",
    timeout,
    60_000,
    "The most time until a worker or a reset sends its first message."
  ),
  heartbeat: value(
    "heartbeat",
    time,
    30_000,
    "Time between two pings. The server closes a client that sends nothing for twice this time. 0: no pings."
  ),
  drain: value(
    "drain",
    time,
    5000,
    "Time in which the server closes its connections, one after the other, when it ends."
  ),
  nats: optional(
    "nats",
    "URLS",
    "NATS servers, such as nats://host:4222, separated by commas. They keep the games, which all nodes share."
  ),
  natsCreds: optional("nats-creds", "FILE", "The credentials file for NATS."),
  natsPrefix: optional("nats-prefix", "NAME", "The prefix of the names of streams and subjects. (default: c10k)"),
  natsReplicas: given(
    "nats-replicas",
    OptionKinds.whole(1, 5),
    "Copies of each game's log, each on another NATS server. (default: 1)"
  ),
  natsKeep: given(
    "nats-keep",
    OptionKinds.size(64 * 1024 * 1024, "64MiB"),
    "How much of each game's log to keep. NATS reserves this space. Give the same size on all nodes. (default: 256MiB)"
  ),
  node: optional("node", "NAME", "The name of this node. (default: the machine's name and the process's number)"),
  processes: value(
    "processes",
    OptionKinds.wholeOr("auto", 1, 1024),
    1,
    "Processes that serve the port together and share their games. auto: one per processor."
  ),
  logFormat: value("log-format", OptionKinds.choice("text", "json"), "text", "The format of log lines: text or json."),
  quiet: OptionKinds.flag("quiet", "Write nothing to standard output, and only warnings and errors to the log.").pipe(
    Options.withAlias("q")
  )
}

/** The options as the command line gave them. `ServeSettings.ts` makes the server's settings from them. */
export type ServeOptions = Command.Command.ParseConfig<typeof options>
