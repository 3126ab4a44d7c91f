/** The opening handshake of RFC 6455, section 4, as pure functions: requests, answers and refusals. */
import { hash } from "node:crypto"
import { type IncomingHttpHeaders, STATUS_CODES } from "node:http"
import type { ByteString } from "../Frames/Frame.ts"
import type { Refusal } from "./Endpoint.ts"

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

/** The `Sec-WebSocket-Accept` for a `Sec-WebSocket-Key` (RFC 6455, section 4.2.2). */
export const acceptKey = (key: string): string => hash("sha1", key + GUID, "base64")

/** The request of a client, by whatever parser it was read. */
export interface Request {
  readonly method: string | undefined
  /** The request's target: path and query. */
  readonly url: string
  /** `1.1` for HTTP/1.1. */
  readonly httpVersion: string
  /** Values by name in lower case. */
  readonly headers: IncomingHttpHeaders
  readonly remoteAddress: string | undefined
}

/** Whether the request is a valid opening handshake of version 13 (RFC 6455, section 4.2.1). */
export const isValid = ({ headers, httpVersion, method }: Omit<Request, "url" | "remoteAddress">): boolean =>
  method === "GET" &&
  httpVersion === "1.1" &&
  headers.host !== undefined &&
  headers.upgrade?.toLowerCase() === "websocket" &&
  hasUpgrade(headers.connection) &&
  headers["sec-websocket-version"] === "13" &&
  /^[+/0-9A-Za-z]{22}==$/.test(headers["sec-websocket-key"] ?? "")

/** Whether a `Connection` header has `Upgrade` in its list. */
const hasUpgrade = (connection = ""): boolean => /(^|,)[ \t]*upgrade[ \t]*(,|$)/i.test(connection)

/** The subprotocol for a client: the first of `spoken` (the preferred one first) that its `headers` offer. */
export const agreedProtocol = (
  headers: Pick<IncomingHttpHeaders, "sec-websocket-protocol">,
  spoken: ReadonlyArray<string>
): string | undefined => {
  const offered = headers["sec-websocket-protocol"]?.split(",").map((name) => name.trim())
  if (offered === undefined) return undefined
  return spoken.find((name) => offered.includes(name))
}

export const accepted = (key: string, protocol: string | undefined, extensions?: string): ByteString =>
  `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${acceptKey(key)}\r\n${
    protocol === undefined ? "" : `Sec-WebSocket-Protocol: ${protocol}\r\n`
  }${extensions === undefined ? "" : `Sec-WebSocket-Extensions: ${extensions}\r\n`}\r\n`

/** The headers of the handshake at the beginning of a line. Like `parseResponse`, it ignores blanks before a name. */
const decisive = /\r\n\s*(?:sec-websocket-|upgrade|connection)/i

/**
 * The length of the head of a server's answer that begins as `accepted` writes it, and has no other header of the handshake behind
 * that. `undefined` for all others, which must be parsed. Most servers answer so, and parsing takes ten times as long.
 */
export const lengthOfAccepted = (answer: string, key: string): number | undefined => {
  const usual = accepted(key, undefined)
  const start = usual.length - 4
  if (!answer.startsWith(usual.slice(0, start))) return undefined
  const end = answer.indexOf("\r\n\r\n", start)
  return end < 0 || decisive.test(answer.slice(start, end)) ? undefined : end + 4
}

/** An answer that refuses the connection, with its reason as plain text. */
export const refused = ({ status, text }: Pick<Refusal, "status" | "text">, headers = ""): ByteString => {
  // One character for each byte of UTF-8.
  const body = Buffer.from(text).toString("latin1")
  return `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: ${body.length}\r\n${headers}\r\n${body}`
}

/** A name of a header, or of a subprotocol (RFC 9110, section 5.6.2). */
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
/** The value of a header: bytes as characters. A line end would end the header (RFC 9110, section 5.5). */
const value = /^[\t\x20-\x7e\x80-\xff]*$/
/** The headers that only the handshake itself may set. */
const reserved =
  /^(connection|upgrade|content-length|transfer-encoding|sec-websocket-(key|version|accept|extensions|protocol))$/i

