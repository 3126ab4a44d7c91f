/** How the clients connect: the settings of the scenario, and the options that override them. */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as LocalAddress from "../../Echo/Load/LocalAddress.ts"
import type { Connect } from "../../Echo/Scenario/Connect.ts"
import type { Certificates } from "../../Echo/Scenario/LoadPlan.ts"
import * as Template from "../../Echo/Scenario/Template.ts"
import * as HttpProxy from "../../Text/HttpProxy.ts"
import * as Handshake from "../../WebSocket/Http/Handshake.ts"
import * as OptionFile from "../OptionFile.ts"
import * as PemFiles from "../PemFiles.ts"
import { UserError } from "../UserError.ts"
import type { EchoOptions } from "./EchoOptions.ts"

export const bad = (option: string, given: string, expected: string): UserError =>
  UserError.of(`${option} ${given}: ${expected}`)

/** Splits each text of a repeatable option into a name and a value. */
const pairs = (
  option: string,
  texts: ReadonlyArray<string>,
  separator: ":" | "=",
  example: string
): Either.Either<Readonly<Record<string, string>>, UserError> => {
  const found: Record<string, string> = {}
  for (const text of texts) {
    const at = text.indexOf(separator)
    const name = text.slice(0, Math.max(0, at)).trim()
    if (name === "") return Either.left(bad(option, text, `expected a name and a value, such as ${example}`))
    found[name] = text.slice(at + 1).trim()
  }
  return Either.right(found)
}

const templateOf = (option: string, given: Option.Option<string>): Either.Either<string | undefined, UserError> => {
  const text = Option.getOrUndefined(given)
  const problem = text === undefined ? undefined : Template.problemOf(text)
  return problem === undefined ? Either.right(text) : Either.left(bad(option, text ?? "", problem))
}

/** Adds headers to the scenario's. Upper and lower case do not matter in their names. */
const withHeaders = (before: Connect["headers"], given: Connect["headers"]): Connect["headers"] => {
  const names = new Set(Object.keys(given).map((name) => name.toLowerCase()))
  return {
    ...Object.fromEntries(Object.entries(before).filter(([name]) => !names.has(name.toLowerCase()))),
    ...given
  }
}

/** Checks the handshake before the run, with example values. */
const checkHandshake = ({ cookies = {}, headers, subprotocols }: Connect): Either.Either<void, UserError> => {
  for (const text of [...Object.values(headers), ...Object.values(cookies), ...subprotocols]) {
    const problem = Template.problemOf(text)
    if (problem !== undefined) return Either.left(UserError.of(`"${text}": ${problem}`))
  }
  const sample = (text: string): string => Template.compile(text)(Template.sample)
  const problem = Handshake.problemOfOpening(
    subprotocols.map(sample),
    Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, sample(value)]))
  )
  return problem === undefined ? Either.void : Either.left(UserError.of(problem))
}

const checkWays = ({ proxy, unixSocket }: Connect, { localAddress }: EchoOptions): Either.Either<void, UserError> => {
  if (proxy !== undefined && HttpProxy.parse(Template.compile(proxy)(Template.sample)) === undefined) {
    return Either.left(bad("--proxy", proxy, "expected http://HOST:PORT"))
  }
  const other = proxy !== undefined ? "--proxy" : Option.isSome(localAddress) ? "--local-address" : undefined
  if (unixSocket === undefined || other === undefined) return Either.void
  const why = proxy === undefined ? "a Unix socket has no addresses" : "give one of them"
  return Either.left(UserError.of(`${other} and --unix-socket can't be combined: ${why}`))
}

/** The first option that is for TLS alone. */
const tlsOption = ({ ca, cert, insecure, key, servername, tlsResume }: EchoOptions): string | undefined =>
  Object.entries({ ca, cert, key, servername }).find(([, value]) => Option.isSome(value))?.[0] ??
  Object.entries({ insecure, "tls-resume": tlsResume }).find(([, isGiven]) => isGiven)?.[0]

const tlsOf = (before: Connect["tls"], options: EchoOptions): Either.Either<Connect["tls"], UserError> =>
  Either.map(templateOf("--servername", options.servername), (servername) => {
    const given = {
      ...before,
      ...(servername === undefined ? {} : { servername }),
      ...(options.insecure ? { insecure: true } : {}),
      ...(options.tlsResume ? { resume: true } : {})
    }
    return Object.keys(given).length === 0 ? undefined : given
  })

/** The settings for connecting, from the options and the scenario. Options take precedence. */
export const merge = (before: Connect, options: EchoOptions): Either.Either<Connect, UserError> =>
  Either.gen(function* () {
    const headers = yield* pairs("--header", options.headers, ":", "'Authorization: Bearer abc'")
    const cookies = yield* pairs("--cookie", options.cookies, "=", "session=abc")
    const connect: Connect = {
      ...before,
      headers: withHeaders(before.headers, headers),
      subprotocols: options.subprotocols.length > 0 ? options.subprotocols : before.subprotocols,
      cookies: { ...before.cookies, ...cookies },
      // The scenario's settings for compression stay.
      ...(options.compress ? { compress: before.compress || true } : {}),
      tls: yield* tlsOf(before.tls, options),
      proxy: (yield* templateOf("--proxy", options.proxy)) ?? before.proxy,
      unixSocket: (yield* templateOf("--unix-socket", options.unixSocket)) ?? before.unixSocket
    }
    yield* checkHandshake(connect)
    yield* checkWays(connect, options)
    return connect
  })

export const localAddressesOf = ({
  localAddress
}: Pick<EchoOptions, "localAddress">): Either.Either<ReadonlyArray<string>, UserError> =>
  Option.match(localAddress, {
    onNone: () => Either.right([]),
    onSome: (text) => Either.mapLeft(LocalAddress.parse(text), (message) => UserError.of(`--local-address: ${message}`))
  })

/** Checks once, before the run, whether OpenSSL can use the certificates. */
const checkCertificates = (certificates: Certificates): Either.Either<void, UserError> => {
  const { ca, cert, key } = certificates
  if ((ca ?? cert ?? key) === undefined) return Either.void
  if ((cert === undefined) !== (key === undefined)) {
    return Either.left(UserError.of("a client's certificate and its key belong together: give both --cert and --key"))
  }
  return Either.andThen(ca === undefined ? Either.void : PemFiles.checkAuthorities("--ca", ca), () =>
    PemFiles.check("--cert and --key", certificates)
  )
}

/** The certificates of the plan. The options' files take precedence over the scenario's. */
export const certificates = Effect.fn("EchoConnect.certificates")(function* (
  before: Certificates,
  options: EchoOptions,
  urls: ReadonlyArray<string>
) {
  const given = tlsOption(options)
  if (given !== undefined && urls.every((url) => url.startsWith("ws:"))) {
    return yield* UserError.of(`--${given} is for TLS: use it with a wss: URL`)
  }
  const read = (name: "ca" | "cert" | "key") =>
    Option.isNone(options[name]) ? Effect.succeed(before[name]) : OptionFile.read(name, options[name].value)
  const found = { ca: yield* read("ca"), cert: yield* read("cert"), key: yield* read("key") }
  yield* checkCertificates(found)
  return found
})
