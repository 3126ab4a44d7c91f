interface Cookie {
  readonly value: string
  readonly domain: string
  /** Whether the server named the domain, so that hosts below it get the cookie too. */
  readonly below: boolean
}

const matches = ({ below, domain }: Cookie, host: string): boolean =>
  host === domain || (below && host.endsWith(`.${domain}`))

/** The cookies of one client, by what servers set (RFC 6265), as far as names, values and domains go. */
export class CookieJar {
  readonly #cookies = new Map<string, Cookie>()

  /** Takes what a `Set-Cookie` of an answer from `host` says. */
  take(line: string, host: string): void {
    const [pair = "", ...attributes] = line.split(";").map((part) => part.trim())
    const at = pair.indexOf("=")
    if (at < 1) return
    const named = new Map(
      attributes.map((text) => [text.split("=", 1)[0]!.toLowerCase(), text.slice(text.indexOf("=") + 1)] as const)
    )
    const asked = named.get("domain")?.replace(/^\./, "").toLowerCase()
    const domain = asked === undefined || !(host === asked || host.endsWith(`.${asked}`)) ? host : asked
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
