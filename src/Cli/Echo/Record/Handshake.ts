/** The headers of a recorded handshake, by their names in lower case. */
export type Headers = Readonly<Record<string, string | undefined>>

/** Headers that are for one connection only (RFC 9110, section 7.6.1), and those that the handshake sets itself. */
const OWN =
  /^(?:connection|upgrade|host|keep-alive|te|trailer|transfer-encoding|content-length|proxy-.*|sec-websocket-.*)$/

/** Headers that every browser sends. They do not belong into a scenario. */
const USUAL = /^(?:user-agent|accept.*|cache-control|pragma|dnt|priority|sec-fetch-.*|sec-ch-.*)$/

const pick = (headers: Headers, isTaken: (name: string) => boolean): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (value !== undefined && isTaken(name) ? [[name, value]] : []))
  )

/** Without those that are for one connection only. */
export const withoutOwn = (headers: Headers): Record<string, string> => pick(headers, (name) => !OWN.test(name))

export const worthKeeping = (headers: Headers): Record<string, string> =>
  pick(headers, (name) => !USUAL.test(name) && !OWN.test(name))

export const subprotocolsOf = (headers: Headers): ReadonlyArray<string> =>
  (headers["sec-websocket-protocol"] ?? "").split(",").flatMap((name) => (name.trim() === "" ? [] : [name.trim()]))
