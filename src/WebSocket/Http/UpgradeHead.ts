/**
 * Reads the request of an opening handshake as nearly all clients write it. What is written in any other way is none: Node's
 * parser then reads it and decides what it is. So nothing that this grammar takes may mean something else to that parser.
 */
import type { IncomingHttpHeaders } from "node:http"
import * as Handshake from "./Handshake.ts"

/** A request as it was read, and how many bytes it has. */
interface UpgradeHead {
  readonly request: Handshake.Request
  readonly length: number
}

/**
 * A request line, with a path and a query of the characters that stand for themselves in them (RFC 3986) and `%`; and headers, each with
 * one space or none before its value, and none after it: no line that continues another, no control characters. One match for all lines,
 * without groups: a match of each line, with its groups, was an eighth of what an accepted connection allocates.
 */
const grammar =
  /^GET \/[\w\-.~!$&'()*+,;=:@/%?]* HTTP\/1\.1\r\n(?:[!#$%&'*+\-.^_`|~\w]+:[ ]?[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?\r\n)*$/

const GET = "GET "
const VERSION = " HTTP/1.1"
const LINE_END = "\r\n"
const HEAD_END = "\r\n\r\n"
const SPACE = 0x20
const MAX_HEADERS = 64

/**
 * Headers that change how a request is read, in that it has a body or that it is to be answered in parts; and one that can't be set
 * in an object.
 */
const forOthers = new Set(["content-length", "transfer-encoding", "expect", "te", "trailer", "__proto__"])

/**
 * The proper handshake that `bytes` begin with, whole, with its head shorter than `most` bytes; `undefined` where they begin with
 * anything else.
 */
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

/** The headers of a head in the grammar, from `at` on; `undefined` where one is for others, or comes twice, which means another thing for each name. */
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
