/** Which headers the recording proxy passes on, and which of them belong into a scenario. */

type Headers = Readonly<Record<string, string | undefined>>

/** Headers that are for one connection only (RFC 9110, section 7.6.1), and those that the handshake sets itself. */
const OWN =
  /^(?:connection|upgrade|host|keep-alive|te|trailer|transfer-encoding|content-length|proxy-.*|sec-websocket-.*)$/

/** Headers that every browser sends. They do not belong into a scenario. */
const USUAL = /^(?:user-agent|accept.*|cache-control|pragma|dnt|priority|sec-fetch-.*|sec-ch-.*)$/

const pick = (headers: Headers, isTaken: (name: string) => boolean): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (value !== undefined && isTaken(name) ? [[name, value]] : []))
  )

/** The headers to pass on to the target. If a page was loaded through the proxy, its origin is replaced by the target's. */
export const onwards = (headers: Headers, target: URL): Record<string, string> => {
  const passed = pick(headers, (name) => !OWN.test(name))
  const { host } = headers
  const own = `${target.protocol === "wss:" ? "https:" : "http:"}//${target.host}`
  const isOurs = passed["origin"] !== undefined && host !== undefined && passed["origin"].endsWith(`//${host}`)
  return isOurs ? { ...passed, origin: own } : passed
}

/** The passed headers that a client of the scenario must send too. */
export const worthKeeping = (passed: Headers): Record<string, string> => pick(passed, (name) => !USUAL.test(name))

/** The headers to pass back with the answer to a request for a page. */
export const backwards = (headers: Headers): Record<string, string> => pick(headers, (name) => !OWN.test(name))

export const subprotocolsOf = (headers: Headers): ReadonlyArray<string> =>
  (headers["sec-websocket-protocol"] ?? "").split(",").flatMap((name) => (name.trim() === "" ? [] : [name.trim()]))

/** The target's URL for a request: with the path and query of the request, or the target itself for `/`. */
export const targetOf = (target: URL, path: string): URL => {
  if (path === "/") return target
  const url = new URL(path, target)
  url.username = target.username
  url.password = target.password
  return url
}
