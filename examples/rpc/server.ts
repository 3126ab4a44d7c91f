import { HttpRouter, HttpServer } from "@effect/platform"
import { NodeRuntime } from "@effect/platform-node"
import { RpcSerialization, RpcServer } from "@effect/rpc"
import { Effect, Layer, Schedule, Stream } from "effect"
import { layerHttpServer, layerSocketServer } from "effect-c10k"
import { Rpcs } from "./Rpcs.ts"

const handlers = Rpcs.toLayer({
  Greet: ({ name }) => Effect.succeed(`Hello, ${name}!`),
  Countdown: ({ from }) =>
    Stream.range(0, from).pipe(
      Stream.map((i) => from - i),
      Stream.schedule(Schedule.spaced("100 millis"))
    )
})

RpcServer.layer(Rpcs).pipe(
  Layer.provide(handlers),
  Layer.provide(RpcServer.layerProtocolSocketServer),
  Layer.provide(layerSocketServer("/rpc")),
  Layer.provide(RpcSerialization.layerNdjson),
  Layer.merge(HttpServer.serve(HttpRouter.empty)),
  Layer.provide(layerHttpServer({ port: Number(process.env["PORT"] ?? 8000) })),
  Layer.launch,
  NodeRuntime.runMain
)
