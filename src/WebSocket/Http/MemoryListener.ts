/** A server that clients reach in memory, without port and socket. Everything else is as on a network. */
import type { Socket } from "node:net"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { defaults, type Listening } from "./HttpListener.ts"
import * as HttpServer from "./HttpServer.ts"
import type { Listeners } from "./Listeners.ts"
import * as MemorySocket from "./MemorySocket.ts"

/** Shared by one server and its clients. */
export class MemoryNetwork {
  #accept: ((socket: Socket) => void) | undefined

  /** Returns the client's end of a new connection. It is reset if no server listens. */
  readonly connect = (): Socket => {
    const [client, server] = MemorySocket.pair()
    const accept = this.#accept
    if (accept === undefined) server.destroy()
    else setImmediate(() => accept(server))
    return client
  }

  /** Replaces `HttpListener.listen`. */
  readonly listen = (_: unknown, listeners: Listeners): Effect.Effect<Listening, never, Scope.Scope> =>
    Effect.acquireRelease(
      Effect.sync(() => {
        const sockets = new Set<Socket>()
        const { server } = HttpServer.make(defaults, listeners, {
          requested: () => {},
          upgrade: (request, socket, head) => listeners.upgrade(request, socket, head, () => {})
        })
        this.#accept = (socket) => {
          sockets.add(socket)
          socket.once("close", () => sockets.delete(socket))
          server.emit("connection", socket)
        }
        const stop = Effect.sync(() => {
          this.#accept = undefined
        })
        return { port: 0, stop, ended: Effect.void, sockets }
      }),
      ({ sockets }) =>
        Effect.sync(() => {
          this.#accept = undefined
          for (const socket of sockets) socket.destroy()
        })
    )
}
