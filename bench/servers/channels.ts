/**
 * Serves channels, or a bare broadcast that frames a message once, on `/connection/websocket`. With the URL of NATS, the channels are shared by a log.
 * Usage: node --import tsx bench/servers/channels.ts channels|broadcast PORT [NATS LOG]
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Channel from "../../src/Channels/Channel.ts"
import { Channels } from "../../src/Channels/Channels.ts"
import type { ChannelsOptions } from "../../src/Channels/ChannelsOptions.ts"
import * as JetStreamLogs from "../../src/Log/JetStreamLogs.ts"
import { WebSocketServer } from "../../src/WebSocket/Api/WebSocketServer.ts"
import type { Connection } from "../../src/WebSocket/Connection/Connection.ts"
import { Reactor } from "../../src/WebSocket/Connection/Reactor.ts"
import { prepare } from "../../src/WebSocket/Frames/Prepare.ts"
import { relay, WebSocketRouter } from "../../src/WebSocket/Http/WebSocketRouter.ts"

const [kind, port, nats, log = "channels"] = process.argv.slice(2)

const options: ChannelsOptions<never, never, never> = {
  channels: [Channel.make("room:*", { history: { messages: 100 }, publish: true })],
  connect: ({ token }) => Effect.succeed({ user: token }),
  // The clients only count bytes, and answer no pings.
  times: { ping: 24 * 3600 }
}

const channels =
  nats === undefined
    ? Channels.layer(options)
    : Layer.provide(
        Channels.layerShared({ ...options, name: log }),
        JetStreamLogs.layer({ servers: [nats], name: `channels ${port}` })
      )

const members = new Set<Connection>()
const broadcast = relay("/connection/websocket", {
  open: (connection) => {
    members.add(connection)
    return {
      onMessage: (message) => {
        const frame = prepare(message)
        for (const member of members) member.sendPrepared(frame)
      },
      onClose: () => void members.delete(connection)
    }
  }
})

WebSocketServer.layer({ host: "127.0.0.1", port: Number(port) }).pipe(
  Layer.provide(kind === "channels" ? Layer.discard(channels) : broadcast),
  Layer.provide([WebSocketRouter.layer, Reactor.layer()]),
  Layer.launch,
  NodeRuntime.runMain
)
