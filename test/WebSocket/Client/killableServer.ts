/** A server that tells its pid in a conversation, by RPC and to a page, for tests that kill it. */
import * as HttpRouter from "@effect/platform/HttpRouter"
import * as HttpServer from "@effect/platform/HttpServer"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as RpcSerialization from "@effect/rpc/RpcSerialization"
import * as RpcServer from "@effect/rpc/RpcServer"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { conversation } from "../../../src/WebSocket/Api/ConversationEndpoint.ts"
import * as EffectHttpServer from "../../../src/WebSocket/Api/EffectHttpServer.ts"
import * as EffectSocketServer from "../../../src/WebSocket/Api/EffectSocketServer.ts"
import { Rpcs } from "./KillableRpcs.ts"

const page = HttpRouter.empty.pipe(HttpRouter.get("/", HttpServerResponse.html("<!doctype html><title>pid</title>")))

const rpcs = RpcServer.layer(Rpcs).pipe(
  Layer.provide(Rpcs.toLayer({ Pid: () => Effect.succeed(process.pid) })),
  Layer.provide(RpcServer.layerProtocolSocketServer),
  Layer.provide(EffectSocketServer.layer("/rpc")),
  Layer.provide(RpcSerialization.layerNdjson)
)

Layer.mergeAll(
  conversation("/pid", (talk) => talk.forEach(() => talk.send(String(process.pid)))),
  rpcs,
  HttpServer.serve(page)
).pipe(
  Layer.provide(EffectHttpServer.layer({ host: "127.0.0.1", port: Number(process.argv[2]) })),
  Layer.launch,
  NodeRuntime.runMain
)
