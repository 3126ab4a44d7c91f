import type * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as Config from "effect/Config"
import * as OptionKinds from "../OptionKinds.ts"
import * as HistoryOption from "./HistoryOption.ts"

/** The environment variable that stands for a flag that is not given: `EFFECT_C10K_MAX_RATE` for `--max-rate`. */
export const variableOf = (flag: string): string => `EFFECT_C10K_${flag.toUpperCase().replaceAll("-", "_")}`

const setting = <A, B>(option: Options.Options<A>, flag: string, config: (name: string) => Config.Config<B>) =>
  Options.withFallbackConfig(option, config(variableOf(flag)))

const text = (flag: string, fallback: string, description: string) =>
  setting(Options.text(flag), flag, Config.string).pipe(
    Options.withDefault(fallback),
    Options.withDescription(description)
  )

const optional = (flag: string, description: string) =>
  setting(Options.text(flag), flag, Config.string).pipe(Options.withDescription(description), Options.optional)

const value = <A>(flag: string, kind: OptionKinds.Kind<A>, fallback: A, description: string) =>
  OptionKinds.value(flag, kind, description).pipe(
    Options.withFallbackConfig(OptionKinds.variable(variableOf(flag), kind)),
    Options.withDefault(fallback)
  )

const integer = (flag: string, fallback: number, description: string, least = 1) =>
  value(flag, OptionKinds.whole(least), fallback, description)

const given = <A>(flag: string, kind: OptionKinds.Kind<A>, description: string) =>
  OptionKinds.value(flag, kind, description).pipe(
    Options.withFallbackConfig(OptionKinds.variable(variableOf(flag), kind)),
    Options.optional
  )

const HOUR = 3_600_000
const timeout = OptionKinds.duration({ least: 100, most: HOUR, mostText: "1h" })
/** A time that may be 0. */
const time = OptionKinds.duration({ least: 0, most: HOUR, mostText: "1h" })

const memory = OptionKinds.size(1024 * 1024, "1MiB")

/** Several values: a list needs commas in the variable only, which `Settings.ts` reads. */
const list = (flag: string, description: string) =>
  Options.text(flag).pipe(Options.withDescription(description), Options.repeated)

export const host = text("host", "localhost", "Name or address to listen on; a name stands for all of its addresses.")
export const port = value("port", OptionKinds.port, 8000, "Port to listen on; 0 takes any that is free.")

export const allowHost = list(
  "allow-host",
  "Name (life.example) by which pages may know this server, beside that of --host and addresses. Repeatable."
)

/** The options of the server, in the order of its help. Times are in milliseconds. */
export const options = {
  host,
  port,
  tlsCert: optional("tls-cert", "File with the certificate (PEM), and those that vouch for it: https and wss."),
  tlsKey: optional("tls-key", "File with the certificate's private key (PEM)."),
  token: setting(Options.redacted("token"), "token", (name) => Config.redacted(name)).pipe(
    Options.withDescription(
      "Secret that workers and resets must show. Other users see it in the list of processes: prefer EFFECT_C10K_TOKEN or --token-file."
    ),
    Options.optional
  ),
  tokenFile: optional("token-file", "File with that secret."),
  insecure: Options.boolean("insecure").pipe(
    Options.withDescription("Do not warn that others than this machine may take part without a token.")
  ),
  allowHost,
  allowOrigin: list("allow-origin", "Origin (https://example.com) whose pages may connect; * for any. Repeatable."),
  allowEmbed: list(
    "allow-embed",
    "Origin (https://example.com) whose pages may show the game in a frame, from /embed; * for any. Repeatable."
  ),
  trustedProxy: list(
    "trusted-proxy",
    "Address or subnet of a proxy whose X-Forwarded-For and -Proto are believed. Repeatable."
  ),
  maxConnections: integer("max-connections", 100_000, "WebSockets in all; fewer where the limit of open files is low."),
  maxPerAddress: integer("max-per-address", 10_000, "WebSockets of one address other than this machine's own."),
  maxPending: integer("max-pending", 16_384, "Connections that are no WebSockets yet; over it the oldest is closed."),
  maxRate: integer("max-rate", 50_000, "Messages a second that are read from one WebSocket."),
  maxMessage: integer("max-message", 16 * 1024 * 1024, "Bytes of a message to /test/echo/."),
  maxFragments: integer("max-fragments", 1024 * 1024, "Frames of one message."),
  maxMemory: OptionKinds.value(
    "max-memory",
    memory,
    "Bytes held for all clients together, such as 2GiB; then those that hold most are closed. A quarter of the memory if not given."
  ).pipe(Options.withFallbackConfig(OptionKinds.variable(variableOf("max-memory"), memory)), Options.optional),
  maxHeader: integer("max-header", 16 * 1024, "Bytes of a request's head.", 256),
  compress: Options.boolean("compress").pipe(
    Options.withDescription("Compress messages of 1 KiB and more (permessage-deflate) for clients that offer it.")
  ),
  maxSubscriptions: integer("max-subscriptions", 64, "Cells that one worker may subscribe to."),
  maxCells: integer("max-cells", 1_000_000, "Cells of the largest game."),
  history: given(
    "history",
    HistoryOption.kind,
    "What is kept of a game's recording, for `life record`: a size (64MiB), steps (5000steps), or off. 64MiB with --nats, off without."
  ),
  maxGames: integer("max-games", 100, "Games under /games/."),
  maxAllCells: integer("max-all-cells", 4_000_000, "Cells of all games under /games/."),
  gameIdle: value(
    "game-idle",
    OptionKinds.duration({ least: 1000 }),
    600_000,
    "Time after which a game under /games/ ends that nobody uses."
  ),
  workerQueue: integer(
    "worker-queue",
    1024 * 1024,
    "Bytes held for a worker that reads slowly; then it is closed.",
    1024
  ),
  watcherQueue: integer("watcher-queue", 4 * 1024 * 1024, "Bytes held for a slow watcher of protocol 0.", 1024),
  handshakeTimeout: value("handshake-timeout", timeout, 10_000, "Time in which a handshake must be complete."),
  firstMessageTimeout: value("first-message-timeout", timeout, 60_000, "Time to a worker's or reset's first message."),
  heartbeat: value("heartbeat", time, 30_000, "Time between pings; silent for two rounds is gone. 0: none."),
  drain: value("drain", time, 5000, "Time over which clients are sent away when the server ends."),
  nats: optional(
    "nats",
    "Servers of NATS (nats://host:4222, with commas between) that keep the games: any number of nodes share them."
  ),
  natsCreds: optional("nats-creds", "File with the credentials for NATS."),
  natsPrefix: optional("nats-prefix", "Begins the names of streams and subjects; default c10k."),
  natsReplicas: given(
    "nats-replicas",
    OptionKinds.whole(1, 5),
    "Copies of a game's log, on as many servers; default 1."
  ),
  node: optional("node", "Name of this server among the nodes; default that of the machine, and the process."),
  processes: value(
    "processes",
    OptionKinds.wholeOr("auto", 1, 1024),
    1,
    "Processes that serve one port and share their games; auto: as many as there are processors."
  ),
  logFormat: value(
    "log-format",
    OptionKinds.choice("text", "json"),
    "text",
    "How log lines are written: text or json."
  ),
  quiet: Options.boolean("quiet").pipe(
    Options.withAlias("q"),
    Options.withDescription(
      "Say nothing but what is wrong: no lines on standard output, warnings and errors in the log."
    )
  )
}

/** What the command line gave, as it is: `ServeSettings.ts` makes settings of it. */
export type ServeOptions = Command.Command.ParseConfig<typeof options>
