/** A chat with rooms, an HTTP API and a page on one port: http://localhost:8000/ */
import { NodeRuntime } from "@effect/platform-node"
import { Layer } from "effect"
import { layerHttpServer } from "effect-c10k"
import { api } from "./Api.ts"
import { Rooms, room } from "./Rooms.ts"
import { Sessions } from "./Sessions.ts"

Layer.mergeAll(api, room).pipe(
  Layer.provide([Rooms.layer, Sessions.layer]),
  Layer.provide(layerHttpServer({ port: Number(process.env["PORT"] ?? 8000) })),
  Layer.launch,
  NodeRuntime.runMain
)
