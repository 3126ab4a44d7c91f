/** Makes the server's settings of its options, or says what is wrong with them. */
import { createSecureContext } from "node:tls"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as ClientAddress from "../../Server/Access/ClientAddress.ts"
import * as Origin from "../../Server/Access/Origin.ts"
import type { ServerSettings } from "../../Server/ServerConfig.ts"
import type { Certificate } from "../../WebSocket/Http/HttpListener.ts"
import { UserError } from "../UserError.ts"
import { type ServeOptions, variableOf } from "./ServeOptions.ts"

const fail = (message: string) => Effect.fail(new UserError({ message }))

const fileOf = (flag: string, path: string) =>
  Effect.flatMap(FileSystem.FileSystem, (fs) =>
    Effect.mapError(
      fs.readFileString(path),
      () => new UserError({ message: `--${flag}: can't read ${path}: expected a file that this user may read` })
    )
  )

const listOf = (flag: string, given: ReadonlyArray<string>) =>
  given.length > 0
    ? Effect.succeed(given)
    : Config.array(Config.string(), variableOf(flag)).pipe(
        Config.withDefault([]),
        Effect.mapError((error) => new UserError({ message: String(error) }))
      )

const checkNumbers = (options: ServeOptions) => {
  const least: ReadonlyArray<readonly [flag: string, value: number, least: number]> = [
    ["max-connections", options.maxConnections, 1],
    ["max-per-address", options.maxPerAddress, 1],
    ["max-pending", options.maxPending, 1],
    ["max-rate", options.maxRate, 1],
    ["max-message", options.maxMessage, 1],
    ["max-fragments", options.maxFragments, 1],
    ["max-header", options.maxHeader, 256],
    ["max-subscriptions", options.maxSubscriptions, 1],
    ["max-cells", options.maxCells, 1],
    ["worker-queue", options.workerQueue, 1024],
    ["watcher-queue", options.watcherQueue, 1024],
    ["handshake-timeout", options.handshakeTimeout, 0.1],
    ["first-message-timeout", options.firstMessageTimeout, 0.1],
    ["heartbeat", options.heartbeat, 0],
    ["drain", options.drain, 0]
  ]
  const wrong = least.find(([, value, least]) => !(value >= least))
  if (wrong !== undefined) return fail(`--${wrong[0]} is ${wrong[1]}: expected ${wrong[2]} or more`)
  return options.port >= 0 && options.port <= 65535
    ? Effect.void
    : fail(`port ${options.port} is out of range: expected 0 to 65535`)
}

const tokenOf = Effect.fnUntraced(function* (options: ServeOptions) {
  if (Option.isSome(options.token) && Option.isSome(options.tokenFile))
    return yield* fail("--token and --token-file are both given: expected one of them")
  if (Option.isNone(options.token) && Option.isNone(options.tokenFile)) return undefined
  const text: string = Option.isSome(options.tokenFile)
    ? yield* fileOf("token-file", options.tokenFile.value)
    : Redacted.value(Option.getOrThrow(options.token))
  const token = text.trim()
  if (token === "") return yield* fail("the token is empty: expected a secret, such as `openssl rand -hex 32` prints")
  if (/\s/.test(token)) return yield* fail("the token has spaces or lines in it: expected one word")
  return Redacted.make(token)
})

const certificateOf = Effect.fnUntraced(function* ({ tlsCert, tlsKey }: ServeOptions) {
  if (Option.isNone(tlsCert) && Option.isNone(tlsKey)) return undefined
  if (Option.isNone(tlsCert)) return yield* fail("--tls-key without --tls-cert: expected both")
  if (Option.isNone(tlsKey)) return yield* fail("--tls-cert without --tls-key: expected both")
  const certificate: Certificate = {
    cert: yield* fileOf("tls-cert", tlsCert.value),
    key: yield* fileOf("tls-key", tlsKey.value)
  }
  yield* Effect.try({
    try: () => createSecureContext(certificate),
    catch: (error) => {
      const why = error instanceof Error ? error.message : String(error)
      return new UserError({ message: `--tls-cert and --tls-key are not a certificate and its key in PEM: ${why}` })
    }
  })
  return certificate
})

const originsOf = Effect.fnUntraced(function* (given: ReadonlyArray<string>) {
  return yield* Effect.forEach(yield* listOf("allow-origin", given), (text) => {
    const origin = Origin.normalise(text)
    return origin === undefined
      ? fail(`--allow-origin ${text}: expected an origin as https://example.com, or *`)
      : Effect.succeed(origin)
  })
})

/** The names that `--allow-host` gives. */
export const hostsOf = Effect.fnUntraced(function* (given: ReadonlyArray<string>) {
  return yield* Effect.forEach(yield* listOf("allow-host", given), (text) => {
    const host = Origin.normaliseHost(text)
    return host === undefined
      ? fail(`--allow-host ${text}: expected a name as life.example, without scheme and port`)
      : Effect.succeed(host)
  })
})

const proxiesOf = Effect.fnUntraced(function* (given: ReadonlyArray<string>) {
  const proxies = yield* listOf("trusted-proxy", given)
  const problem = proxies.map(ClientAddress.problemOfProxy).find((problem) => problem !== undefined)
  return problem === undefined ? proxies : yield* fail(`--trusted-proxy ${problem}`)
})

export const settingsOf = Effect.fn("ServeSettings.settingsOf")(function* (options: ServeOptions) {
  yield* checkNumbers(options)
  const settings: ServerSettings = {
    host: options.host,
    port: options.port,
    certificate: yield* certificateOf(options),
    token: yield* tokenOf(options),
    allowedHosts: yield* hostsOf(options.allowHost),
    allowedOrigins: yield* originsOf(options.allowOrigin),
    trustedProxies: yield* proxiesOf(options.trustedProxy),
    maxConnections: options.maxConnections,
    maxSockets: Infinity,
    maxPerAddress: options.maxPerAddress,
    maxPending: options.maxPending,
    maxRate: options.maxRate,
    maxMessage: options.maxMessage,
    maxFragments: options.maxFragments,
    maxHeader: options.maxHeader,
    maxSubscriptions: options.maxSubscriptions,
    maxCells: options.maxCells,
    workerQueue: options.workerQueue,
    watcherQueue: options.watcherQueue,
    handshakeTimeout: options.handshakeTimeout * 1000,
    firstMessageTimeout: options.firstMessageTimeout * 1000,
    heartbeat: options.heartbeat * 1000,
    drain: options.drain * 1000
  }
  return settings
})

/** Whether nobody is to be warned that there is no token. */
export const isInsecure = ({ insecure }: ServeOptions) =>
  insecure
    ? Effect.succeed(true)
    : Config.boolean(variableOf("insecure")).pipe(
        Config.withDefault(false),
        Effect.mapError((error) => new UserError({ message: String(error) }))
      )
