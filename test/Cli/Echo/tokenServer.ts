import { createServer } from "node:http"
import * as Effect from "effect/Effect"
import { WebSocketServer } from "ws"
import * as WsServer from "../../Echo/WsServer.ts"

/** Echoes messages, gives a new token for each request, and notes what it gets. It may drop the first connection at its first message. */
export const tokenServer = (dropsFirst: boolean) =>
  Effect.gen(function* () {
    const seen: Array<string> = []
    let tokens = 0
    const http = createServer((request, response) => {
      seen.push(`${request.method} ${request.url}`)
      response.end(JSON.stringify({ token: `t0ken-${++tokens}` }))
    })
    let connections = 0
    new WebSocketServer({ server: http }).on("connection", (socket, request) => {
      seen.push(`WS ${request.headers.authorization}`)
      const isDropped = ++connections === 1 && dropsFirst
      socket.on("message", (data: Buffer) => {
        if (dropsFirst) seen.push(data.toString())
        if (isDropped) socket.terminate()
        else socket.send(data.toString())
      })
    })
    const { port } = yield* WsServer.listen(http)
    return { at: `127.0.0.1:${port}`, seen }
  })
