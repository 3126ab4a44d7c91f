/**
 * The sockets of an HTTP server that are no WebSockets yet, or never will be: handshakes that are not finished, pages'
 * connections that are kept alive. When there are too many, the one that has waited longest has to go. Somebody who holds
 * thousands of handshakes open pushes out those of his own, and who comes after him is served.
 */
import type { Socket } from "node:net"

export class PendingSockets {
  readonly #limit: () => number
  readonly #onEvicted: () => void
  /**
   * By the peer's port and address, oldest first: over TLS a request comes with another socket than the one that was
   * accepted, and the peer is what both have in common.
   */
  readonly #sockets = new Map<string, { readonly socket: Socket; readonly forget: () => void }>()

  /** `limit` may change as WebSockets come and go. */
  constructor(limit: () => number, onEvicted: () => void) {
    this.#limit = limit
    this.#onEvicted = onEvicted
  }

  get size(): number {
    return this.#sockets.size
  }

  /** A socket was accepted, or is back. */
  readonly add = (socket: Socket): void => {
    // Without a peer: it was reset before this was called.
    if (socket.remotePort === undefined) return void socket.destroy()
    const key = keyOf(socket)
    if (this.#sockets.get(key)?.socket === socket) return this.renew(socket)
    if (this.#sockets.size >= this.#limit()) this.#evict()
    const forget = () => this.#sockets.delete(key)
    this.#sockets.set(key, { socket, forget })
    socket.once("close", forget)
  }

  /** It became a WebSocket, which others look after. */
  release(socket: Socket): void {
    const key = keyOf(socket)
    const pending = this.#sockets.get(key)
    if (pending === undefined) return
    this.#sockets.delete(key)
    pending.socket.off("close", pending.forget)
  }

  /** It did something: others have waited longer. */
  renew(socket: Socket): void {
    const key = keyOf(socket)
    const pending = this.#sockets.get(key)
    if (pending === undefined) return
    this.#sockets.delete(key)
    this.#sockets.set(key, pending)
  }

  destroyAll(): void {
    for (const { socket } of this.#sockets.values()) socket.destroy()
  }

  #evict(): void {
    for (const { socket, forget } of this.#sockets.values()) {
      forget()
      socket.destroy()
      this.#onEvicted()
      return
    }
  }
}

const keyOf = (socket: Socket): string => `${socket.remotePort} ${socket.remoteAddress}`
