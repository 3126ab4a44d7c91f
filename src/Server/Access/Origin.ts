/**
 * Which pages may open WebSockets. Browsers let any page connect to any server, cookies and network position included,
 * and tell only where the page is from (RFC 6455, section 10.2); other clients send no origin and are not concerned.
 */

export interface OriginPolicy {
  /** Origins (`https://example.com`) that are let in beside the server's own; `*` is any. */
  readonly allowed: ReadonlyArray<string>
  /**
   * Whether the server is reached from this machine only. Then its name is one of this machine's: a stranger's name that
   * was made to point here (DNS rebinding) is no origin of its own.
   */
  readonly local: boolean
}

const localNames = /^(localhost|[^.]+\.localhost|127(\.\d+){3}|\[::1\])$/

const parse = (origin: string): URL | undefined => {
  try {
    return new URL(origin)
  } catch {
    return undefined
  }
}

/** An origin as browsers write it; `undefined` if it is none. */
export const normalise = (origin: string): string | undefined =>
  origin === "*" || origin === "null" ? origin : parse(origin)?.origin

/** Whether a page of `origin` may connect to a server that the client calls `host`, as in the headers of these names. */
export const isAllowed = (policy: OriginPolicy, origin: string | undefined, host: string | undefined): boolean => {
  if (origin === undefined || policy.allowed.includes("*")) return true
  const from = origin.toLowerCase()
  if (policy.allowed.includes(from)) return true
  const url = parse(from)
  if (url === undefined || host === undefined) return false
  return sameHost(url, host) && (!policy.local || localNames.test(url.hostname))
}

/** A `Host` names the port unless it is the scheme's own, and a `URL` never names that. */
const sameHost = (origin: URL, host: string): boolean => parse(`${origin.protocol}//${host}`)?.host === origin.host
