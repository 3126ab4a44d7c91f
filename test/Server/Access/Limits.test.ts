import { constants, deflateRawSync } from "node:zlib"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as TestClock from "effect/TestClock"
import { frame, type Peer, request } from "../RawPeer.ts"
import { dial, open, serve, upgrade } from "../ServerRig.ts"

/** Waits until the server has processed all that this client sent before. */
const roundTrip = (peer: Peer) =>
  Effect.promise(async () => {
    peer.send(frame(9, "all?"))
    for (;;) {
      const { opcode } = await peer.frame()
      if (opcode === 10) return
    }
  })

describe("Limits", () => {
  it.scoped("Limits closes handshakes that are not complete in time, even if bytes keep coming", () =>
    Effect.gen(function* () {
      // So long that Node's own limit, which is of real time, does not come first.
      const port = yield* serve({ handshakeTimeout: 1_000_000, heartbeat: 0 })
      const silent = yield* dial(port)
      const slow = yield* dial(port)
      // The server accepts connections in their order.
      const other = yield* open(port, "/watcher/")
      for (const byte of request("/watcher/").slice(0, 10)) {
        slow.send(byte)
        yield* TestClock.adjust(90_000)
        yield* roundTrip(other)
      }
      assert.deepStrictEqual([silent.isClosed, slow.isClosed], [false, false])
      yield* TestClock.adjust(2_000_000)
      yield* Effect.promise(() => Promise.all([silent.closed(), slow.closed()]))
      assert.include(slow.received.toString(), "408 Request Timeout")
      assert.strictEqual((yield* upgrade(port, "/watcher/")).status, 101)
    })
  )

  it.scopedLive("Limits refuses request heads that are too long", () =>
    Effect.gen(function* () {
      const port = yield* serve({ maxHeader: 1024 })
      assert.strictEqual((yield* upgrade(port, "/watcher/", { Cookie: "x".repeat(2000) })).status, 431)
      assert.strictEqual((yield* upgrade(port, "/watcher/", { Cookie: "x".repeat(500) })).status, 101)
    })
  )

  it.scopedLive("Limits closes the handshake that waited longest when too many are pending", () =>
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

  it.scoped("Limits closes a reset that sends nothing and a worker that does not take its turn", () =>
    Effect.gen(function* () {
      const port = yield* serve({ firstMessageTimeout: 1500 })
      const silent = yield* open(port, "/reset/")
      const reset = yield* open(port, "/reset/")
      reset.send(frame(1, "1"))
      assert.strictEqual(yield* Effect.promise(() => reset.close()), "1000 ")
      const worker = yield* open(port, "/worker/")
      assert.strictEqual((yield* Effect.promise(() => worker.frame())).payload.toString(), "sub")
      yield* TestClock.adjust(3000)
      assert.strictEqual(yield* Effect.promise(() => worker.close()), "4008 no message in time")
      assert.strictEqual(yield* Effect.promise(() => silent.close()), "4008 no message in time")
      const prompt = yield* open(port, "/worker/")
      yield* Effect.promise(() => prompt.frame())
      prompt.send(frame(1, "sub"))
      assert.strictEqual((yield* Effect.promise(() => prompt.frame())).payload.toString(), "run")
    })
  )

  it.scoped("Limits reads at most the limit of messages a second, and loses none", () =>
    Effect.gen(function* () {
      const port = yield* serve({ maxRate: 1000 })
      const peer = yield* open(port, "/test/echo/")
      const other = yield* open(port, "/watcher/")
      peer.send(Buffer.concat(Array.from({ length: 2000 }, (_, i) => frame(1, String(i)))))
      const all = yield* Effect.fork(
        Effect.promise(async () => {
          for (let i = 0; i < 2000; i++) assert.strictEqual((await peer.frame()).payload.toString(), String(i))
          peer.send(frame(1, "next"))
          assert.strictEqual((await peer.frame()).payload.toString(), "next")
        })
      )
      // The first second's messages are read at once; those of the next one when it is over.
      let elapsed = 0
      for (; Option.isNone(yield* Fiber.poll(all)); elapsed += 100) {
        yield* roundTrip(other)
        yield* TestClock.adjust(100)
      }
      yield* Fiber.join(all)
      assert.isAtLeast(elapsed, 900)
    })
  )

  it.scopedLive("Limits closes on messages that are too large or come in too many fragments", () =>
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

  it.scopedLive("the limit of a message holds for what it inflates to", () =>
    Effect.gen(function* () {
      const port = yield* serve({ compress: true, maxMessage: 100_000 })
      const deflated = (length: number) => {
        const bytes = deflateRawSync(Buffer.alloc(length, "x"), { finishFlush: constants.Z_SYNC_FLUSH })
        return frame(1, bytes.subarray(0, -4), 0xc0)
      }
      const offer = { "Sec-WebSocket-Extensions": "permessage-deflate" }
      const fits = (yield* upgrade(port, "/test/echo/", offer)).peer
      fits.send(deflated(100_000))
      assert.strictEqual((yield* Effect.promise(() => fits.frame())).opcode, 1)
      const bomb = (yield* upgrade(port, "/test/echo/", offer)).peer
      bomb.send(deflated(100_001))
      assert.strictEqual(yield* Effect.promise(() => bomb.close()), "1009 a message may have at most 100000 bytes")
    })
  )

  it.scoped("Limits finds dead peers, and keeps those that answer", () =>
    Effect.gen(function* () {
      const round = 1500
      const port = yield* serve({ heartbeat: round })
      const [dead, stalled, alive] = yield* Effect.all([
        open(port, "/watcher/"),
        open(port, "/watcher/"),
        open(port, "/watcher/")
      ])
      // Its machine runs and its kernel acknowledges everything, but nobody reads.
      stalled.socket.pause()
      // After a round of silence all are pinged, and have another round to answer.
      yield* TestClock.adjust(2 * round)
      const { opcode, payload } = yield* Effect.promise(() => alive.frame())
      assert.strictEqual(opcode, 9)
      alive.send(frame(10, payload))
      yield* roundTrip(alive)
      assert.isFalse(dead.isClosed)
      yield* TestClock.adjust(round)
      yield* Effect.promise(() => dead.closed())
      yield* roundTrip(alive)
      assert.isFalse(alive.isClosed)
      stalled.socket.resume()
      yield* Effect.promise(() => stalled.closed())
    })
  )
})
