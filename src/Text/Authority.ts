/** The host and port of a url (RFC 3986, section 3.2). A host that is an IPv6 address stands in brackets there, and nowhere else. */

export interface Authority {
  /** Without brackets. */
  readonly host: string
  readonly port: number
}

/** Reads `PORT` or `HOST:PORT`, an IPv6 address in brackets; `undefined` for anything else. */
export const parse = (text: string, defaultHost: string): Authority | undefined => {
  const [, host = defaultHost, digits = ""] = /^(?:(.+):)?(\d{1,5})$/.exec(text) ?? []
  const port = Number(digits)
  return digits === "" || port > 65_535 ? undefined : { host: unbracketed(host), port }
}

/** As it stands in a url. */
export const format = ({ host, port }: Authority): string => `${bracketed(host)}:${port}`

/** That of a WebSocket's url, or of an HTTP proxy's. */
export const of = (url: URL): Authority => ({
  host: unbracketed(url.hostname),
  port: Number(url.port) || (url.protocol === "wss:" ? 443 : 80)
})

/** A host as it stands in a url. */
export const bracketed = (host: string): string => (host.includes(":") ? `[${host}]` : host)

/** A host of a url, as one connects to it. */
export const unbracketed = (host: string): string => host.replace(/^\[(.*)\]$/, "$1")
