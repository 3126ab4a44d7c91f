/**
 * Opening handshakes that are read without Node's HTTP parser, whose request and response are a large part of the cost
 * of an accepted connection (docs/decisions/0003). The first bytes of a TCP connection are examined here. If they are
 * one whole handshake in the usual form, to the path of an endpoint, the connection is opened. Everything else, and all
 * that comes later, goes to the HTTP server as if nobody had read it.
 */
import type { Server } from "node:http"
import type { Socket } from "node:net"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { Deadlines } from "../Connection/Deadlines.ts"
import * as SocketListeners from "../Connection/SocketListeners.ts"
import type * as Handshake from "./Handshake.ts"
import * as UpgradeHead from "./UpgradeHead.ts"

export interface DirectOptions {
  /** Milliseconds until a connection must have sent its first bytes. */
  readonly handshakeTimeout: number
  /** The most bytes of a request's head. */
  readonly maxHeader: number
  /**
   * Takes a handshake and answers it, also when it is refused. Returns `false`, and does nothing, if its path has no
   * endpoint. `head` are the bytes that followed it.
   */
  readonly upgrade: (request: Handshake.Request, socket: Socket, head: Buffer) => boolean
  /** Called when a connection sent nothing in time. */
  readonly tooLate: (socket: Socket) => void
}

/** Takes the connections that an HTTP server accepts before the server's own listeners get them. */
export const install = (server: Server, options: DirectOptions): Effect.Effect<void, never, Scope.Scope> =>
  Effect.map(
    Deadlines.make<Arrival>(options.handshakeTimeout, (arrival) => arrival.tooLate()),
    (silent) => {
      const http = server.listeners("connection")
      const context: ArrivalContext = {
        ...options,
        silent,
        handOver: (socket) => {
          for (const listener of http) listener.call(server, socket)
        }
      }
      server.removeAllListeners("connection")
      server.on("connection", (socket) => new Arrival(socket, context).wait())
    }
  )

interface ArrivalContext extends DirectOptions {
  readonly silent: Deadlines<Arrival>
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

  wait(): void {
    this.#context.silent.add(this)
    SocketListeners.listen(this.#socket, this)
  }

  push(bytes: Buffer, end: number): void {
    // The connection was refused and still sends.
    if (this.#isHeard) return
    this.#isHeard = true
    this.#context.silent.delete(this)
    const chunk = bytes.subarray(0, end)
    if (!this.#upgrade(chunk)) this.#handOver(chunk)
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

  tooLate(): void {
    this.#isHeard = true
    this.#context.tooLate(this.#socket)
  }

  socketEnded(): void {
    if (!this.#isHeard) this.#socket.end()
  }

  socketClosed(): void {
    this.#context.silent.delete(this)
  }
}
