/** The options of `serve`: the settings of the server, and what concerns the program and not the server. */
import type * as Option from "effect/Option"
import { groups, settings } from "../../Server/ServerConfig.ts"
import type * as Setting from "../../Server/Setting.ts"
import * as Kind from "../../Text/Kind.ts"
import * as Flag from "../Flag.ts"

/** The environment variable that is read when a flag is not given: `EFFECT_C10K_MAX_RATE` for `--max-rate`. */
export const variableOf = (flag: string): string => `EFFECT_C10K_${flag.toUpperCase().replaceAll("-", "_")}`

type FlagOf<S> = S extends Setting.Computed<infer A> ? Flag.Flag<Option.Option<A>> : Flag.Flag<Setting.Value<S>>

type Settings = typeof settings

const flagOf = (setting: Settings[keyof Settings]): Flag.Flag<unknown> => {
  const { description, flag, group } = setting
  const declared = (): Flag.Flag<unknown> => {
    if (setting._tag === "Switch") return Flag.flag(flag, description)
    // The kinds of all settings together have no type in common, and an option only reads values.
    const kind = setting.kind as Kind.Kind<unknown>
    if (setting._tag === "Many") return Flag.values(flag, kind, description)
    return setting._tag === "Computed"
      ? Flag.optional(Flag.value(flag, kind, `${description} (default: ${setting.shown})`))
      : Flag.value(flag, kind, description).pipe(Flag.withDefault(setting.fallback, setting.shown))
  }
  return declared().pipe(Flag.withVariable(variableOf(flag)), Flag.inGroup(group))
}

// `flagOf` makes each option from the setting with the same key.
const ofSettings = Object.fromEntries(Object.entries(settings).map(([key, setting]) => [key, flagOf(setting)])) as {
  readonly [K in keyof Settings]: FlagOf<Settings[K]>
}

/** Options that `demo` and `life replay` have too. */
export const { allowedHosts: allowHost, host, port } = ofSettings

/** Options under one title, which have variables too. */
const own = <Flags extends Readonly<Record<string, Flag.Flag<unknown>>>>(title: string, flags: Flags): Flags =>
  // Each option keeps its type.
  Object.fromEntries(
    Object.entries(Flag.group(title, flags)).map(([key, flag]) => [key, Flag.withVariable(variableOf(flag.name))(flag)])
  ) as Flags

const file = (name: string, description: string) => Flag.optionalText(name, "FILE", description)

/** The options of the server. Times are in milliseconds, sizes in bytes. */
export const options = {
  ...ofSettings,
  ...own(groups.listen, {
    tlsCert: file(
      "tls-cert",
      "The server's certificate with its chain (PEM). The server then speaks https and wss. Needs --tls-key."
    ),
    tlsKey: file("tls-key", "The certificate's private key (PEM)."),
    processes: Flag.value(
      "processes",
      Kind.wholeOr("auto", 1, 1024),
      "Processes that serve the port together and share their games. auto: one per processor."
    ).pipe(Flag.withDefault(1, "1"))
  }),
  ...own(groups.access, {
    token: Flag.optional(
      Flag.secret(
        "token",
        "Only clients that send this secret may play or reset a game. Other users of this machine can see it in the process list, so EFFECT_C10K_TOKEN or --token-file is safer."
      )
    ),
    tokenFile: file(
      "token-file",
      "The file with the secret, or with several, one per line as NAME: SECRET, so that the server knows clients apart."
    ),
    insecure: Flag.flag("insecure", "Do not warn when other machines may play without a token.")
  }),
  ...own(groups.nodes, {
    nats: Flag.optionalText(
      "nats",
      "URLS",
      "NATS servers, such as nats://host:4222, separated by commas. They keep the games, which all nodes share."
    ),
    natsCreds: file("nats-creds", "The credentials file for NATS."),
    natsPrefix: Flag.optionalText(
      "nats-prefix",
      "NAME",
      "The prefix of the names of streams and subjects. (default: c10k)"
    ),
    natsReplicas: Flag.optional(
      Flag.value(
        "nats-replicas",
        Kind.whole(1, 5),
        "Copies of each game's log, each on another NATS server. (default: 1)"
      )
    ),
    natsKeep: Flag.optional(
      Flag.value(
        "nats-keep",
        Kind.size(64 * 1024 * 1024),
        "How much of each game's log to keep, with --nats or --processes. NATS reserves this space. Give the same size on all nodes. (default: 256MiB)"
      )
    )
  }),
  ...own(groups.output, {
    logFormat: Flag.value("log-format", Kind.choice("text", "json"), "The format of log lines: text or json.").pipe(
      Flag.withDefault("text" as const)
    )
  }),
  quiet: Flag.flag("quiet", "Write nothing to standard output, and only warnings and errors to the log.").pipe(
    Flag.withAlias("q"),
    Flag.inGroup(groups.output)
  )
}

/** The options as the command line gave them. `ServeSettings.ts` makes the server's settings from them. */
export type ServeOptions = Flag.Given<typeof options>
