/** Checks requests before anything handles them (RFC 9112, section 3). Node's own checks are off, because Node answers at once, in the middle of earlier answers. */
import type { IncomingMessage } from "node:http"
import type { Refusal } from "./Endpoint.ts"

/** A host with a port or without, as in a url (RFC 3986, section 3.2.2). It may be empty. */
const authority = /^(?:[\w.~!$&'()*+,;=%-]*|\[[\da-f:.]+\])(?::\d*)?$/i

const isHost = (text: string): boolean => authority.test(text)

const bad = (text: string): Refusal => ({ cause: "http", status: 400, text: `${text}\n` })

const oneHost = bad("expected one Host header")
const badHost = bad("the Host header is not a host: expected a name or an address, and a port if it is not the default")
const badTarget = bad("the target of the request is not a path or a url")

/** The answer to a request with an `Expect` that is not known. */
export const unknownExpectation: Refusal = {
  cause: "http",
  status: 417,
  text: "expected no Expect header, or Expect: 100-continue\n"
}

export const noProxy: Refusal = { cause: "http", status: 405, text: "this server is no proxy\n" }

/** Why a request can't be handled, or `undefined` if it can. A target that is a whole url becomes a path and a host. */
export const problemOf = (request: IncomingMessage): Refusal | undefined => {
  const { headers, httpVersion, rawHeaders, url = "" } = request
  let hosts = 0
  for (let at = 0; at < rawHeaders.length; at += 2) if (/^host$/i.test(rawHeaders[at]!)) hosts++
  if (hosts > 1 || (hosts === 0 && httpVersion !== "1.0")) return oneHost
  if (headers.host !== undefined && !isHost(headers.host)) return badHost
  if (url.startsWith("/") || url === "*") return undefined
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) return badTarget
  const { host, pathname, search } = new URL(url)
  request.url = pathname + search
  // The url's host replaces that of the header (RFC 9112, section 3.2.2).
  headers.host = host
  return undefined
}
