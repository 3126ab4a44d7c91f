/**
 * Opening handshakes that are read without Node's HTTP parser, whose request and response are a large part of the cost
 * of an accepted connection (docs/decisions/0003). The first bytes of a TCP or TLS connection are examined here. If they are
 * one whole handshake in the usual form, to the path of an endpoint, the connection is opened. Everything else, and all
 * that comes later, goes to the HTTP server as if nobody had read it.
 */
import type { Server } from "node:http"
import type { Socket } from "node:net"
import * as SocketListeners from "../Connection/SocketListeners.ts"
import type * as Handshake from "./Handshake.ts"
import * as UpgradeHead from "./UpgradeHead.ts"

export interface DirectOptions {
  readonly maxHeader: number
  /** Whether sockets may read past their streams. */
  readonly isDirect: boolean
  /** Answers a valid handshake and the bytes behind it, `head`. Or returns `false`: its path has no endpoint. */
  readonly upgrade: (request: Handshake.Request, socket: Socket, head: Buffer) => boolean
  /** Logs what was thrown while a handshake was handled. Its socket is destroyed. */
  readonly failed: (error: unknown) => void
}

/** Takes a server's connections before its own listeners. `event`: with TLS, the end of its handshake. */
export const install = (server: Server, event: "connection" | "secureConnection", options: DirectOptions): void => {
  const http = server.listeners(event)
  const context: ArrivalContext = {
    ...options,
    handOver: (socket) => {
      for (const listener of http) listener.call(server, socket)
    }
  }
  server.removeAllListeners(event)
  server.on(event, (socket: Socket) => SocketListeners.listen(socket, new Arrival(socket, context), options.isDirect))
}

interface ArrivalContext extends DirectOptions {
  /** Gives a connection to the HTTP server. */
  readonly handOver: (socket: Socket) => void
}

/** The bytes that follow a handshake, usually none. */
const nothing = Buffer.alloc(0)

/** A connection that was accepted and whose first bytes have not come. */
class Arrival implements SocketListeners.SocketOwner {
  readonly #socket: Socket
  readonly #context: ArrivalContext
  #isHeard = false

  constructor(socket: Socket, context: ArrivalContext) {
    this.#socket = socket
    this.#context = context
  }

  push(bytes: Buffer, end: number): void {
    // The connection was refused and still sends.
    if (this.#isHeard || this.#socket.writableEnded) return
    this.#isHeard = true
    const chunk = bytes.subarray(0, end)
    try {
      if (!this.#upgrade(chunk)) this.#handOver(chunk)
    } catch (error) {
      this.#socket.destroy()
      this.#context.failed(error)
    }
  }

  #upgrade(chunk: Buffer): boolean {
    const socket = this.#socket
    const head = UpgradeHead.read(chunk, this.#context.maxHeader, socket.remoteAddress)
    if (head === undefined) return false
    return this.#context.upgrade(
      head.request,
      socket,
      head.length === chunk.length ? nothing : chunk.subarray(head.length)
    )
  }

  #handOver(chunk: Buffer): void {
    const socket = this.#socket
    SocketListeners.unlisten(socket)
    socket.pause()
    socket.unshift(Buffer.from(chunk))
    this.#context.handOver(socket)
    socket.resume()
  }

  socketEnded(): void {
    if (!this.#isHeard) this.#socket.end()
  }

  socketClosed(): void {}
}
