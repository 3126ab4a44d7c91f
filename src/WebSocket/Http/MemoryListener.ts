/** A server that clients reach in memory, without port and socket. Everything else is as on a network. */
import * as Http from "node:http"
import type { Socket } from "node:net"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Listeners, Listening } from "./HttpListener.ts"
import * as MemorySocket from "./MemorySocket.ts"
import * as OtherUpgrade from "./OtherUpgrade.ts"
import { inTurn } from "./PipelinedUpgrade.ts"

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
        const server = makeServer(listeners)
        this.#accept = (socket) => {
          sockets.add(socket)
          socket.once("close", () => sockets.delete(socket))
          server.emit("connection", socket)
        }
        const stop = Effect.sync(() => {
          this.#accept = undefined
        })
        return { port: 0, stop, sockets }
      }),
      ({ sockets }) =>
        Effect.sync(() => {
          this.#accept = undefined
          for (const socket of sockets) socket.destroy()
        })
    )
}

const makeServer = (listeners: Listeners): Http.Server => {
  const server = Http.createServer({ ...OtherUpgrade.options, keepAlive: true })
  server.on("request", (request, response) => {
    OtherUpgrade.closeAfterBody(request, response)
    listeners.request(request, response)
  })
  const upgrade = OtherUpgrade.ignoring(server, (request, socket, head) =>
    listeners.upgrade(request, socket, head, () => {})
  )
  server.on("upgrade", inTurn(server, upgrade))
  server.on("clientError", (_error, socket) => socket.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"))
  return server
}
