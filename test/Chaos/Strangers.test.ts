import { connect } from "node:net"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { frame } from "../Server/RawPeer.ts"
import { start } from "../Server/ServerProcess.ts"
import { metrics, open } from "../Server/ServerRig.ts"
import { attackOf } from "./attacks.ts"
import { isLong, randomOf, seed } from "./Chaos.ts"
import { memoryKeptBy, reportsMemory } from "./KeptMemory.ts"

const connections = isLong ? 100_000 : 2000
const CONCURRENCY = 50
/** Milliseconds that the server has to react before the next attack. */
const CUT_AFTER = 30

/** Makes one connection: sends the bytes of the attack, and resets the connection at once or if the server does not end it soon. */
const attack = (port: number, random: () => number) =>
  Effect.async<void>((resume) => {
    const pieces = attackOf(random)
    const isHasty = random() < 0.3
    const socket = connect(port, "127.0.0.1")
    const timer = setTimeout(() => socket.resetAndDestroy(), CUT_AFTER)
    socket.on("connect", () => {
      for (const piece of pieces) socket.write(piece)
      if (isHasty) setImmediate(() => socket.resetAndDestroy())
    })
    socket.on("data", () => {})
    socket.on("error", () => {})
    socket.on("close", () => {
      clearTimeout(timer)
      resume(Effect.void)
    })
  })

/** Waits until the server has no connections but the bystander's. */
const untilGone = (port: number) =>
  Effect.repeat(Effect.delay(metrics(port), 100), {
    until: (figures) =>
      [...figures].every(
        ([name, value]) => !name.startsWith("effect_c10k_connections{") || value === (name.includes('"echo"') ? 1 : 0)
      )
  })

describe("Strangers", () => {
  it.scopedLive(`${connections} broken and hostile connections harm nobody (EFFECT_C10K_SEED=${seed})`, () =>
    Effect.gen(function* () {
      const random = randomOf(seed)
      const server = yield* start(
        ["serve", "--host", "127.0.0.1", "--port", "0", "--max-cells", "10000"],
        reportsMemory
      )
      const port = yield* Effect.promise(() => server.port())
      const bystander = yield* open(port, "/test/echo/")
      let answers = 0
      let isOver = false
      const talk = yield* Effect.fork(
        Effect.promise(async () => {
          while (!isOver) {
            bystander.send(frame(1, `message ${answers}`))
            assert.strictEqual((await bystander.frame()).payload.toString(), `message ${answers}`)
            answers++
          }
        })
      )
      const round = (count: number) =>
        Effect.forEach(Array.from({ length: count }), () => attack(port, random), {
          concurrency: CONCURRENCY,
          discard: true
        })
      // Memory that the server needs once, for code and buffers, is no leak.
      yield* round(connections / 4)
      yield* untilGone(port)
      const before = yield* memoryKeptBy(server)
      yield* round((3 * connections) / 4)
      isOver = true
      yield* talk.await
      assert.isAbove(answers, 0)
      assert.isFalse(bystander.isClosed)
      const figures = yield* untilGone(port)
      assert.strictEqual(figures.get('effect_c10k_barrier_workers{state="connected"}'), 0)
      assert.strictEqual(figures.get("effect_c10k_queued_bytes"), 0)
      const after = yield* memoryKeptBy(server)
      assert.isBelow(after.heap - before.heap, 4 * 1024 * 1024)
      assert.isAtMost(after.resources["Timeout"] ?? 0, (before.resources["Timeout"] ?? 0) + 1)
      assert.strictEqual(server.child.exitCode, null)
      // Refusals are logged. A stack trace would mean an unhandled case.
      assert.notMatch(server.errors, /^\s+at /m)
    })
  )
})
