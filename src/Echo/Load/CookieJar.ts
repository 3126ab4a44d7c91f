/** The rules of cookies, apart from the values of templates (`ClientValues`). */
interface Cookie {
  readonly value: string
  readonly domain: string
  /** Whether the server set the `Domain` attribute. Then hosts below the domain get the cookie too. */
  readonly below: boolean
}

const matches = ({ below, domain }: Cookie, host: string): boolean =>
  host === domain || (below && host.endsWith(`.${domain}`))

/** The cookies of one client. It follows RFC 6265 for names, values and domains. It ignores paths and expiry, except that a `Max-Age` of 0 deletes a cookie. */
export class CookieJar {
  readonly #cookies = new Map<string, Cookie>()

  /** Stores a `Set-Cookie` header of an answer from `host`. */
  take(line: string, host: string): void {
    const [pair = "", ...attributes] = line.split(";").map((part) => part.trim())
    const at = pair.indexOf("=")
    if (at < 1) return
    const named = new Map(
      attributes.map((text) => [text.split("=", 1)[0]!.toLowerCase(), text.slice(text.indexOf("=") + 1)] as const)
    )
    const asked = named.get("domain")?.replace(/^\./, "").toLowerCase() || undefined
    // A server can't set cookies for a domain to which it does not belong (RFC 6265, 5.3).
    if (asked !== undefined && host !== asked && !host.endsWith(`.${asked}`)) return
    const domain = asked ?? host
    const key = `${domain} ${pair.slice(0, at)}`
    if (Number(named.get("max-age")) <= 0) this.#cookies.delete(key)
    else this.#cookies.set(key, { value: pair, domain, below: asked !== undefined })
  }

  /** The value of the `Cookie` header for `host`; `undefined` if it has no cookies. */
  header(host: string): string | undefined {
    const mine = [...this.#cookies.values()].filter((cookie) => matches(cookie, host))
    return mine.length === 0 ? undefined : mine.map(({ value }) => value).join("; ")
  }
}
