/**
 * Reads the request of an opening handshake as nearly all clients write it. What is written in any other way is none: Node's
 * parser then reads it and decides what it is. So nothing that this grammar takes may mean something else to that parser.
 */
import type { IncomingHttpHeaders } from "node:http"
import * as Handshake from "./Handshake.ts"

/** A request as it was read, and how many bytes it has. */
interface UpgradeHead {
  readonly request: Omit<Handshake.Request, "remoteAddress">
  readonly length: number
}

/** A path and a query, of the characters that stand for themselves in them (RFC 3986) and `%`. */
const requestLine = /^GET (\/[\w\-.~!$&'()*+,;=:@/%?]*) HTTP\/1\.1$/
/** A header, with one space or none before its value, and none after it: no line that continues another, no control characters. */
const headerLine = /^([!#$%&'*+\-.^_`|~\w]+):[ ]?([\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?)$/

const LINE_END = "\r\n"
const HEAD_END = "\r\n\r\n"
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
export const read = (bytes: Buffer, most: number): UpgradeHead | undefined => {
  const end = bytes.indexOf(HEAD_END)
  if (end < 0 || end + HEAD_END.length >= most) return undefined
  const lines = bytes.toString("latin1", 0, end).split(LINE_END, MAX_HEADERS + 2)
  const url = requestLine.exec(lines[0]!)?.[1]
  const headers = url === undefined ? undefined : headersOf(lines)
  if (url === undefined || headers === undefined) return undefined
  const request = { method: "GET", url, httpVersion: "1.1", headers }
  return Handshake.isValid(request) ? { request, length: end + HEAD_END.length } : undefined
}

/** The headers of a head; `undefined` where one is not as above, or comes twice, which means another thing for each name. */
const headersOf = (lines: ReadonlyArray<string>): IncomingHttpHeaders | undefined => {
  if (lines.length > MAX_HEADERS + 1) return undefined
  const headers: IncomingHttpHeaders = {}
  for (let at = 1; at < lines.length; at++) {
    const match = headerLine.exec(lines[at]!)
    if (match === null) return undefined
    const name = match[1]!.toLowerCase()
    if (headers[name] !== undefined || forOthers.has(name)) return undefined
    headers[name] = match[2]!
  }
  return headers
}
