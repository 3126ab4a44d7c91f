/** The opening handshake of RFC 6455, section 4, without any socket: what to ask, what to answer, what to refuse. */
import { createHash } from "node:crypto"
import type { IncomingHttpHeaders } from "node:http"
import type { ByteString } from "../Frames/Frame.ts"

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

/** What `Sec-WebSocket-Accept` must be for a `Sec-WebSocket-Key`. */
export const acceptKey = (key: string): string =>
  createHash("sha1")
    .update(key + GUID)
    .digest("base64")

export interface Request {
  readonly method?: string | undefined
  readonly headers: IncomingHttpHeaders
}

/** Whether the request is a proper opening handshake of version 13. */
export const isValid = ({ method, headers }: Request): boolean =>
  method === "GET" &&
  headers.upgrade?.toLowerCase() === "websocket" &&
  headers["sec-websocket-version"] === "13" &&
  /^[+/0-9A-Za-z]{22}==$/.test(headers["sec-websocket-key"] ?? "")

/** The subprotocols that a client offers, in its order of preference. */
export const offeredProtocols = (headers: IncomingHttpHeaders): ReadonlyArray<string> =>
  headers["sec-websocket-protocol"]?.split(",").map((name) => name.trim()) ?? []

/** The answer that opens the connection. */
export const accepted = (key: string, protocol: string | undefined): ByteString =>
  `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${acceptKey(key)}\r\n${
    protocol === undefined ? "" : `Sec-WebSocket-Protocol: ${protocol}\r\n`
  }\r\n`

/** An answer that refuses the connection, with its reason as plain text. */
export const refused = (status: number, phrase: string, text: string, headers = ""): ByteString =>
  `HTTP/1.1 ${status} ${phrase}\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(text)}\r\n${headers}\r\n${text}`

/** What a client sends: `headers` are added to the handshake's own. */
export const opening = (
  url: URL,
  key: string,
  protocols: ReadonlyArray<string>,
  headers: Readonly<Record<string, string>>
): ByteString => {
  const lines = [
    `GET ${url.pathname}${url.search} HTTP/1.1`,
    `Host: ${url.host}`,
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Key: ${key}`,
    "Sec-WebSocket-Version: 13"
  ]
  if (protocols.length > 0) lines.push(`Sec-WebSocket-Protocol: ${protocols.join(", ")}`)
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`)
  return `${lines.join("\r\n")}\r\n\r\n`
}

/** The head of an HTTP answer. */
export interface Response {
  readonly status: number
  readonly phrase: string
  /** Values by name in lower case; of a repeated name the last. */
  readonly headers: ReadonlyMap<string, string>
}

/** Parses the head of an answer (without the blank line that ends it); `undefined` if it is not HTTP. */
export const parseResponse = (head: string): Response | undefined => {
  const [first = "", ...rest] = head.split("\r\n")
  const status = /^HTTP\/1\.[01] (\d{3})(?: (.*))?$/.exec(first)
  if (status === null) return undefined
  const headers = new Map<string, string>()
  for (const line of rest) {
    const colon = line.indexOf(":")
    if (colon > 0) headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim())
  }
  return { status: Number(status[1]), phrase: status[2] ?? "", headers }
}

/** What is wrong with an answer to `opening`, or `undefined` if it opens the connection. */
export const problemOf = (response: Response, accept: string, protocols: ReadonlyArray<string>): string | undefined => {
  const { headers } = response
  if (headers.get("upgrade")?.toLowerCase() !== "websocket") return "the server's answer is not an upgrade to websocket"
  if (!/(^|,)\s*upgrade\s*(,|$)/i.test(headers.get("connection") ?? "")) return "no `Connection: Upgrade` in the answer"
  if (headers.get("sec-websocket-accept") !== accept) return "wrong Sec-WebSocket-Accept in the answer"
  if (headers.has("sec-websocket-extensions")) return "the server chose an extension that was not offered"
  const protocol = headers.get("sec-websocket-protocol")
  if (protocol !== undefined && !protocols.includes(protocol))
    return `the server chose the subprotocol ${protocol}, which was not offered`
  return undefined
}
