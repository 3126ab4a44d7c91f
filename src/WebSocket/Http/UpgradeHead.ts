/**
 * Reads the request of an opening handshake in the form in which nearly all clients write it. A request in any other
 * form is left to Node's parser. So this grammar must not accept anything that means something else to that parser.
 */
import type { IncomingHttpHeaders } from "node:http"
import * as Handshake from "./Handshake.ts"

/** A request, and the length of its head in bytes. */
interface UpgradeHead {
  readonly request: Handshake.Request
  readonly length: number
}

/**
 * A request line, whose path and query have only unreserved characters and delimiters (RFC 3986) and `%`; then headers,
 * each with at most one space before its value and none after it, without continuation lines and control characters.
 * One match without groups reads all lines: a match for each line, with groups, was an eighth of what an accepted
 * connection allocates.
 */
const grammar =
  /^GET \/[\w\-.~!$&'()*+,;=:@/%?]* HTTP\/1\.1\r\n(?:[!#$%&'*+\-.^_`|~\w]+:[ ]?[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?\r\n)*$/

const GET = "GET "
const VERSION = " HTTP/1.1"
const LINE_END = "\r\n"
const HEAD_END = "\r\n\r\n"
const SPACE = 0x20
const MAX_HEADERS = 64

/** Headers for Node's parser: of a body or a special answer; and `__proto__`, which an object can't have. */
const forOthers = new Set(["content-length", "transfer-encoding", "expect", "te", "trailer", "__proto__"])

/** The valid, complete handshake that `bytes` begin with, if its head is shorter than `most` bytes. */
export const read = (bytes: Buffer, most: number, remoteAddress: string | undefined): UpgradeHead | undefined => {
  const end = bytes.indexOf(HEAD_END)
  if (end < 0 || end + HEAD_END.length >= most) return undefined
  const head = bytes.toString("latin1", 0, end + LINE_END.length)
  if (!grammar.test(head)) return undefined
  const line = head.indexOf(LINE_END)
  const headers = headersOf(head, line + LINE_END.length)
  if (headers === undefined) return undefined
  const url = head.slice(GET.length, line - VERSION.length)
  const request = { method: "GET", url, httpVersion: "1.1", headers, remoteAddress }
  return Handshake.isValid(request) ? { request, length: end + HEAD_END.length } : undefined
}

/** The headers from `at` on; `undefined` if one is for Node's parser, or occurs twice, which has many meanings. */
const headersOf = (head: string, at: number): IncomingHttpHeaders | undefined => {
  const headers: IncomingHttpHeaders = {}
  let count = 0
  for (let start = at; start < head.length; ) {
    const colon = head.indexOf(":", start)
    const end = head.indexOf(LINE_END, colon)
    const name = head.slice(start, colon).toLowerCase()
    if (++count > MAX_HEADERS || headers[name] !== undefined || forOthers.has(name)) return undefined
    headers[name] = head.slice(head.charCodeAt(colon + 1) === SPACE ? colon + 2 : colon + 1, end)
    start = end + LINE_END.length
  }
  return headers
}
