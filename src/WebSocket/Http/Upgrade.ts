/** Takes over HTTP requests that ask for a WebSocket: from `http.Server`'s `upgrade` event to an open connection. */

import type { IncomingMessage } from "node:http"
import type { Socket } from "node:net"
import type { Duplex } from "node:stream"
import * as Effect from "effect/Effect"
import type { Connection } from "../Connection/Connection.ts"
import type { ConnectionOptions, Tally } from "../Connection/ConnectionContext.ts"
import { fail, Reactor } from "../Connection/Reactor.ts"
import * as Handshake from "./Handshake.ts"
import { type Endpoint, WebSocketRouter } from "./WebSocketRouter.ts"

/** Why a request is not let in. */
export interface Refusal {
  /** In a word, for logs and figures. */
  readonly cause: string
  readonly status: number
  readonly phrase: string
  readonly text: string
}

export interface UpgradeOptions {
  /** The most bytes that a message may have. */
  readonly maxPayload: number
  /** The most frames that a message may come in. */
  readonly maxFragments: number
  /** The most bytes to hold for a client that does not read. */
  readonly maxQueued: number
  /** Messages a second that are read from a client; one that sends more is read slower. */
  readonly maxRate?: number
  /** Looks at a request before it is accepted: why it is refused, or who counts the connection until its end. */
  readonly admit?: (request: IncomingMessage, endpoint: Endpoint) => Refusal | Tally<Connection>
  /** Hears of each request that is refused, for whatever reason. */
  readonly onRefused?: (refusal: Refusal, request: IncomingMessage) => void
}

export const defaults: UpgradeOptions = {
  maxPayload: 1024 * 1024,
  maxFragments: 1024,
  maxQueued: 16 * 1024 * 1024
}

const invalid: Refusal = {
  cause: "handshake",
  status: 400,
  phrase: "Bad Request",
  text: "Invalid WebSocket handshake."
}
const notFound: Refusal = { cause: "path", status: 404, phrase: "Not Found", text: "Not Found" }

/** The listener for `upgrade`. */
export const makeListener = Effect.fn("Upgrade.makeListener")(function* (options: UpgradeOptions) {
  const reactor = yield* Reactor
  const router = yield* WebSocketRouter

  /** Made once for all connections of an endpoint. */
  const limits = new Map<Endpoint, ConnectionOptions>()
  const limitsOf = (endpoint: Endpoint): ConnectionOptions => {
    const known = limits.get(endpoint)
    if (known !== undefined) return known
    const made: ConnectionOptions = {
      masked: true,
      maxPayload: endpoint.maxPayload ?? options.maxPayload,
      maxFragments: options.maxFragments,
      maxQueued: endpoint.maxQueued ?? options.maxQueued,
      ...(options.maxRate === undefined ? {} : { maxRate: options.maxRate })
    }
    limits.set(endpoint, made)
    return made
  }

  return (request: IncomingMessage, duplex: Duplex, head: Buffer): void => {
    // Node gives the TCP or TLS socket of the request, typed by what any server may give.
    const socket = duplex as Socket
    const refuse = (refusal: Refusal) => {
      options.onRefused?.(refusal, request)
      answer(socket, refusal)
    }
    const route = router.find((request.url ?? "").split("?", 1)[0]!)
    if (route === undefined) return refuse(notFound)
    if (!Handshake.isValid(request)) return refuse(invalid)
    const { endpoint, params } = route
    const admitted = options.admit?.(request, endpoint)
    if (admitted !== undefined && "status" in admitted) return refuse(admitted)

    const protocol =
      endpoint.protocols === undefined
        ? undefined
        : Handshake.offeredProtocols(request.headers).find((name) => endpoint.protocols!.includes(name))
    const connection = reactor.unsafeAttach(socket, limitsOf(endpoint), admitted)
    connection.sendRaw(Handshake.accepted(request.headers["sec-websocket-key"]!, protocol))
    connection.listen()
    try {
      connection.handler = endpoint.open(connection, {
        url: request.url ?? "",
        headers: request.headers,
        remoteAddress: socket.remoteAddress,
        params,
        protocol
      })
    } catch (error) {
      fail(connection, error)
    }
    if (head.length > 0) connection.push(head)
  }
})

const answer = (socket: Socket, { status, phrase, text }: Refusal): void => {
  // A reset while the refusal is written would otherwise be an uncaught exception.
  socket.on("error", () => {})
  const version = status === 400 ? "Sec-WebSocket-Version: 13\r\n" : ""
  socket.end(Handshake.refused(status, phrase, text, version), "latin1", () => socket.destroy())
}
