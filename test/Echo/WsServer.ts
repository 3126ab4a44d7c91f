import { createServer, type RequestListener } from "node:http"
import type { AddressInfo, Server, Socket } from "node:net"
import * as Effect from "effect/Effect"
import { WebSocketServer } from "ws"
import { real } from "../../src/Time/Timer.ts"
import type { Behaviour, Peer } from "./Peer.ts"

/** Lets a server listen on a free port until the scope closes, and then drops all its connections. */
export const listen = (server: Server) =>
  Effect.acquireRelease(
    Effect.async<{ readonly port: number; readonly sockets: ReadonlySet<Socket> }>((resume) => {
      const sockets = new Set<Socket>()
      server.on("connection", (socket) => {
        sockets.add(socket)
        socket.on("error", () => {})
        socket.on("close", () => sockets.delete(socket))
      })
      server.listen(0, "127.0.0.1", () => {
        const { port } = server.address() as AddressInfo
        resume(Effect.succeed({ port, sockets }))
      })
    }),
    ({ sockets }) =>
      Effect.async<void>((resume) => {
        server.close(() => resume(Effect.void))
        for (const socket of sockets) socket.destroy()
      })
  )

const notFound: RequestListener = (_, response) => response.writeHead(404).end()

/** A real server on the package `ws`, with `behaviour` for every connection. Returns its URL and its sockets. */
export const serve = (behaviour: Behaviour) => {
  const http = createServer(notFound)
  const wss = new WebSocketServer({ server: http, perMessageDeflate: false, path: "/test/ws/" })
  wss.on("connection", (socket, request) => {
    const peer: Peer = {
      path: request.url ?? "/",
      send: (message) => socket.send(message),
      close: (code, reason) => socket.close(code, reason),
      drop: () => socket.terminate(),
      timer: real,
      onMessage: () => {}
    }
    socket.on("error", () => {})
    socket.on("message", (data: Buffer, isBinary) => peer.onMessage(isBinary ? data : data.toString()))
    behaviour(peer)
  })
  return Effect.map(listen(http), ({ port, sockets }) => ({ url: `ws://127.0.0.1:${port}/test/ws/`, sockets }))
}