/** What is wrong with a client's subprotocols and headers, or `undefined` if they can be sent. */
export const problemOfOpening = (
  protocols: ReadonlyArray<string>,
  headers: Readonly<Record<string, string>>
): string | undefined => {
  for (const name of protocols)
    if (!token.test(name)) return `the subprotocol ${JSON.stringify(name)} is not a token: expected letters and digits`
  const twice = protocols.find((name, i) => protocols.indexOf(name) !== i)
  if (twice !== undefined) return `the subprotocol ${JSON.stringify(twice)} is offered twice`
  for (const [name, text] of Object.entries(headers)) {
    if (!token.test(name))
      return `the header name ${JSON.stringify(name)} is not a token: expected letters, digits and -`
    if (reserved.test(name)) return `the header ${name} is set by the handshake itself`
    if (!value.test(text))
      return `the header ${name} has a line end or another character that a header can't have: expected ISO 8859-1 without control characters`
  }
  return undefined
}

/**
 * Returns a function that makes a client's request with a given key. `headers`, which must have no `problemOfOpening`,
 * are added to the handshake's own. A `Host` among them replaces the url's.
 */
export const opening = (
  url: URL,
  protocols: ReadonlyArray<string>,
  headers: Readonly<Record<string, string>>
): ((key: string) => ByteString) => {
  const added = Object.entries(headers)
  const before = [
    `GET ${url.pathname}${url.search} HTTP/1.1`,
    ...(added.some(([name]) => /^host$/i.test(name)) ? [] : [`Host: ${url.host}`]),
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Key: "
  ].join("\r\n")
  const after = [
    "",
    "Sec-WebSocket-Version: 13",
    ...(protocols.length > 0 ? [`Sec-WebSocket-Protocol: ${protocols.join(", ")}`] : []),
    ...added.map(([name, text]) => `${name}: ${text}`),
    "\r\n"
  ].join("\r\n")
  return (key) => before + key + after
}

/** The head of an HTTP answer. */
export interface Response {
  readonly status: number
  readonly phrase: string
  /** Values by name in lower case. Those of a repeated header are joined with commas, as in a list (RFC 9110, section 5.3). */
  readonly headers: ReadonlyMap<string, string>
}

/** Parses the head of an answer, without the blank line that ends it. `undefined` if it is not HTTP/1.0 or HTTP/1.1. */
export const parseResponse = (head: string): Response | undefined => {
  const [first = "", ...rest] = head.split("\r\n")
  const status = /^HTTP\/1\.[01] (\d{3})(?: (.*))?$/.exec(first)
  if (status === null) return undefined
  const headers = new Map<string, string>()
  for (const line of rest) {
    const colon = line.indexOf(":")
    if (colon <= 0) continue
    const name = line.slice(0, colon).trim().toLowerCase()
    const value = line.slice(colon + 1).trim()
    const before = headers.get(name)
    headers.set(name, before === undefined ? value : `${before}, ${value}`)
  }
  return { status: Number(status[1]), phrase: status[2] ?? "", headers }
}

/** What is wrong with an answer to `opening`, if anything is. An extension that was offered is not checked. */
export const problemOf = (
  response: Response,
  accept: string,
  protocols: ReadonlyArray<string>,
  offersExtension = false
): string | undefined => {
  const { headers } = response
  if (!/^websocket(,[ \t]*websocket)*$/i.test(headers.get("upgrade") ?? ""))
    return "the server's answer is not an upgrade to websocket"
  if (!hasUpgrade(headers.get("connection"))) return "the server's answer lacks `Connection: Upgrade`"
  if (headers.get("sec-websocket-accept") !== accept) return "the server's answer has the wrong Sec-WebSocket-Accept"
  if (headers.has("sec-websocket-extensions") && !offersExtension)
    return "the server chose an extension that was not offered"
  const protocol = headers.get("sec-websocket-protocol")
  if (protocol !== undefined && !protocols.includes(protocol))
    return `the server chose the subprotocol ${protocol}, which was not offered`
  return undefined
}
