/** Makes the server's settings from its options, or fails with a `UserError` that says what is wrong with them. */
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { ServerSettings } from "../../Server/ServerConfig.ts"
import * as MemoryBudget from "../../WebSocket/Connection/MemoryBudget.ts"
import * as ClientAddress from "../../WebSocket/Http/ClientAddress.ts"
import type { Certificate } from "../../WebSocket/Http/HttpListener.ts"
import * as Origin from "../../WebSocket/Http/Origin.ts"
import * as OptionFile from "../OptionFile.ts"
import * as PemFiles from "../PemFiles.ts"
import { UserError } from "../UserError.ts"
import * as HistoryOption from "./HistoryOption.ts"
import * as ServeLogs from "./ServeLogs.ts"
import { type ServeOptions, variableOf } from "./ServeOptions.ts"
import * as TokenOptions from "./TokenOptions.ts"

const fail = (message: string) => Effect.fail(new UserError({ message }))

const listOf = (flag: string, given: ReadonlyArray<string>) =>
  given.length > 0
    ? Effect.succeed(given)
    : Config.array(Config.string(), variableOf(flag)).pipe(
        Config.withDefault([]),
        // Every text is a valid list.
        Effect.orDie
      )

const certificateOf = Effect.fnUntraced(function* ({ tlsCert, tlsKey }: ServeOptions) {
  if (Option.isNone(tlsCert) && Option.isNone(tlsKey)) return undefined
  if (Option.isNone(tlsCert)) return yield* fail("--tls-key needs --tls-cert: give both")
  if (Option.isNone(tlsKey)) return yield* fail("--tls-cert needs --tls-key: give both")
  const certificate: Certificate = {
    cert: yield* OptionFile.read("tls-cert", tlsCert.value),
    key: yield* OptionFile.read("tls-key", tlsKey.value)
  }
  yield* PemFiles.check("--tls-cert and --tls-key", certificate)
  return certificate
})

const originsOf = Effect.fnUntraced(function* (flag: "allow-origin" | "allow-embed", given: ReadonlyArray<string>) {
  return yield* Effect.forEach(yield* listOf(flag, given), (text) => {
    const origin = Origin.normalise(text)
    return origin === undefined
      ? fail(`--${flag} ${text}: expected an origin, such as https://example.com, or *`)
      : Effect.succeed(origin)
  })
})

/** The names that `--allow-host` gives. */
export const hostsOf = Effect.fnUntraced(function* (given: ReadonlyArray<string>) {
  return yield* Effect.forEach(yield* listOf("allow-host", given), (text) => {
    const host = Origin.normaliseHost(text)
    return host === undefined
      ? fail(`--allow-host ${text}: expected a name, such as life.example, without scheme and port`)
      : Effect.succeed(host)
  })
})

const proxiesOf = Effect.fnUntraced(function* (given: ReadonlyArray<string>) {
  const proxies = yield* listOf("trusted-proxy", given)
  const problem = proxies.map(ClientAddress.problemOfProxy).find((problem) => problem !== undefined)
  return problem === undefined ? proxies : yield* fail(`--trusted-proxy ${problem}`)
})

/** Whether a flag is given, or its variable is true. */
const isOn = (given: boolean, flag: string) =>
  given
    ? Effect.succeed(true)
    : Config.boolean(variableOf(flag)).pipe(
        Config.withDefault(false),
        Effect.mapError(() => new UserError({ message: `${variableOf(flag)}: expected true or false` }))
      )

/** The memory budget in bytes. It holds two of the largest messages: `/test/echo/` keeps one while it comes and another while its echo leaves. */
const memoryOf = ({ maxMemory, maxMessage }: ServeOptions) => {
  if (Option.isNone(maxMemory)) return Effect.succeed(Math.max(MemoryBudget.ofMachine(), 2 * maxMessage))
  return maxMemory.value >= 2 * maxMessage
    ? Effect.succeed(maxMemory.value)
    : fail(
        `--max-memory ${maxMemory.value}: expected at least ${2 * maxMessage} bytes, twice --max-message; or lower --max-message`
      )
}

export const settingsOf = Effect.fn("ServeSettings.settingsOf")(function* (options: ServeOptions) {
  const settings: ServerSettings = {
    host: options.host,
    port: options.port,
    reusePort: false,
    certificate: yield* certificateOf(options),
    tokens: yield* TokenOptions.tokensOf(options),
    allowedHosts: yield* hostsOf(options.allowHost),
    allowedOrigins: yield* originsOf("allow-origin", options.allowOrigin),
    allowedEmbedders: yield* originsOf("allow-embed", options.allowEmbed),
    trustedProxies: yield* proxiesOf(options.trustedProxy),
    maxConnections: options.maxConnections,
    maxSockets: Infinity,
    maxPerAddress: options.maxPerAddress,
    maxPending: options.maxPending,
    maxRate: options.maxRate,
    maxMessage: options.maxMessage,
    maxFragments: options.maxFragments,
    compress: yield* isOn(options.compress, "compress"),
    maxMemory: yield* memoryOf(options),
    maxHeader: options.maxHeader,
    maxSubscriptions: options.maxSubscriptions,
    maxCells: options.maxCells,
    history: Option.getOrElse(options.history, () => HistoryOption.fallback(Option.isSome(options.nats))),
    maxGames: options.maxGames,
    maxGamesPerToken: Option.getOrElse(options.maxGamesPerToken, () => Infinity),
    maxAllCells: options.maxAllCells,
    gameIdle: options.gameIdle,
    workerQueue: options.workerQueue,
    watcherQueue: options.watcherQueue,
    handshakeTimeout: options.handshakeTimeout,
    firstMessageTimeout: options.firstMessageTimeout,
    heartbeat: options.heartbeat,
    node: yield* ServeLogs.nodeOf(options),
    drain: options.drain
  }
  return settings
})

/** Whether the user has turned off the warning that there is no token. */
export const isInsecure = ({ insecure }: ServeOptions) => isOn(insecure, "insecure")
