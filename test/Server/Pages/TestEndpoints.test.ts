import { assert, describe, it, vi } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { Connection } from "../../../src/WebSocket/Connection/Connection.ts"
import { eventually } from "../../eventually.ts"
import { frame } from "../RawPeer.ts"
import { metrics, open, serve } from "../ServerRig.ts"

const size = 8 * 1024 * 1024

const keptBytes = (port: number) =>
  Effect.map(metrics(port), (figures) => figures.get("effect_c10k_held_bytes") ?? Number.NaN)

const echoes = Effect.acquireRelease(
  Effect.sync(() => vi.spyOn(Connection.prototype, "sendUncopied")),
  (spy) => Effect.sync(() => spy.mockRestore())
)

describe("/test/echo/", () => {
  it.scopedLive("/test/echo/ frees the messages for a client that is gone, without a garbage collection", () =>
    Effect.gen(function* () {
      const sent = yield* echoes
      const port = yield* serve()
      const peer = yield* open(port, "/test/echo/")
      peer.socket.pause()
      peer.send(frame(2, Buffer.alloc(size)))
      yield* Effect.repeat(keptBytes(port), { until: (bytes) => bytes >= size && sent.mock.calls.length > 0 })
      const [echo] = sent.mock.calls[0]!
      assert.lengthOf(echo, size)
      peer.socket.destroy()
      yield* Effect.repeat(keptBytes(port), { until: (bytes) => bytes === 0 })
      // It is referenced here, so it is not garbage.
      assert.lengthOf(echo, 0)
    })
  )

  it.scopedLive("/test/echo/ frees a large message as soon as it has left", () =>
    Effect.gen(function* () {
      const sent = yield* echoes
      const port = yield* serve()
      const peer = yield* open(port, "/test/echo/")
      peer.send(frame(2, Buffer.alloc(100_000, 7)))
      const { payload } = yield* Effect.promise(() => peer.frame())
      assert.isTrue(payload.equals(Buffer.alloc(100_000, 7)))
      const [echo] = sent.mock.calls[0]!
      yield* Effect.promise(() => eventually(() => assert.lengthOf(echo, 0)))
    })
  )
})
