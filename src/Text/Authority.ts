/**
 * The host and port of a url (RFC 3986, section 3.2). A url has an IPv6 address in brackets; everywhere else it has
 * none.
 */

export interface Authority {
  /** A name or an address, without brackets. */
  readonly host: string
  readonly port: number
}

/** Reads `PORT` or `HOST:PORT`, with an IPv6 address in brackets; `undefined` for anything else. */
export const parse = (text: string, defaultHost: string): Authority | undefined => {
  const [, host = defaultHost, digits = ""] = /^(?:(.+):)?(\d{1,5})$/.exec(text) ?? []
  const port = Number(digits)
  return digits === "" || port > 65_535 ? undefined : { host: unbracketed(host), port }
}

/** The host and port as a url has them: `localhost:8000`, `[::1]:8000`. */
export const format = ({ host, port }: Authority): string => `${bracketed(host)}:${port}`

/**
 * The host and port of a WebSocket url or of an HTTP proxy's url. Without a port in the url it is the scheme's default.
 */
export const of = (url: URL): Authority => ({
  host: unbracketed(url.hostname),
  port: Number(url.port) || (url.protocol === "wss:" ? 443 : 80)
})

/** A host as a url has it: an IPv6 address in brackets. */
export const bracketed = (host: string): string => (host.includes(":") ? `[${host}]` : host)

/** A url's host without brackets, as a socket needs it. */
export const unbracketed = (host: string): string => host.replace(/^\[(.*)\]$/, "$1")
