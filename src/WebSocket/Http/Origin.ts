/**
 * Decides which pages may open WebSockets. Browsers let any page connect to any server, with that server's cookies and
 * from the user's place in the network, and only tell the server the page's origin (RFC 6455, section 10.2). Other
 * clients send no origin, and this does not concern them.
 *
 * A page is the server's own if its origin is the server's scheme, host and port. It is not enough that its host is the
 * same as the request's: the owner of a name can serve a page, and then make the name point to this machine (DNS
 * rebinding). So the host must be an address, `localhost`, or a name that the server was configured with.
 */
import { isIP } from "node:net"
import * as Authority from "../../Text/Authority.ts"

/** The origin and the target of a request for a WebSocket. */
export interface RequestOrigin {
  /** The `Origin` header: `https://example.com`. */
  readonly origin: string
  /** The `Host` header: the name by which the client knows the server. */
  readonly host: string | undefined
  /** Whether the client uses TLS, with the server or with a proxy in front of it. */
  readonly isSecure: boolean
}

const parse = (origin: string): URL | undefined => (URL.canParse(origin) ? new URL(origin) : undefined)

/** An origin as browsers write it; `undefined` if the text is not an origin. */
export const normalise = (origin: string): string | undefined =>
  origin === "*" || origin === "null" ? origin : parse(origin)?.origin

/** The name of a host as it is written in an origin, without a port; `undefined` if the text is not such a name. */
export const normaliseHost = (host: string): string | undefined => {
  const url = parse(`http://${host.startsWith("[") ? host : Authority.bracketed(host)}`)
  return url !== undefined && url.href === `http://${url.hostname}/` ? url.hostname : undefined
}

const localNames = /^(.+\.)?localhost$/

/** Whether a host leads where it says, because it is an address or `localhost`. */
const isLiteral = (hostname: string): boolean => localNames.test(hostname) || isIP(Authority.unbracketed(hostname)) > 0

/** Whether a page is the server's own. `hosts` are the server's names, in lower case. */
export const isOwn = ({ host, isSecure, origin }: RequestOrigin, hosts: ReadonlySet<string>): boolean => {
  const url = parse(origin)
  if (url === undefined || host === undefined || url.protocol !== (isSecure ? "https:" : "http:")) return false
  // `Host` names the port unless it is the scheme's default, and a `URL` never names the default. Parsed as urls, both
  // are written the same way.
  if (parse(`${url.protocol}//${host}`)?.host !== url.host) return false
  return isLiteral(url.hostname) || hosts.has(url.hostname)
}

/** Whether a `Host` is this server, and not a name of others that leads here. `names` are in lower case. */
export const isKnownHost = (host: string, names: ReadonlySet<string>): boolean => {
  const hostname = parse(`http://${host}`)?.hostname
  return hostname !== undefined && (isLiteral(hostname) || names.has(hostname))
}

/** Whether a page's origin is in the list of allowed origins; `*` allows any. */
export const isListed = ({ origin }: RequestOrigin, allowed: ReadonlyArray<string>): boolean =>
  allowed.includes("*") || allowed.includes(origin.toLowerCase())
