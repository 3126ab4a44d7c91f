export interface Address {
  readonly host: string
  readonly port: number
}

/** Reads `PORT` or `HOST:PORT`, an IPv6 address in brackets; `undefined` for anything else. */
export const parse = (text: string, defaultHost: string): Address | undefined => {
  const [, host = defaultHost, digits = ""] = /^(?:(.+):)?(\d{1,5})$/.exec(text) ?? []
  const port = Number(digits)
  return digits === "" || port > 65_535 ? undefined : { host: host.replace(/^\[(.*)\]$/, "$1"), port }
}

/** As it stands in a url: an IPv6 address in brackets. */
export const format = ({ host, port }: Address): string => `${host.includes(":") ? `[${host}]` : host}:${port}`
