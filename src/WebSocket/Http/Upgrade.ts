/** Takes over HTTP requests that ask for a WebSocket: from `http.Server`'s `upgrade` event to an open connection. */

import type { IncomingMessage } from "node:http"
import type { Socket } from "node:net"
import type { Duplex } from "node:stream"
import * as Effect from "effect/Effect"
import type { Connection } from "../Connection/Connection.ts"
import type { ConnectionOptions, Tally } from "../Connection/ConnectionContext.ts"
import type { ConnectionGroup } from "../Connection/ConnectionGroup.ts"
import { Reactor } from "../Connection/Reactor.ts"
import * as Handshake from "./Handshake.ts"
import { type Endpoint, type Route, WebSocketRouter } from "./WebSocketRouter.ts"

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
  readonly admit?: (request: Handshake.Request, endpoint: Endpoint) => Refusal | Tally<Connection>
  /** Hears of each request that is refused, for whatever reason. */
  readonly onRefused?: (refusal: Refusal, request: Handshake.Request) => void
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

const stopping: Refusal = {
  cause: "stopping",
  status: 503,
  phrase: "Service Unavailable",
  text: "the server is going away\n"
}
const failed: Refusal = {
  cause: "failed",
  status: 500,
  phrase: "Internal Server Error",
  text: "Internal Server Error\n"
}

/** The listener for `upgrade`, which makes connections of `clients`. */
export const makeListener = Effect.fn("Upgrade.makeListener")(function* (
  options: UpgradeOptions,
  clients: ConnectionGroup
) {
  const { faults } = yield* Reactor
  const router = yield* WebSocketRouter
  const onRefused = faults.guard("onRefused failed", options.onRefused)

  /** Made once for all connections of an endpoint. */
  const limits = new Map<string, ConnectionOptions>()
  const limitsOf = ({ endpoint, path }: Route): ConnectionOptions => {
    const known = limits.get(path)
    if (known !== undefined) return known
    const made: ConnectionOptions = {
      path,
      masked: true,
      maxPayload: endpoint.maxPayload ?? options.maxPayload,
      maxFragments: options.maxFragments,
      maxQueued: endpoint.maxQueued ?? options.maxQueued,
      ...(options.maxRate === undefined ? {} : { maxRate: options.maxRate })
    }
    limits.set(path, made)
    return made
  }

  /** The endpoint of a request and who counts its connection; or why it is refused, which changes nothing. */
  const admit = (request: Handshake.Request): Admitted | Refusal => {
    const route = router.find(request.url.split("?", 1)[0]!)
    if (route === undefined) return notFound
    if (!Handshake.isValid(request)) return invalid
    if (clients.isEnding) return stopping
    try {
      const tally = options.admit?.(request, route.endpoint)
      return tally !== undefined && "status" in tally ? tally : { route, tally }
    } catch (error) {
      faults.unsafeReport("admit failed", error, { path: route.path, peer: request.remoteAddress })
      return failed
    }
  }

  return (message: IncomingMessage, duplex: Duplex, head: Buffer): void => {
    // Node gives the TCP or TLS socket of the request, typed by what any server may give.
    const socket = duplex as Socket
    const request = requestOf(message, socket)
    const admitted = admit(request)
    if ("status" in admitted) {
      onRefused(admitted, request)
      return answer(socket, admitted)
    }
    const { route, tally } = admitted
    const { endpoint, params } = route
    const protocol = Handshake.agreedProtocol(request.headers, endpoint.protocols ?? [])
    const connection = clients.unsafeAttach(socket, limitsOf(route), tally)
    connection.sendRaw(Handshake.accepted(request.headers["sec-websocket-key"]!, protocol))
    connection.listen()
    const { headers, remoteAddress, url } = request
    try {
      connection.handler = endpoint.open(connection, { url, headers, remoteAddress, params, protocol })
    } catch (error) {
      connection.fail(error)
    }
    if (head.length > 0) connection.push(head)
  }
})

/** A request that may open a connection of the endpoint. */
interface Admitted {
  readonly route: Route
  readonly tally: Tally<Connection> | undefined
}

const requestOf = ({ headers, httpVersion, method, url = "" }: IncomingMessage, socket: Socket): Handshake.Request => ({
  method,
  url,
  httpVersion,
  headers,
  remoteAddress: socket.remoteAddress
})

const answer = (socket: Socket, { status, phrase, text }: Refusal): void => {
  // A reset while the refusal is written would otherwise be an uncaught exception.
  socket.on("error", () => {})
  const version = status === 400 ? "Sec-WebSocket-Version: 13\r\n" : ""
  socket.end(Handshake.refused(status, phrase, text, version), "latin1", () => socket.destroy())
}
