/**
 * Rooms for the clients of Centrifugo's protocol, such as `centrifuge` from npm, at ws://localhost:8000/connection/websocket.
 * The token `user:NAME` is the user NAME: a stand-in for a real one (docs/channels.md has tokens that are signed).
 */
import { NodeRuntime } from "@effect/platform-node"
import { Effect, Layer, Schema } from "effect"
import { Reactor, WebSocketRouter, WebSocketServer } from "effect-c10k"
import { Channel, Channels, disconnects } from "effect-c10k/Channels"

/** Everybody who is connected may publish in a room, read its history and see who is there. */
const rooms = Channel.make("room:*", {
  history: { messages: 100, age: "10 minutes" },
  presence: true,
  joinLeave: true,
  publish: true,
  read: true
})

const privateRooms = Channel.make("room:private-*", {
  subscribe: Channel.denied,
  publish: Channel.denied,
  read: Channel.denied
})

const echo = Channel.procedure("echo", { request: Schema.Unknown, response: Schema.Unknown }, Effect.succeed)

const channels = Channels.layer({
  channels: [rooms, privateRooms],
  procedures: [echo],
  connect: ({ token }) => {
    const user = /^user:(.+)$/s.exec(token)?.[1]
    return user === undefined ? Effect.fail(disconnects.invalidToken) : Effect.succeed({ user })
  }
})

WebSocketServer.layer({ port: Number(process.env["PORT"] ?? 8000) }).pipe(
  Layer.provide(channels),
  Layer.provide([WebSocketRouter.layer, Reactor.layer()]),
  Layer.launch,
  NodeRuntime.runMain
)
