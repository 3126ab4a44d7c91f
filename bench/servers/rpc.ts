/**
 * Serves one request of `@effect/rpc` on `/test/echo/`, in lines of JSON, over the WebSockets of this project or in one of the two
 * ways of `@effect/platform-node`. Usage: node --import tsx bench/servers/rpc.ts WAY PORT
 */
import { createServer } from "node:http"
import * as HttpRouter from "@effect/platform/HttpRouter"
import * as HttpServer from "@effect/platform/HttpServer"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeSocketServer from "@effect/platform-node/NodeSocketServer"
import * as Rpc from "@effect/rpc/Rpc"
import * as RpcGroup from "@effect/rpc/RpcGroup"
import * as RpcSerialization from "@effect/rpc/RpcSerialization"
import * as RpcServer from "@effect/rpc/RpcServer"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as EffectHttpServer from "../../src/WebSocket/Api/EffectHttpServer.ts"
import * as EffectSocketServer from "../../src/WebSocket/Api/EffectSocketServer.ts"
import type { RpcWay } from "../RpcWays.ts"

const [way, port] = process.argv.slice(2)
const address = { host: "127.0.0.1", port: Number(port) }
const PATH = "/test/echo/"

const group = RpcGroup.make(Rpc.make("Echo", { payload: { text: Schema.String }, success: Schema.String }))

const server = RpcServer.layer(group, { disableTracing: true }).pipe(
  Layer.provide(group.toLayer({ Echo: ({ text }) => Effect.succeed(text) }))
)

/** Over the `SocketServer` of the context. */
const bySocket = server.pipe(
  Layer.provide(RpcServer.layerProtocolSocketServer),
  Layer.provide(RpcSerialization.layerNdjson)
)

/** By an upgrade of the HTTP server of the context. */
const byUpgrade = HttpRouter.Default.serve().pipe(
  Layer.provide(server),
  Layer.provide(RpcServer.layerProtocolWebsocket({ path: PATH })),
  Layer.provide(RpcSerialization.layerNdjson)
)

const servers: Readonly<Record<RpcWay, () => Layer.Layer<never, unknown>>> = {
  "rpc-socket": () =>
    Layer.merge(Layer.provide(bySocket, EffectSocketServer.layer(PATH)), HttpServer.serve(HttpRouter.empty)).pipe(
      Layer.provide(EffectHttpServer.layer(address))
    ),
  "rpc-upgrade": () => Layer.provide(byUpgrade, EffectHttpServer.layer(address)),
  "rpc-platform-upgrade": () =>
    Layer.provide(
      byUpgrade,
      NodeHttpServer.layer(() => createServer(), { ...address, backlog: 4096 })
    ),
  "rpc-platform-socket": () => Layer.provide(bySocket, NodeSocketServer.layerWebSocket({ ...address, backlog: 4096 }))
}

NodeRuntime.runMain(Layer.launch(servers[way as RpcWay]()))
