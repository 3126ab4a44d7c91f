/**
 * The sockets of an HTTP server that are not WebSockets: unfinished handshakes, and keep-alive connections of pages. If
 * there are too many, the one that has waited longest is closed. So a client that holds thousands of handshakes open
 * pushes out its own, and later clients are served. Each has one deadline, from its accept to its first request.
 */
import type { Socket } from "node:net"
import * as Effect from "effect/Effect"
import type { Deadlines } from "../Connection/Deadlines.ts"

export interface PendingOptions {
  /** How many there may be at the moment. The number may change as WebSockets come and go. */
  readonly limit: () => number
  /** Called when one was closed to make room. */
  readonly onEvicted: () => void
  /** Whether a request's socket is not the one that was accepted, as with TLS. */
  readonly isWrapped: boolean
  /** The sockets that have not sent a request yet. */
  readonly deadlines: Pick<Deadlines<PendingSocket>, "add" | "delete">
}

export interface PendingSocket {
  readonly accepted: Socket
  /** The socket of its requests: the one that was accepted or, with TLS, the one over it. */
  socket: Socket
  hasRequested: boolean
}

export class PendingSockets {
  readonly #options: PendingOptions
  /** Oldest first. */
  readonly #sockets = new Map<unknown, PendingSocket>()
  readonly #onClose: (this: Socket) => void
  /** Open while there is no socket. */
  readonly #empty = Effect.unsafeMakeLatch(true)

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
    if (this.#sockets.get(key)?.accepted === socket) return this.renew(socket)
    if (this.#sockets.size >= this.#options.limit()) this.#evict()
    const pending = { accepted: socket, socket, hasRequested: false }
    this.#sockets.set(key, pending)
    this.#empty.unsafeClose()
    this.#options.deadlines.add(pending)
    socket.on("close", this.#onClose)
  }

  /** The TLS handshake of a socket is done. */
  readonly secured = (socket: Socket): void => {
    const pending = this.#sockets.get(this.#keyOf(socket))
    if (pending !== undefined) pending.socket = socket
  }

  /** The first request of a socket has come, so it has no deadline any more. Others have waited longer. */
  requested(socket: Socket): void {
    const pending = this.#sockets.get(this.#keyOf(socket))
    if (pending === undefined) return
    pending.hasRequested = true
    this.#options.deadlines.delete(pending)
    this.renew(socket)
  }

  /** Removes a socket that became a WebSocket. */
  release(socket: Socket): void {
    const pending = this.#sockets.get(this.#keyOf(socket))
    if (pending === undefined) return
    this.#forget(pending.accepted)
    pending.accepted.off("close", this.#onClose)
  }

  /** Moves a socket that sent a request to the end of the queue: others have waited longer. */
  renew(socket: Socket): void {
    const key = this.#keyOf(socket)
    const pending = this.#sockets.get(key)
    if (pending === undefined) return
    this.#sockets.delete(key)
    this.#sockets.set(key, pending)
  }

  [Symbol.iterator](): Iterator<PendingSocket> {
    return [...this.#sockets.values()][Symbol.iterator]()
  }

  destroyAll(): void {
    for (const { accepted } of this) accepted.destroy()
  }

  readonly empty: Effect.Effect<void> = this.#empty.await

  #forget(socket: Socket): void {
    const key = this.#keyOf(socket)
    const pending = this.#sockets.get(key)
    if (pending?.accepted !== socket) return
    this.#sockets.delete(key)
    this.#options.deadlines.delete(pending)
    if (this.#sockets.size === 0) this.#empty.unsafeOpen()
  }

  #evict(): void {
    for (const { accepted } of this.#sockets.values()) {
      this.#forget(accepted)
      accepted.destroy()
      this.#options.onEvicted()
      return
    }
  }

  /** With TLS, the accepted socket and the request's socket differ, but their peer is the same. */
  #keyOf(socket: Socket): unknown {
    return this.#options.isWrapped ? `${socket.remotePort} ${socket.remoteAddress}` : socket
  }
}
