import type * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as Config from "effect/Config"

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

const integer = (flag: string, fallback: number, description: string) =>
  setting(Options.integer(flag), flag, Config.integer).pipe(
    Options.withDefault(fallback),
    Options.withDescription(description)
  )

const seconds = (flag: string, fallback: number, description: string) =>
  setting(Options.float(flag), flag, Config.number).pipe(
    Options.withDefault(fallback),
    Options.withDescription(description)
  )

/** Several values: a list needs commas in the variable only, which `Settings.ts` reads. */
const list = (flag: string, description: string) =>
  Options.text(flag).pipe(Options.withDescription(description), Options.repeated)

export const host = text("host", "localhost", "Name or address to listen on; a name stands for all of its addresses.")
export const port = integer("port", 8000, "Port to listen on; 0 takes any that is free.")

export const allowHost = list(
  "allow-host",
  "Name (life.example) by which pages may know this server, beside that of --host and addresses. Repeatable."
)

/** The options of the server, in the order of its help. Times are in seconds. */
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
  trustedProxy: list(
    "trusted-proxy",
    "Address or subnet of a proxy whose X-Forwarded-For and -Proto are believed. Repeatable."
  ),
  maxConnections: integer("max-connections", 100_000, "WebSockets in all; fewer where the limit of open files is low."),
  maxPerAddress: integer("max-per-address", 10_000, "WebSockets of one address other than this machine's own."),
  maxPending: integer("max-pending", 16_384, "Connections that are no WebSockets yet; over it the oldest is closed."),
  maxRate: integer("max-rate", 50_000, "Messages a second that are read from one WebSocket."),
  maxMessage: integer("max-message", 16 * 1024 * 1024, "Bytes of a message to /test/echo/."),
  maxFragments: integer("max-fragments", 1024, "Frames of one message."),
  maxHeader: integer("max-header", 16 * 1024, "Bytes of a request's head."),
  maxSubscriptions: integer("max-subscriptions", 64, "Cells that one worker may subscribe to."),
  maxCells: integer("max-cells", 1_000_000, "Cells of the largest game."),
  workerQueue: integer("worker-queue", 1024 * 1024, "Bytes held for a worker that reads slowly; then it is closed."),
  watcherQueue: integer("watcher-queue", 4 * 1024 * 1024, "Bytes held for a slow watcher of protocol 0."),
  handshakeTimeout: seconds("handshake-timeout", 10, "Seconds in which a handshake must be complete."),
  firstMessageTimeout: seconds("first-message-timeout", 60, "Seconds to a worker's or reset's first message."),
  heartbeat: seconds("heartbeat", 30, "Seconds between pings; silent for two rounds is gone. 0: none."),
  drain: seconds("drain", 5, "Seconds over which clients are sent away when the server ends."),
  logFormat: Options.choice("log-format", ["text", "json"]).pipe(
    Options.withFallbackConfig(Config.literal("text", "json")(variableOf("log-format"))),
    Options.withDefault("text"),
    Options.withDescription("How log lines are written.")
  )
}

/** What the command line gave, as it is: `ServeSettings.ts` makes settings of it. */
export type ServeOptions = Command.Command.ParseConfig<typeof options>
