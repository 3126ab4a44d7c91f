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
  /** Messages, pings and pongs a second that are read from a client; one that sends more is read slower. */
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

/**
 * The listener for `upgrade`, which makes connections of `clients`. A request to a path that the router does not have is
 * offered to `unrouted`, and refused where that does not take it.
 */
export const makeListener = Effect.fn("Upgrade.makeListener")(function* (
  options: UpgradeOptions,
  clients: ConnectionGroup,
  unrouted: (upgrade: PendingUpgrade) => boolean
) {
  const { faults } = yield* Reactor
  const router = yield* WebSocketRouter
  const onRefused = faults.guard("onRefused failed", options.onRefused)

  const limitsOf = ({ endpoint, path }: Route): ConnectionOptions => ({
    path,
    masked: true,
    maxPayload: endpoint.maxPayload ?? options.maxPayload,
    maxFragments: options.maxFragments,
    maxQueued: endpoint.maxQueued ?? options.maxQueued,
    ...(options.maxRate === undefined ? {} : { maxRate: options.maxRate })
  })
  /** Made once for all connections of a mounted endpoint. */
  const limits = new WeakMap<Endpoint, ConnectionOptions>()
  const sharedLimitsOf = (route: Route): ConnectionOptions => {
    const known = limits.get(route.endpoint)
    if (known !== undefined) return known
    const made = limitsOf(route)
    limits.set(route.endpoint, made)
    return made
  }

  /** Who counts the connection of a request; or why it is refused, which changes nothing. */
  const admit = (request: Handshake.Request, { endpoint, path }: Route): Admitted | Refusal => {
    if (!Handshake.isValid(request)) return invalid
    if (clients.isEnding) return stopping
    try {
      const tally = options.admit?.(request, endpoint)
      return tally !== undefined && "status" in tally ? tally : { tally }
    } catch (error) {
      faults.unsafeReport("admit failed", error, { path, peer: request.remoteAddress })
      return failed
    }
  }

  const open = (
    { request, socket, head }: Upgrade,
    { endpoint, params }: Route,
    limits: ConnectionOptions,
    { tally }: Admitted
  ): void => {
    const protocol = Handshake.agreedProtocol(request.headers, endpoint.protocols ?? [])
    const connection = clients.unsafeAttach(socket, limits, tally)
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

  const refuse = ({ request, socket }: Upgrade, refusal: Refusal): void => {
    onRefused(refusal, request)
    answer(socket, refusal)
  }

  return (message: IncomingMessage, duplex: Duplex, head: Buffer): void => {
    // Node gives the TCP or TLS socket of the request, typed by what any server may give.
    const socket = duplex as Socket
    const request = requestOf(message, socket)
    const upgrade = { request, socket, head }
    const path = request.url.split("?", 1)[0]!
    const route = router.find(path)
    if (route !== undefined) {
      const admitted = admit(request, route)
      return "status" in admitted ? refuse(upgrade, admitted) : open(upgrade, route, sharedLimitsOf(route), admitted)
    }
    if (clients.isEnding) return refuse(upgrade, stopping)
    const accept = (endpoint: Endpoint, release: () => void): Refusal | undefined => {
      const taken = { endpoint, path, params: {} }
      const admitted = admit(request, taken)
      if ("status" in admitted) return admitted
      release()
      open(upgrade, taken, limitsOf(taken), admitted)
      return undefined
    }
    const pending = { message, socket, accept, onRefused: (refusal: Refusal) => onRefused(refusal, request) }
    if (!unrouted(pending)) refuse(upgrade, notFound)
  }
})

/** What Node gives with an upgrade. */
interface Upgrade {
  readonly request: Handshake.Request
  readonly socket: Socket
  /** What the client sent after its request. */
  readonly head: Buffer
}

/** A request that asks for a WebSocket at a path that no endpoint has. An HTTP app may accept it, or answer it as a page. */
export interface PendingUpgrade {
  readonly message: IncomingMessage
  readonly socket: Socket
  /** Opens the connection, once; or tells why not, and nothing has changed. `release` is called before the socket is used. */
  readonly accept: (endpoint: Endpoint, release: () => void) => Refusal | undefined
  /** To be told what the request was answered where it was not accepted. */
  readonly onRefused: (refusal: Refusal) => void
}

/** A request that may open a connection of the endpoint. */
interface Admitted {
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
