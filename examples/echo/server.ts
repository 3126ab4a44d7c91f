/** Sends every message back. Try it with `npx wscat -c ws://localhost:8000/echo/`. */
import { NodeRuntime } from "@effect/platform-node"
import { Layer } from "effect"
import { conversation, Reactor, WebSocketRouter, WebSocketServer } from "effect-c10k"

const echo = conversation("/echo/", (talk) => talk.forEach(talk.send))

WebSocketServer.layer({ port: Number(process.env["PORT"] ?? 8000) }).pipe(
  Layer.provide(echo),
  Layer.provide([WebSocketRouter.layer, Reactor.layer()]),
  Layer.launch,
  NodeRuntime.runMain
)
