/** Takes over HTTP requests that ask for a WebSocket: from `http.Server`'s `upgrade` event to an open connection. */

import type { IncomingMessage } from "node:http"
import type { Socket } from "node:net"
import type { Duplex } from "node:stream"
import * as Effect from "effect/Effect"
import * as Handshake from "./Handshake.ts"
import { Reactor } from "./Reactor.ts"
import { WebSocketRouter } from "./WebSocketRouter.ts"

/** Why a request is not let in. */
export interface Refusal {
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
  /** Looks at a request before it is accepted. */
  readonly admit?: (request: IncomingMessage, path: string) => Refusal | undefined
}

export const defaults: UpgradeOptions = {
  maxPayload: 1024 * 1024,
  maxFragments: 1024,
  maxQueued: 16 * 1024 * 1024
}

const invalid: Refusal = { status: 400, phrase: "Bad Request", text: "Invalid WebSocket handshake." }
const notFound: Refusal = { status: 404, phrase: "Not Found", text: "Not Found" }

/** The listener for `upgrade`. */
export const makeListener = Effect.fn("Upgrade.makeListener")(function* (options: UpgradeOptions) {
  const reactor = yield* Reactor
  const router = yield* WebSocketRouter

  return (request: IncomingMessage, duplex: Duplex, head: Buffer): void => {
    // Node gives the TCP or TLS socket of the request, typed by what any server may give.
    const socket = duplex as Socket
    const path = (request.url ?? "").split("?", 1)[0]!
    const route = router.find(path)
    const refusal =
      route === undefined ? notFound : Handshake.isValid(request) ? options.admit?.(request, path) : invalid
    if (route === undefined || refusal !== undefined) return refuse(socket, refusal ?? notFound)

    const { endpoint, params } = route
    const protocol =
      endpoint.protocols === undefined
        ? undefined
        : Handshake.offeredProtocols(request.headers).find((name) => endpoint.protocols!.includes(name))
    const connection = reactor.unsafeAttach(socket, {
      masked: true,
      maxPayload: endpoint.maxPayload ?? options.maxPayload,
      maxFragments: options.maxFragments,
      maxQueued: endpoint.maxQueued ?? options.maxQueued
    })
    connection.sendRaw(Handshake.accepted(request.headers["sec-websocket-key"]!, protocol))
    connection.listen()
    connection.handler = endpoint.open(connection, {
      url: request.url ?? "",
      headers: request.headers,
      remoteAddress: socket.remoteAddress,
      params,
      protocol
    })
    if (head.length > 0) connection.push(head)
  }
})

const refuse = (socket: Socket, { status, phrase, text }: Refusal): void => {
  // A reset while the refusal is written would otherwise be an uncaught exception.
  socket.on("error", () => {})
  const version = status === 400 ? "Sec-WebSocket-Version: 13\r\n" : ""
  socket.end(Handshake.refused(status, phrase, text, version), "latin1", () => socket.destroy())
}
