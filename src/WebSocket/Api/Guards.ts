/**
 * Guards that decide which requests are accepted: for `admit` of an endpoint, and for any other request of an HTTP app.
 * Each fails with the response that refuses the request.
 *
 * ```ts
 * conversation("/chat/:room/", {
 *   admit: () => Effect.gen(function* () {
 *     yield* Guards.origin({ hosts: ["chat.example.org"] })
 *     const token = yield* Guards.credentials(HttpApiSecurity.bearer)
 *     return yield* userOf(token)
 *   })
 * }, (conversation, { admitted: user }) => ...)
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

/** A response that refuses a request: a status such as 401 or 403, and one line of plain text that says why. */
export const refusal = (
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {}
): HttpServerResponse.HttpServerResponse => HttpServerResponse.text(`${text}\n`, { status, headers })

/**
 * The credentials of a request, in a scheme of `HttpApiSecurity`: bearer, basic, or a key in a header, in the query or
 * in a cookie. They are read and not checked. A request without them is refused with 401. With a WebSocket, browsers
 * send credentials only in cookies and the query.
 */
export const credentials = <Security extends HttpApiSecurity.HttpApiSecurity>(
  security: Security
): Guard<HttpApiSecurity.HttpApiSecurity.Type<Security>> =>
  Effect.flatMap(HttpServerRequest.HttpServerRequest, (request) => {
    // Each scheme returns the type that it declares.
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

/** User and password, separated by the first colon; a password may contain more colons (RFC 7617). */
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

/** The options of `client`. */
export interface ProxyOptions {
  /**
   * Addresses and subnets of trusted proxies, such as `10.0.0.1` and `10.0.0.0/8`. Their `X-Forwarded-For` and
   * `X-Forwarded-Proto` headers are believed. None unless given.
   */
  readonly proxies?: ReadonlyArray<string>
}

/** The options of `origin`. */
export interface OriginOptions extends ProxyOptions {
  /** Names of this server, in addition to `localhost` and IP addresses. None unless given. */
  readonly hosts?: ReadonlyArray<string>
  /** Other origins whose pages may connect, such as `https://example.org`; `*` allows any. None unless given. */
  readonly origins?: ReadonlyArray<string>
}

/**
 * Refuses pages of other sites with 403, because a browser lets any page connect to any server with that server's
 * cookies. Accepts the server's own pages, and requests without an `Origin` header, which programs send. Throws if a
 * proxy is not an address or subnet.
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
 * The client that sent a request: the peer or, behind trusted proxies, the client that they forward for, with the
 * scheme that it used. Throws if a proxy is not an address or subnet.
 */
export const client = ({
  proxies = []
}: ProxyOptions = {}): Effect.Effect<ClientAddress.RequestClient, never, HttpServerRequest.HttpServerRequest> =>
  Effect.map(HttpServerRequest.HttpServerRequest, finder(proxies))

const finder = (proxies: ReadonlyArray<string>) => {
  for (const proxy of proxies) {
    const problem = ClientAddress.problemOfProxy(proxy)
    if (problem !== undefined) throw new Error(problem)
  }
  const find = ClientAddress.make(proxies)
  return (request: HttpServerRequest.HttpServerRequest): ClientAddress.RequestClient => {
    const { headers, socket } = NodeHttpServerRequest.toIncomingMessage(request)
    return find(socket.remoteAddress, headers)
  }
}

const isEncrypted = (request: HttpServerRequest.HttpServerRequest): boolean =>
  NodeHttpServerRequest.toIncomingMessage(request).socket instanceof TLSSocket
