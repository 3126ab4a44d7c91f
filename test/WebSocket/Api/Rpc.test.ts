/** RPC over this core on both sides, in each of the ways that @effect/rpc has, and across a restart of the server. */
import * as HttpRouter from "@effect/platform/HttpRouter"
import * as HttpServer from "@effect/platform/HttpServer"
import * as Rpc from "@effect/rpc/Rpc"
import * as RpcClient from "@effect/rpc/RpcClient"
import * as RpcGroup from "@effect/rpc/RpcGroup"
import * as RpcSerialization from "@effect/rpc/RpcSerialization"
import * as RpcServer from "@effect/rpc/RpcServer"
import { assert, describe, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as ClientSocket from "../../../src/WebSocket/Api/ClientSocket.ts"
import * as EffectHttpServer from "../../../src/WebSocket/Api/EffectHttpServer.ts"
import * as EffectSocketServer from "../../../src/WebSocket/Api/EffectSocketServer.ts"
import { freePort } from "../../freePort.ts"
import { limit, reactorLayer } from "../Rig.ts"

class Rpcs extends RpcGroup.make(
  Rpc.make("Add", { success: Schema.Number, payload: { a: Schema.Number, b: Schema.Number } }),
  Rpc.make("Count", { success: Schema.Number, payload: { to: Schema.Number }, stream: true })
) {}

const handlers = Rpcs.toLayer({
  Add: ({ a, b }) => Effect.succeed(a + b),
  Count: ({ to }) => Stream.range(1, to)
})

const rpcs = RpcServer.layer(Rpcs).pipe(Layer.provide(handlers))

/** The ways to serve RPC over WebSockets: a route of an HTTP app, or the connections of a path. */
const servers = {
  layerProtocolWebsocket: Layer.merge(rpcs, HttpRouter.Default.serve()).pipe(
    Layer.provide(RpcServer.layerProtocolWebsocket({ path: "/rpc" }))
  ),
  layerProtocolSocketServer: rpcs.pipe(
    Layer.provide(RpcServer.layerProtocolSocketServer),
    Layer.provide(EffectSocketServer.layer("/rpc")),
    Layer.merge(HttpServer.serve(HttpRouter.empty))
  )
}

const serve = (way: keyof typeof servers, port: number) =>
  servers[way].pipe(
    Layer.provide(EffectHttpServer.layer({ host: "127.0.0.1", port })),
    Layer.provide(RpcSerialization.layerNdjson),
    Layer.build
  )

/** The protocol of a client that reconnects by itself, soon. */
const protocol = (port: number) =>
  RpcClient.layerProtocolSocket({ retrySchedule: Schedule.spaced(20) }).pipe(
    Layer.provide(ClientSocket.layer({ url: new URL(`ws://127.0.0.1:${port}/rpc`) })),
    Layer.provide([reactorLayer(), RpcSerialization.layerNdjson])
  )

describe.each(["layerProtocolWebsocket", "layerProtocolSocketServer"] as const)("RPC over %s", (way) => {
  it.scopedLive("RPC over %s answers requests and streams, and goes on after a restart of the server", () =>
    Effect.gen(function* () {
      const port = yield* Effect.promise(() => freePort("127.0.0.1"))
      const use = Effect.gen(function* () {
        const rpc = yield* RpcClient.make(Rpcs)
        const first = yield* Scope.make()
        yield* Scope.extend(serve(way, port), first)
        const retried = Effect.retry(rpc.Add({ a: 1, b: 2 }), Schedule.spaced(20))
        assert.strictEqual(yield* limit(retried), 3)
        const counted = yield* limit(Stream.runCollect(rpc.Count({ to: 1000 })))
        assert.strictEqual(Chunk.size(counted), 1000)
        yield* limit(Scope.close(first, Exit.void))
        // A request while there is no server fails with a clear error, and does not hang.
        assert.strictEqual((yield* limit(Effect.flip(rpc.Add({ a: 0, b: 0 }))))._tag, "RpcClientError")
        yield* serve(way, port)
        assert.strictEqual(yield* limit(retried), 3)
      })
      yield* Effect.provide(use, protocol(port))
    })
  )
})
