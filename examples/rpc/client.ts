/** Sends requests to the server. After a restart of the server it connects again and continues. */
import { NodeRuntime } from "@effect/platform-node"
import { RpcClient, RpcSerialization } from "@effect/rpc"
import { Console, Effect, Layer, Schedule, Stream } from "effect"
import { layerSocket, Reactor } from "effect-c10k"
import { Rpcs } from "./Rpcs.ts"

const url = new URL(`ws://localhost:${process.env["PORT"] ?? 8000}/rpc`)

const server = RpcClient.layerProtocolSocket().pipe(
  Layer.provide(layerSocket({ url })),
  Layer.provide([Reactor.layer(), RpcSerialization.layerNdjson])
)

const program = Effect.gen(function* () {
  const rpc = yield* RpcClient.make(Rpcs)
  yield* rpc.Greet({ name: "Ada" }).pipe(Effect.retry(Schedule.spaced("100 millis")), Effect.flatMap(Console.log))
  yield* Stream.runForEach(rpc.Countdown({ from: 3 }), Console.log)
})

program.pipe(Effect.scoped, Effect.provide(server), NodeRuntime.runMain)
