/**
 * The sockets of an HTTP server that are not WebSockets yet, or never will be: unfinished handshakes, and connections of
 * pages that are kept alive. If there are too many, the one that has waited longest is closed. So a client that holds
 * thousands of handshakes open pushes out its own, and clients that come later are served.
 */
import type { Socket } from "node:net"

export interface PendingOptions {
  /** How many there may be now: it may change as WebSockets come and go. */
  readonly limit: () => number
  readonly onEvicted: () => void
  /** Whether a request comes with another socket than the one that was accepted, as over TLS. */
  readonly isWrapped: boolean
}

export class PendingSockets {
  readonly #options: PendingOptions
  /** Oldest first. */
  readonly #sockets = new Map<unknown, Socket>()
  readonly #onClose: (this: Socket) => void

  constructor(options: PendingOptions) {
    this.#options = options
    const pending = this
    // One listener for all sockets: it is called with the socket as `this`.
    this.#onClose = function () {
      pending.#forget(this)
    }
  }

  get size(): number {
    return this.#sockets.size
  }

  /** A socket was accepted, or is back. */
  readonly add = (socket: Socket): void => {
    // Without a peer: it was reset before this was called.
    if (socket.remotePort === undefined) return void socket.destroy()
    const key = this.#keyOf(socket)
    if (this.#sockets.get(key) === socket) return this.renew(socket)
    if (this.#sockets.size >= this.#options.limit()) this.#evict()
    this.#sockets.set(key, socket)
    socket.on("close", this.#onClose)
  }

  /** It became a WebSocket, which others look after. */
  release(socket: Socket): void {
    const accepted = this.#sockets.get(this.#keyOf(socket))
    if (accepted === undefined) return
    this.#forget(accepted)
    accepted.off("close", this.#onClose)
  }

  /** It did something: others have waited longer. */
  renew(socket: Socket): void {
    const key = this.#keyOf(socket)
    const accepted = this.#sockets.get(key)
    if (accepted === undefined) return
    this.#sockets.delete(key)
    this.#sockets.set(key, accepted)
  }

  destroyAll(): void {
    for (const socket of this.#sockets.values()) socket.destroy()
  }

  #forget(socket: Socket): void {
    const key = this.#keyOf(socket)
    if (this.#sockets.get(key) === socket) this.#sockets.delete(key)
  }

  #evict(): void {
    for (const socket of this.#sockets.values()) {
      this.#forget(socket)
      socket.destroy()
      this.#options.onEvicted()
      return
    }
  }

  /** Over TLS the peer is what the socket that was accepted and that of the request have in common. */
  #keyOf(socket: Socket): unknown {
    return this.#options.isWrapped ? `${socket.remotePort} ${socket.remoteAddress}` : socket
  }
}
