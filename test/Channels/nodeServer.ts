/**
 * A server with shared channels, for tests that kill it: `nodeServer.ts PORT NATS-URL NAME`. A client has a minute for `connect`:
 * the process that plays all clients may stand for longer than the 10 s that one client gets, and 3502 is for ever.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Layer from "effect/Layer"
import { Channels } from "../../src/Channels/Channels.ts"
import * as JetStreamLogs from "../../src/Log/JetStreamLogs.ts"
import { WebSocketServer } from "../../src/WebSocket/Api/WebSocketServer.ts"
import { Reactor } from "../../src/WebSocket/Connection/Reactor.ts"
import { WebSocketRouter } from "../../src/WebSocket/Http/WebSocketRouter.ts"
import { options } from "./options.ts"

const [, , port, nats = "", name = ""] = process.argv

WebSocketServer.layer({ host: "127.0.0.1", port: Number(port) }).pipe(
  Layer.provide(Channels.layerShared({ ...options, name, heartbeat: 500, times: { connect: 60 } })),
  Layer.provide([WebSocketRouter.layer, Reactor.layer(), JetStreamLogs.layer({ servers: [nats], name: "node" })]),
  Layer.launch,
  NodeRuntime.runMain
)
