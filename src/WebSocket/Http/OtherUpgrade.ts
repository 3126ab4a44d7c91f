/**
 * A rule of HTTP and how each Node keeps it, apart from `HttpServer`. Requests to upgrade to something other than a WebSocket,
 * such as those of `curl --http2`. A server ignores an upgrade that it does not know, and answers the request (RFC 9110,
 * section 7.8). Node takes the connection away from its HTTP server for any requested upgrade. Here it is given back with the
 * `connection` event of `http.Server`, together with the request's head without the `Upgrade` header, so that pipelining and
 * keep-alive work as usual.
 *
 * A request with a body can't be given back in Node 26, which reads the body itself. Where Node has `shouldUpgradeCallback`
 * (from 24.9 on), such a request is left to the server. Node then loses what follows in the same read, so the answer says that
 * it is the connection's last one.
 */
import type { IncomingMessage, Server, ServerResponse } from "node:http"
import { Server as TlsServer } from "node:https"
import type { Socket } from "node:net"

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers["transfer-encoding"] !== undefined || (headers["content-length"] ?? "0") !== "0"

/** Options for a server that gives other upgrades back. Node's types know the callback from version 24 on. */
export const options: { readonly shouldUpgradeCallback: (request: IncomingMessage) => boolean } = {
  shouldUpgradeCallback: (request) => !hasBody(request)
}

/** To be called with each request of the server before it is answered. */
export const closeAfterBody = (request: IncomingMessage, response: ServerResponse): void => {
  if (request.headers.upgrade !== undefined && hasBody(request)) response.shouldKeepAlive = false
}

/** Whether the request asks for a WebSocket. An opening handshake has no body. */
export const asksForWebSocket = (request: IncomingMessage): boolean =>
  request.headers.upgrade?.split(",").some((protocol) => protocol.trim().toLowerCase() === "websocket") === true &&
  !hasBody(request)

/** Gives the request's connection back to the server, which then reads the request without its `Upgrade`. */
export const giveBack = (server: Server, request: IncomingMessage, head: Buffer): void => {
  const { socket } = request
  if (socket.destroyed) return
  // The server listens anew. Without this, its listeners would pile up.
  socket.removeAllListeners("timeout")
  socket.unshift(Buffer.concat([headOf(request), head]))
  server.emit(server instanceof TlsServer ? "secureConnection" : "connection", socket as Socket)
}

const headOf = ({ httpVersion, method, rawHeaders, url }: IncomingMessage): Buffer => {
  const lines = [`${method} ${url} HTTP/${httpVersion}`]
  for (let at = 0; at < rawHeaders.length; at += 2)
    if (rawHeaders[at]!.toLowerCase() !== "upgrade") lines.push(`${rawHeaders[at]}: ${rawHeaders[at + 1]}`)
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1")
}
