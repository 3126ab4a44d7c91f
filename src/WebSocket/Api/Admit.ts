/**
 * Decide who is let in, for `admit` of an endpoint and for any other request of an HTTP app. Each fails with the response
 * that refuses.
 *
 * ```ts
 * conversation("/chat/:room/", {
 *   admit: () => Effect.gen(function* () {
 *     yield* Admit.origin({ hosts: ["chat.example.org"] })
 *     const token = yield* Admit.credentials(HttpApiSecurity.bearer)
 *     return yield* userOf(token)
 *   })
 * }, (talk, { admitted: user }) => ...)
 * ```
 */
import { TLSSocket } from "node:tls"
import type * as HttpApiSecurity from "@effect/platform/HttpApiSecurity"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as NodeHttpServerRequest from "@effect/platform-node/NodeHttpServerRequest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as ClientAddress from "../Http/ClientAddress.ts"
import * as Origin from "../Http/Origin.ts"

type Guard<A> = Effect.Effect<A, HttpServerResponse.HttpServerResponse, HttpServerRequest.HttpServerRequest>

/** A response that refuses: 401 or 403, say, and a line that tells why. */
export const refusal = (
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {}
): HttpServerResponse.HttpServerResponse => HttpServerResponse.text(`${text}\n`, { status, headers })

/**
 * The credentials that a request has, by a scheme of `HttpApiSecurity` (bearer, basic, or a key in a header, in the query or in
 * a cookie). They are not checked; a request without any is refused with 401. Browsers send none with a WebSocket but cookies
 * and the query.
 */
export const credentials = <Security extends HttpApiSecurity.HttpApiSecurity>(
  security: Security
): Guard<HttpApiSecurity.HttpApiSecurity.Type<Security>> =>
  Effect.flatMap(HttpServerRequest.HttpServerRequest, (request) => {
    // Each scheme gives what its own type says.
    const found = decode(security, request) as HttpApiSecurity.HttpApiSecurity.Type<Security> | undefined
    return found === undefined ? Effect.fail(missing(security)) : Effect.succeed(found)
  })

const decode = (
  security: HttpApiSecurity.HttpApiSecurity,
  request: HttpServerRequest.HttpServerRequest
): Redacted.Redacted | HttpApiSecurity.Credentials | undefined => {
  switch (security._tag) {
    case "Bearer":
      return redacted(/^bearer +(\S+) *$/i.exec(request.headers["authorization"] ?? "")?.[1])
    case "Basic":
      return basic(/^basic +(\S+) *$/i.exec(request.headers["authorization"] ?? "")?.[1])
    case "ApiKey":
      return redacted(keyOf(security, request))
  }
}

const redacted = (text: string | undefined) => (text === undefined || text === "" ? undefined : Redacted.make(text))

/** User and password: a colon parts them, and a password may have more of these (RFC 7617). */
const basic = (encoded: string | undefined): HttpApiSecurity.Credentials | undefined => {
  const text = Buffer.from(encoded ?? "", "base64").toString()
  const colon = text.indexOf(":")
  return colon < 0 ? undefined : { username: text.slice(0, colon), password: Redacted.make(text.slice(colon + 1)) }
}

const keyOf = (
  { in: where, key }: HttpApiSecurity.ApiKey,
  { cookies, headers, url }: HttpServerRequest.HttpServerRequest
): string | undefined => {
  if (where === "header") return headers[key.toLowerCase()]
  if (where === "cookie") return cookies[key]
  const query = url.indexOf("?")
  return query < 0 ? undefined : (new URLSearchParams(url.slice(query)).get(key) ?? undefined)
}

const missing = (security: HttpApiSecurity.HttpApiSecurity): HttpServerResponse.HttpServerResponse => {
  switch (security._tag) {
    case "Bearer":
      return refusal(401, "expected Authorization: Bearer TOKEN", { "www-authenticate": "Bearer" })
    case "Basic":
      return refusal(401, "expected Authorization: Basic, with a user and a password", { "www-authenticate": "Basic" })
    case "ApiKey":
      return refusal(401, `expected a key, ${security.key}, in the ${security.in}`)
  }
}

export interface ProxyOptions {
  /** Addresses and subnets whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed: `10.0.0.1`, `10.0.0.0/8`. */
  readonly proxies?: ReadonlyArray<string>
}

export interface OriginOptions extends ProxyOptions {
  /** Names of this server, beside `localhost` and addresses. */
  readonly hosts?: ReadonlyArray<string>
  /** Other origins whose pages may connect: `https://example.org`; `*` is any. */
  readonly origins?: ReadonlyArray<string>
}

/**
 * Refuses pages of other sites with 403: a browser lets any page connect to any server, with that server's cookies. Pages of the
 * server itself are let in, and whoever sends no origin, as programs do. Throws for a proxy that is no address.
 */
export const origin = ({ hosts = [], origins = [], proxies = [] }: OriginOptions = {}): Guard<void> => {
  const names = new Set(hosts.map((host) => host.toLowerCase()))
  const listed = origins.map((text) => Origin.normalise(text) ?? text)
  const find = finder(proxies)
  return Effect.flatMap(HttpServerRequest.HttpServerRequest, (request) => {
    const { host, origin: asking } = request.headers
    if (asking === undefined) return Effect.void
    const scheme = find(request).scheme ?? (isEncrypted(request) ? "https" : "http")
    const asked = { origin: asking, host, isSecure: scheme === "https" }
    if (Origin.isOwn(asked, names) || Origin.isListed(asked, listed)) return Effect.void
    return Effect.fail(refusal(403, `pages of ${asking} may not connect here`))
  })
}

/**
 * Whose a request is: the peer or, behind proxies that are trusted, the client that they forward for, with the scheme that it
 * speaks with them. Throws for a proxy that is no address.
 */
export const client = ({
  proxies = []
}: ProxyOptions = {}): Effect.Effect<ClientAddress.Client, never, HttpServerRequest.HttpServerRequest> =>
  Effect.map(HttpServerRequest.HttpServerRequest, finder(proxies))

const finder = (proxies: ReadonlyArray<string>) => {
  for (const proxy of proxies) {
    const problem = ClientAddress.problemOfProxy(proxy)
    if (problem !== undefined) throw new Error(problem)
  }
  const find = ClientAddress.make(proxies)
  return (request: HttpServerRequest.HttpServerRequest): ClientAddress.Client => {
    const { headers, socket } = NodeHttpServerRequest.toIncomingMessage(request)
    return find(socket.remoteAddress, headers)
  }
}

const isEncrypted = (request: HttpServerRequest.HttpServerRequest): boolean =>
  NodeHttpServerRequest.toIncomingMessage(request).socket instanceof TLSSocket
