import type * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as Config from "effect/Config"
import * as Schema from "effect/Schema"
import * as OptionKinds from "../OptionKinds.ts"
import * as HistoryOption from "./HistoryOption.ts"

/** The environment variable that stands for a flag that is not given: `EFFECT_C10K_MAX_RATE` for `--max-rate`. */
export const variableOf = (flag: string): string => `EFFECT_C10K_${flag.toUpperCase().replaceAll("-", "_")}`

const setting = <A, B>(option: Options.Options<A>, flag: string, config: (name: string) => Config.Config<B>) =>
  Options.withFallbackConfig(option, config(variableOf(flag)))

const optional = (flag: string, placeholder: string, description: string) =>
  Options.optional(setting(OptionKinds.text(flag, placeholder, description), flag, Config.string))

/** The help tells the default. */
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

/** Several values: a list needs commas in the variable only, which `ServeSettings.ts` reads. */
const list = OptionKinds.texts

export const host = setting(
  OptionKinds.text(
    "host",
    "HOST",
    "Name or address to listen on. A name stands for all of its addresses. (default: localhost)"
  ),
  "host",
  Config.string
).pipe(Options.withDefault("localhost"))

export const port = value("port", OptionKinds.port, 8000, "Port to listen on; 0 takes any free one.")

export const allowHost = list(
  "allow-host",
  "NAME",
  "A name, such as life.example, by which pages may call this server. --host and addresses need not be named. Repeatable."
)

/** The options of the server. Times are in milliseconds, sizes in bytes. */
export const options = {
  host,
  port,
  tlsCert: optional(
    "tls-cert",
    "FILE",
    "The server's certificate and its chain (PEM): the server speaks https and wss."
  ),
  tlsKey: optional("tls-key", "FILE", "The certificate's private key (PEM)."),
  token: setting(Options.redacted("token"), "token", (name) => Config.redacted(name)).pipe(
    Options.withPseudoName("SECRET"),
    Options.withDescription(
      "Only clients that show this secret may play or reset a game. Other users of this machine can see it in the list of processes: prefer EFFECT_C10K_TOKEN or --token-file."
    ),
    Options.optional
  ),
  tokenFile: optional(
    "token-file",
    "FILE",
    "The file that has this secret; or several, each in a line NAME: SECRET, for clients that are to be told apart."
  ),
  insecure: OptionKinds.flag("insecure", "Give no warning when other machines may play without a token."),
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
    "Address or subnet of a proxy: the server believes its X-Forwarded-For and X-Forwarded-Proto. Repeatable."
  ),
  maxConnections: integer(
    "max-connections",
    100_000,
    "WebSockets in all, or fewer if the limit of open files is lower."
  ),
  maxPerAddress: integer("max-per-address", 10_000, "WebSockets of one address, except addresses of this machine."),
  maxPending: integer(
    "max-pending",
    16_384,
    "Connections that are not WebSockets yet. Over the limit the oldest is closed."
  ),
  maxRate: integer("max-rate", 50_000, "Messages that are read from one WebSocket in a second."),
  maxMessage: value("max-message", atLeast1, 16 * 1024 * 1024, "Size of a message to /test/echo/."),
  maxFragments: integer("max-fragments", 1024 * 1024, "Frames of one message."),
  maxMemory: given(
    "max-memory",
    OptionKinds.size(1024 * 1024, "1MiB"),
    "Memory for what waits for all clients together. Over it the clients for whom most waits are closed. (default: a quarter of the machine's memory)"
  ),
  maxHeader: value("max-header", OptionKinds.size(256, "256"), 16 * 1024, "Size of a request's head."),
  compress: OptionKinds.flag(
    "compress",
    "Compress messages of 1 KiB and more (permessage-deflate) for clients that offer it."
  ),
  maxSubscriptions: integer("max-subscriptions", 64, "Cells that one worker may subscribe to."),
  maxCells: integer("max-cells", 1_000_000, "Cells of one game."),
  history: given(
    "history",
    HistoryOption.kind,
    "How much of each game's recording to keep for `life record`: 64MiB, 5000steps or off. (default: 64MiB with --nats, else off)"
  ),
  maxGames: integer("max-games", 100, "Games under /games/."),
  maxGamesPerToken: given(
    "max-games-per-token",
    OptionKinds.whole(1),
    "Of those, games that were made with the token of one name; without tokens, from one address, except addresses of this machine. (default: --max-games)"
  ),
  maxAllCells: integer("max-all-cells", 4_000_000, "Cells of all games under /games/."),
  gameIdle: value(
    "game-idle",
    OptionKinds.duration({ least: 1000 }),
    600_000,
    "A game under /games/ that nobody uses ends after this time."
  ),
  workerQueue: value(
    "worker-queue",
    atLeast1K,
    1024 * 1024,
    "What may wait for a worker that reads slowly. Over it the worker is closed."
  ),
  watcherQueue: value(
    "watcher-queue",
    atLeast1K,
    4 * 1024 * 1024,
    "What may wait for a watcher of protocol 0 that reads slowly. Over it the watcher is closed."
  ),
  handshakeTimeout: value("handshake-timeout", timeout, 10_000, "Time for a handshake."),
  firstMessageTimeout: value(
    "first-message-timeout",
    timeout,
    60_000,
    "Time to the first message of a worker or a reset."
  ),
  heartbeat: value(
    "heartbeat",
    time,
    30_000,
    "Time between two pings. A client that is silent for two of them is closed. 0: no pings."
  ),
  drain: value("drain", time, 5000, "Time over which the server closes its connections when it ends."),
  nats: optional(
    "nats",
    "URLS",
    "Servers of NATS, such as nats://host:4222, with commas between. They keep the games, which all nodes share."
  ),
  natsCreds: optional("nats-creds", "FILE", "The credentials for NATS."),
  natsPrefix: optional("nats-prefix", "NAME", "How the names of streams and subjects begin. (default: c10k)"),
  natsReplicas: given(
    "nats-replicas",
    OptionKinds.whole(1, 5),
    "Copies of each game's log, on different servers. (default: 1)"
  ),
  natsKeep: given(
    "nats-keep",
    OptionKinds.size(64 * 1024 * 1024, "64MiB"),
    "How much of each game's log to keep, which NATS reserves. The same on all nodes. (default: 256MiB)"
  ),
  node: optional("node", "NAME", "The name of this node. (default: the machine's name and the process's number)"),
  processes: value(
    "processes",
    OptionKinds.wholeOr("auto", 1, 1024),
    1,
    "Processes that serve the port together and share their games. auto: one for each processor."
  ),
  logFormat: value(
    "log-format",
    OptionKinds.choice("text", "json"),
    "text",
    "How log lines are written: text or json."
  ),
  quiet: OptionKinds.flag("quiet", "Write nothing to standard output, and only warnings and errors to the log.").pipe(
    Options.withAlias("q")
  )
}

/** The options as the command line gave them: `ServeSettings.ts` makes settings of it. */
export type ServeOptions = Command.Command.ParseConfig<typeof options>
