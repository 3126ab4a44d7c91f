/**
 * Requests to upgrade to something that is no WebSocket, as `curl --http2` makes them: a server ignores an upgrade that it
 * does not know, and answers the request (RFC 9110, section 7.8). Node takes a connection from its HTTP server with any
 * upgrade that is asked for. It is given back here, as `http.Server` allows with its `connection` event, and the request's
 * head with it, but for what asked for the upgrade: so pipelining and kept-alive connections are as ever.
 *
 * A request with a body can't be given back where Node reads the body by itself (26). Where Node has its
 * `shouldUpgradeCallback` (24.9), such a request is left to the server. Node then loses what follows in the same read, so the
 * answer says that it is the connection's last.
 */
import type { IncomingMessage, Server, ServerResponse } from "node:http"
import { Server as TlsServer } from "node:https"
import type { Socket } from "node:net"
import type { UpgradeListener } from "./PipelinedUpgrade.ts"

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers["transfer-encoding"] !== undefined || (headers["content-length"] ?? "0") !== "0"

/** Options for a server whose upgrades go to what `ignoring` gives. Node's types know the callback from version 24 on. */
export const options: { readonly shouldUpgradeCallback: (request: IncomingMessage) => boolean } = {
  shouldUpgradeCallback: (request) => !hasBody(request)
}

/** Called with each request of the server before it is answered. */
export const closeAfterBody = (request: IncomingMessage, response: ServerResponse): void => {
  if (request.headers.upgrade !== undefined && hasBody(request)) response.shouldKeepAlive = false
}

/** A listener for a server's `upgrade` that leaves what is no WebSocket to the server, and the rest to `listener`. */
export const ignoring =
  (server: Server, listener: UpgradeListener): UpgradeListener =>
  (request, duplex, head) =>
    asksForWebSocket(request) ? listener(request, duplex, head) : giveBack(server, request, head)

/** The opening handshake has no body, whatever else it says. */
const asksForWebSocket = (request: IncomingMessage): boolean =>
  request.headers.upgrade?.split(",").some((protocol) => protocol.trim().toLowerCase() === "websocket") === true &&
  !hasBody(request)

const giveBack = (server: Server, request: IncomingMessage, head: Buffer): void => {
  const { socket } = request
  if (socket.destroyed) return
  // Of the time for which the connection was kept alive.
  socket.setTimeout(0)
  socket.unshift(Buffer.concat([headOf(request), head]))
  server.emit(server instanceof TlsServer ? "secureConnection" : "connection", socket as Socket)
}

const headOf = ({ httpVersion, method, rawHeaders, url }: IncomingMessage): Buffer => {
  const lines = [`${method} ${url} HTTP/${httpVersion}`]
  for (let at = 0; at < rawHeaders.length; at += 2)
    if (rawHeaders[at]!.toLowerCase() !== "upgrade") lines.push(`${rawHeaders[at]}: ${rawHeaders[at + 1]}`)
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1")
}
