import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { dial, frame, open, request, serve, upgrade } from "../ServerRig.ts"

/** Calls `f` every `milliseconds` until the scope closes. */
const every = (milliseconds: number, f: () => void) =>
  Effect.acquireRelease(
    Effect.sync(() => setInterval(f, milliseconds)),
    (timer) => Effect.sync(() => clearInterval(timer))
  )

describe("Limits", () => {
  it.scopedLive("closes handshakes that are not complete in time, even if bytes keep coming", () =>
    Effect.gen(function* () {
      const port = yield* serve({ handshakeTimeout: 1000 })
      const start = performance.now()
      const silent = yield* dial(port)
      const slow = yield* dial(port)
      const bytes = request("/watcher/")
      let at = 0
      yield* every(40, () => slow.send(bytes[at++] ?? ""))
      yield* Effect.promise(() => Promise.all([silent.closed(), slow.closed()]))
      assert.include(slow.received.toString(), "408 Request Timeout")
      assert.isAbove(slow.closedAt - start, 900)
      assert.isBelow(at, bytes.length)
      assert.strictEqual((yield* upgrade(port, "/watcher/")).status, 101)
    })
  )

  it.scopedLive("refuses request heads that are too long", () =>
    Effect.gen(function* () {
      const port = yield* serve({ maxHeader: 1024 })
      assert.strictEqual((yield* upgrade(port, "/watcher/", { Cookie: "x".repeat(2000) })).status, 431)
      assert.strictEqual((yield* upgrade(port, "/watcher/", { Cookie: "x".repeat(500) })).status, 101)
    })
  )

  it.scopedLive("closes the handshake that waited longest when too many are pending", () =>
    Effect.gen(function* () {
      const port = yield* serve({ maxPending: 20 })
      const waiting = yield* Effect.forEach(Array.from({ length: 50 }), () => dial(port))
      const honest = yield* open(port, "/test/ws/")
      assert.strictEqual((yield* Effect.promise(() => honest.frame())).payload.toString(), "Hello!")
      yield* Effect.promise(() => Promise.all(waiting.slice(0, 31).map((peer) => peer.closed())))
      assert.isTrue(waiting.slice(31).every((peer) => !peer.isClosed))
      // The others may still finish.
      waiting[49]!.send(request("/watcher/"))
      assert.strictEqual(yield* Effect.promise(() => waiting[49]!.status()), 101)
    })
  )

  it.scopedLive("closes a reset that sends nothing and a worker that does not take its turn", () =>
    Effect.gen(function* () {
      const port = yield* serve({ firstMessageTimeout: 1500 })
      const silent = yield* open(port, "/reset/")
      const reset = yield* open(port, "/reset/")
      reset.send(frame(1, "1"))
      assert.strictEqual(yield* Effect.promise(() => reset.close()), "1000 ")
      const worker = yield* open(port, "/worker/")
      assert.strictEqual((yield* Effect.promise(() => worker.frame())).payload.toString(), "sub")
      assert.strictEqual(yield* Effect.promise(() => worker.close()), "4008 no message in time")
      assert.strictEqual(yield* Effect.promise(() => silent.close()), "4008 no message in time")
      const prompt = yield* open(port, "/worker/")
      yield* Effect.promise(() => prompt.frame())
      prompt.send(frame(1, "sub"))
      assert.strictEqual((yield* Effect.promise(() => prompt.frame())).payload.toString(), "run")
    })
  )

  it.scopedLive("reads at most the limit of messages a second, and loses none", () =>
    Effect.gen(function* () {
      const port = yield* serve({ maxRate: 1000 })
      const peer = yield* open(port, "/test/echo/")
      const start = performance.now()
      // The first second's messages are read at once; the others take a second.
      peer.send(Buffer.concat(Array.from({ length: 2000 }, (_, i) => frame(1, String(i)))))
      for (let i = 0; i < 2000; i++)
        assert.strictEqual((yield* Effect.promise(() => peer.frame())).payload.toString(), String(i))
      peer.send(frame(1, "next"))
      yield* Effect.promise(() => peer.frame())
      assert.isAbove(performance.now() - start, 900)
    })
  )

  it.scopedLive("closes on messages that are too large or come in too many fragments", () =>
    Effect.gen(function* () {
      const port = yield* serve({ maxMessage: 1000, maxFragments: 4 })
      const large = yield* open(port, "/test/echo/")
      large.send(frame(1, "x".repeat(1001)))
      assert.strictEqual(yield* Effect.promise(() => large.close()), "1009 a message may have at most 1000 bytes")
      const endless = yield* open(port, "/test/echo/")
      endless.send(frame(1, "x", 0), frame(0, "x", 0), frame(0, "x", 0), frame(0, "x", 0), frame(0, "x", 0))
      assert.strictEqual(yield* Effect.promise(() => endless.close()), "1008 a message may have at most 4 fragments")
      const worker = yield* open(port, "/worker/")
      worker.send(frame(1, "x".repeat(129)))
      assert.match(yield* Effect.promise(() => worker.close()), /^1009 /)
    })
  )

  it.scopedLive("finds dead peers, and keeps those that answer", () =>
    Effect.gen(function* () {
      const port = yield* serve({ heartbeat: 1500 })
      const [dead, stalled, alive] = yield* Effect.all([
        open(port, "/watcher/"),
        open(port, "/watcher/"),
        open(port, "/watcher/")
      ])
      // Its machine runs and its kernel acknowledges everything, but nobody reads.
      stalled.socket.pause()
      const start = performance.now()
      const pings = yield* Effect.fork(
        Effect.promise(async () => {
          for (let count = 0; count < 2; count++) {
            const { opcode, payload } = await alive.frame()
            assert.strictEqual(opcode, 9)
            alive.send(frame(10, payload))
          }
        })
      )
      yield* Effect.promise(() => dead.closed())
      assert.isBelow(performance.now() - start, 15_000)
      yield* pings.await
      assert.isFalse(alive.isClosed)
      stalled.socket.resume()
      yield* Effect.promise(() => stalled.closed())
    })
  )
})
