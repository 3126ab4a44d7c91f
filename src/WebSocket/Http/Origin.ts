/**
 * Which pages may open WebSockets. Browsers let any page connect to any server, cookies and network position included,
 * and tell only where the page is from (RFC 6455, section 10.2); other clients send no origin and are not concerned.
 *
 * A page is the server's own if its origin is the server's scheme, host and port. That its host and the request's are the
 * same is not enough: the owner of a name can serve a page, and then make the name point to this machine (DNS rebinding). So the
 * name must be one that the server was told, or say by itself where it leads: an address, or `localhost`.
 */
import { isIP } from "node:net"
import * as Authority from "../../Text/Authority.ts"

/** The origin and the target of a request for a WebSocket. */
export interface Asked {
  /** As in the header of this name: `https://example.com`. */
  readonly origin: string
  /** The name that the client has for the server: the `Host` header. */
  readonly host: string | undefined
  /** Whether the client speaks TLS, with the server or with a proxy before it. */
  readonly isSecure: boolean
}

const parse = (origin: string): URL | undefined => (URL.canParse(origin) ? new URL(origin) : undefined)

/** An origin as browsers write it; `undefined` if it is none. */
export const normalise = (origin: string): string | undefined =>
  origin === "*" || origin === "null" ? origin : parse(origin)?.origin

/** A host's name as it stands in an origin, without a port; `undefined` if it is none. */
export const normaliseHost = (host: string): string | undefined => {
  const url = parse(`http://${host.startsWith("[") ? host : Authority.bracketed(host)}`)
  return url !== undefined && url.href === `http://${url.hostname}/` ? url.hostname : undefined
}

const localNames = /^(.+\.)?localhost$/

/** Whether a host in an origin says by itself where it leads. */
const isLiteral = (hostname: string): boolean => localNames.test(hostname) || isIP(Authority.unbracketed(hostname)) > 0

/** Whether a page is the server's own; `hosts` are the names that the server has, in lower case. */
export const isOwn = ({ host, isSecure, origin }: Asked, hosts: ReadonlySet<string>): boolean => {
  const url = parse(origin)
  if (url === undefined || host === undefined || url.protocol !== (isSecure ? "https:" : "http:")) return false
  // A `Host` names the port unless it is the scheme's own, and a `URL` never names that.
  if (parse(`${url.protocol}//${host}`)?.host !== url.host) return false
  return isLiteral(url.hostname) || hosts.has(url.hostname)
}

/** Whether a page's origin is among those that are let in beside the server's own; `*` is any. */
export const isListed = ({ origin }: Asked, allowed: ReadonlyArray<string>): boolean =>
  allowed.includes("*") || allowed.includes(origin.toLowerCase())
