/**
 * Opens WebSocket connections as a client, thousands of them cheaply: no HTTP client, no object per frame, and one
 * read buffer for all connections of the process.
 */
import { randomBytes } from "node:crypto"
import type { Connection, Handler } from "../Connection/Connection.ts"
import type { Reactor } from "../Connection/Reactor.ts"
import { type ConnectError, connectError } from "./ConnectError.ts"
import * as Dial from "./Dial.ts"
import * as Handshake from "./Handshake.ts"

export interface ConnectOptions extends Dial.Route {
  /** `ws:` or `wss:`. */
  readonly url: URL
  /** Sent with the handshake; not those that are its own, but for `Host`. */
  readonly headers?: Readonly<Record<string, string>>
  readonly protocols?: ReadonlyArray<string>
  /** Milliseconds until the connection must be open. */
  readonly timeout?: number
  /** The most bytes that a message may have. */
  readonly maxPayload?: number
}

/** What happened until the connection was open: times of `performance.now()`, in milliseconds. */
interface Opened extends Omit<Dial.Ready, "socket"> {
  readonly startedAt: number
  /** The subprotocol that the server chose. */
  readonly protocol: string | undefined
}

export interface Opening {
  /** Makes the connection's handler. Called at once when the handshake is done, before any message. */
  readonly onOpen: (connection: Connection, opened: Opened) => Handler
  /** Called instead of `onOpen`, once. */
  readonly onFailure: (error: ConnectError) => void
}

const defaults = { timeout: 30_000, maxPayload: 16 * 1024 * 1024, maxQueued: 64 * 1024 * 1024 }

/** The most bytes of an answer's head. */
const MAX_HEAD = 16 * 1024

/** Calls back with the error when the caller has what `unsafeConnect` returns, which takes the call back. */
const failSoon = (error: ConnectError, onFailure: Opening["onFailure"]): (() => void) => {
  const soon = setImmediate(() => onFailure(error))
  return () => clearImmediate(soon)
}

/** Starts to connect; gives a function that gives up, after which nothing is called. */
export const unsafeConnect = (
  reactor: Reactor["Type"],
  options: ConnectOptions,
  { onOpen, onFailure }: Opening
): (() => void) => {
  const { url, protocols = [], timeout = defaults.timeout, maxPayload = defaults.maxPayload } = options
  const problem = Handshake.problemOfOpening(protocols, options.headers ?? {})
  if (problem !== undefined) return failSoon(connectError(url, "Request", problem), onFailure)
  const startedAt = performance.now()
  const key = randomBytes(16).toString("base64")
  let ready: Dial.Ready | undefined
  let head = ""
  let settled = false

  const dialling = Dial.unsafeDial(url, options, {
    onReady: (there) => {
      ready = there
      there.socket.write(Handshake.opening(url, key, protocols, options.headers ?? {}), "latin1")
    },
    onRead: (chunk) => {
      if (ready !== undefined) answer(chunk, ready)
    },
    onFailure: (error) => fail(error)
  })

  const fail = (error: ConnectError) => {
    if (settled) return
    settle()
    dialling.destroy()
    onFailure(error)
  }
  const settle = () => {
    settled = true
    clearTimeout(timer)
  }
  const timer = setTimeout(
    () => fail(connectError(url, "Timeout", `no connection within ${timeout / 1000} s`)),
    timeout
  )

  const answer = (chunk: Buffer, { socket, ...opened }: Dial.Ready) => {
    const before = head.length
    head += chunk.toString("latin1")
    const end = head.indexOf("\r\n\r\n", Math.max(0, before - 3))
    if (end < 0) {
      if (head.length > MAX_HEAD) fail(connectError(url, "Handshake", "the answer has no end"))
      return
    }
    const response = Handshake.parseResponse(head.slice(0, end))
    if (response === undefined) return fail(connectError(url, "Handshake", "the answer is not HTTP"))
    if (response.status !== 101) {
      const text = head
        .slice(end + 4, end + 204)
        .split("\n", 1)[0]!
        .trim()
      return fail(connectError(url, "Status", text, response))
    }
    const problem = Handshake.problemOf(response, Handshake.acceptKey(key), protocols)
    if (problem !== undefined) return fail(connectError(url, "Handshake", problem))
    settle()
    const rest = end + 4 - before
    const connection = reactor.unsafeAttach(socket, {
      masked: false,
      maxPayload,
      maxFragments: Number.MAX_SAFE_INTEGER,
      maxQueued: defaults.maxQueued
    })
    dialling.release(connection)
    connection.listenForEnd()
    const protocol = response.headers.get("sec-websocket-protocol")
    connection.handler = onOpen(connection, { ...opened, startedAt, protocol })
    if (rest < chunk.length) connection.push(chunk.subarray(rest))
  }

  return () => {
    if (settled) return
    settle()
    dialling.destroy()
  }
}
