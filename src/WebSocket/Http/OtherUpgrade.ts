/**
 * Requests to upgrade to something that is no WebSocket, as `curl --http2` makes them: a server ignores an upgrade that it
 * does not know, and answers the request (RFC 9110, section 7.8). Node takes a connection from its HTTP server with any
 * upgrade that is asked for. It is given back here, as `http.Server` allows with its `connection` event, and the request's
 * head with it, but for what asked for the upgrade: so bodies, pipelining and kept-alive connections are as ever.
 */
import type { IncomingMessage, Server, ServerResponse } from "node:http"
import { Server as TlsServer } from "node:https"
import type { Socket } from "node:net"
import type { Duplex } from "node:stream"

type UpgradeListener = (request: IncomingMessage, socket: Duplex, head: Buffer) => void

/** A listener for a server's `upgrade` that leaves what is no WebSocket to the server, and the rest to `listener`. */
export const ignoring = (server: Server, listener: UpgradeListener): UpgradeListener => {
  const latest = new WeakMap<Duplex, ServerResponse>()
  server.on("request", (request, response) => latest.set(request.socket, response))
  return (request, socket, head) => {
    if (asksForWebSocket(request)) return listener(request, socket, head)
    const back = () => giveBack(server, request, socket as Socket, head)
    const before = latest.get(socket)
    if (before === undefined || before.closed) return back()
    // Sent before an earlier request was answered: the server would not put the answers in order.
    socket.on("error", ignore)
    before.once("close", () => {
      socket.off("error", ignore)
      back()
    })
  }
}

const ignore = (): void => {}

const asksForWebSocket = ({ headers }: IncomingMessage): boolean =>
  headers.upgrade?.split(",").some((protocol) => protocol.trim().toLowerCase() === "websocket") === true

const giveBack = (server: Server, request: IncomingMessage, socket: Socket, head: Buffer): void => {
  if (socket.destroyed) return
  // Of the time for which the connection was kept alive.
  socket.setTimeout(0)
  socket.unshift(Buffer.concat([headOf(request), head]))
  server.emit(server instanceof TlsServer ? "secureConnection" : "connection", socket)
}

const headOf = ({ httpVersion, method, rawHeaders, url }: IncomingMessage): Buffer => {
  const lines = [`${method} ${url} HTTP/${httpVersion}`]
  for (let at = 0; at < rawHeaders.length; at += 2)
    if (rawHeaders[at]!.toLowerCase() !== "upgrade") lines.push(`${rawHeaders[at]}: ${rawHeaders[at + 1]}`)
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1")
}
