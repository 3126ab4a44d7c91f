import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { memoryKeptBy, reportsMemory } from "../Chaos/KeptMemory.ts"
import { frame, type Peer } from "./RawPeer.ts"
import { start } from "./ServerProcess.ts"
import { metrics, open } from "./ServerRig.ts"

const serveArguments = ["serve", "--host", "127.0.0.1", "--port", "0"]

/** Writes as fast as it is read, until the scope closes. Returns how much was taken. */
const flood = (peer: Peer, bytes: Buffer) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const state = { isOver: false }
      const more = () => {
        while (!state.isOver && peer.socket.writable) {
          if (!peer.socket.write(bytes)) return void peer.socket.once("drain", more)
        }
      }
      more()
      return state
    }),
    (state) =>
      Effect.sync(() => {
        state.isOver = true
      })
  )

const memory = (port: number) =>
  Effect.map(metrics(port), (figures) => figures.get("process_resident_memory_bytes") ?? 0)

describe("Slow readers and fast senders", () => {
  it.scopedLive("the server stops reading a client that floods it and does not read the echoes", () =>
    Effect.gen(function* () {
      const server = yield* start([...serveArguments, "--max-rate", "10000000"])
      const port = yield* Effect.promise(() => server.port())
      const before = yield* memory(port)
      const peer = yield* open(port, "/test/echo/")
      peer.socket.pause()
      yield* flood(peer, Buffer.concat(Array.from({ length: 1000 }, () => frame(1, "x".repeat(1000)))))
      // Waits until echoes are queued, and then until nothing moves any more, because TCP stops the sender.
      let last = -1
      yield* Effect.repeat(Effect.delay(metrics(port), 500), {
        until: (figures) => {
          const now = figures.get("effect_c10k_received_bytes_total") ?? 0
          const isStill = now === last && (figures.get("effect_c10k_queued_bytes") ?? 0) > 0
          last = now
          return isStill
        }
      })
      const figures = yield* metrics(port)
      assert.isBelow(figures.get("effect_c10k_queued_bytes") ?? 0, 8 * 1024 * 1024)
      assert.isBelow((yield* memory(port)) - before, 64 * 1024 * 1024)
      assert.isFalse(peer.isClosed)
      assert.strictEqual(figures.get("effect_c10k_slow_closes_total"), 0)
    })
  )

  it.scopedLive(
    "a watcher and a worker that never read are closed, the game's worker goes on, memory stays bounded",
    () =>
      Effect.gen(function* () {
        const server = yield* start(
          [...serveArguments, "--max-rate", "10000000", "--watcher-queue", "4194304"],
          reportsMemory
        )
        const port = yield* Effect.promise(() => server.port())
        const reset = yield* open(port, "/reset/")
        reset.send(frame(1, "2 1"))
        assert.strictEqual(yield* Effect.promise(() => reset.close()), "1000 ")
        const [worker, deaf] = yield* Effect.all([open(port, "/worker/"), open(port, "/worker/")])
        const watcher = yield* open(port, "/watcher/")
        const join = (peer: Peer, ...topics: ReadonlyArray<string>) =>
          peer.send(...topics.map((topic) => frame(1, topic)), frame(1, "sub"))
        yield* Effect.promise(() => Promise.all([worker.frame(), deaf.frame()]))
        join(worker)
        join(deaf, "0 0")
        yield* Effect.promise(() => Promise.all([worker.frame(), deaf.frame()]))
        let step = 0
        const turn = () => Buffer.concat(Array.from({ length: 1000 }, () => frame(1, `${step++} 0 0 1`)))
        const slowCloses = Effect.map(metrics(port), (figures) => figures.get("effect_c10k_slow_closes_total") ?? 0)
        const relayed = Effect.map(metrics(port), (figures) => figures.get("effect_c10k_relayed_messages_total") ?? 0)
        // Each batch is relayed before the next one, so the sender's own memory stays bounded too.
        const batch = Effect.suspend(() => {
          for (let i = 0; i < 50; i++) worker.send(turn())
          return Effect.repeat(relayed, { until: (count) => count === step })
        })
        // The memory without garbage, which varies by tens of megabytes.
        const kept = Effect.map(memoryKeptBy(server), ({ buffers, heap }) => heap + buffers)
        yield* Effect.repeatN(batch, 9)
        const before = yield* kept
        watcher.socket.pause()
        deaf.socket.pause()
        let most = 0
        while ((yield* slowCloses) < 2) {
          yield* batch
          most = Math.max(most, (yield* kept) - before)
          assert.isBelow(step, 20_000_000)
        }
        // The bytes that may be kept for the two, and some more.
        assert.isBelow(most, (4 + 1 + 3) * 1024 * 1024)
        const sent = step
        worker.send(turn())
        yield* Effect.repeat(relayed, { until: (count) => count === step })
        assert.strictEqual(step, sent + 1000)
        assert.isFalse(worker.isClosed)
        deaf.socket.resume()
        watcher.socket.resume()
        yield* Effect.promise(() => Promise.all([deaf.closed(), watcher.closed()]))
        assert.strictEqual((yield* metrics(port)).get('effect_c10k_connections_closed_total{code="1008"}'), 2)
      })
  )
})
