/**
 * The sockets of an HTTP server that are not WebSockets: unfinished handshakes, and keep-alive connections of pages. If
 * there are too many, the one that has waited longest is closed. So a client that holds thousands of handshakes open
 * pushes out its own, and later clients are served.
 */
import type { Socket } from "node:net"

export interface PendingOptions {
  /** How many there may be at the moment. The number may change as WebSockets come and go. */
  readonly limit: () => number
  /** Called when one was closed to make room. */
  readonly onEvicted: () => void
  /** Whether a request's socket is not the one that was accepted, as with TLS. */
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

  /** Adds a socket that was accepted, or given back. */
  readonly add = (socket: Socket): void => {
    // A socket without a peer was reset before this call.
    if (socket.remotePort === undefined) return void socket.destroy()
    const key = this.#keyOf(socket)
    if (this.#sockets.get(key) === socket) return this.renew(socket)
    if (this.#sockets.size >= this.#options.limit()) this.#evict()
    this.#sockets.set(key, socket)
    socket.on("close", this.#onClose)
  }

  /** Removes a socket that became a WebSocket. */
  release(socket: Socket): void {
    const accepted = this.#sockets.get(this.#keyOf(socket))
    if (accepted === undefined) return
    this.#forget(accepted)
    accepted.off("close", this.#onClose)
  }

  /** Moves a socket that sent a request to the end of the queue: others have waited longer. */
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

  /** With TLS, the accepted socket and the request's socket differ, but their peer is the same. */
  #keyOf(socket: Socket): unknown {
    return this.#options.isWrapped ? `${socket.remotePort} ${socket.remoteAddress}` : socket
  }
}
