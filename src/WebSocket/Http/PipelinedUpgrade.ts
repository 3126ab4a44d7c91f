/**
 * Makes upgrades wait for their turn. A client may send a request before it has the answers to earlier ones
 * (pipelining, RFC 9112, section 9.3.2). Node's server emits `upgrade` as soon as it has read such a request, and an
 * answer that is written then would come before the earlier answers, or in the middle of them.
 */
import type { IncomingMessage, Server, ServerResponse } from "node:http"
import type { Duplex } from "node:stream"

export type UpgradeListener = (request: IncomingMessage, socket: Duplex, head: Buffer) => void

/** A listener for a server's `upgrade` that calls `listener` when all earlier requests of the connection are answered. */
export const inTurn = (server: Server, listener: UpgradeListener): UpgradeListener => {
  const latest = new WeakMap<Duplex, ServerResponse>()
  server.on("request", (request, response) => latest.set(request.socket, response))
  return (request, duplex, head) => {
    const { socket } = request
    const before = latest.get(socket)
    if (before === undefined || before.closed) return listener(request, duplex, head)
    // Kept until the socket's end, because the error of a reset may come after the answer that it interrupted has
    // closed.
    socket.on("error", ignore)
    before.once("close", () => {
      // The answer was the connection's last, as after a request with `Connection: close`, or the client has left.
      if (!socket.writable) return void socket.destroy()
      // Stops the timer of keep-alive.
      socket.setTimeout(0)
      listener(request, duplex, head)
    })
  }
}

const ignore = (): void => {}
