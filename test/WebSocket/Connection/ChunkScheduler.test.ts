import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import * as Runtime from "effect/Runtime"
import { conversation } from "../../../src/WebSocket/Api/ConversationEndpoint.ts"
import { ChunkScheduler } from "../../../src/WebSocket/Connection/ChunkScheduler.ts"
import { limit, serve, wsClient } from "../Rig.ts"

const unexpected = (error: unknown) => {
  throw error
}

/** A waiting fiber on that scheduler, and a function that wakes it. */
const sleeper = <A, E>(scheduler: ChunkScheduler, then: Effect.Effect<A, E>) => {
  const gate = Deferred.unsafeMake<void>(FiberId.none)
  const fiber = Runtime.runFork(Runtime.defaultRuntime)(Effect.zipRight(Deferred.await(gate), then), { scheduler })
  return { fiber, wake: () => Deferred.unsafeDone(gate, Exit.void) }
}

describe("ChunkScheduler", () => {
  it("ChunkScheduler runs the fibers that a chunk wakes after all its messages, and before the chunk ends", () => {
    const scheduler = new ChunkScheduler(unexpected)
    const done: Array<string> = []
    const sleepers = ["a", "b"].map((name) =>
      sleeper(
        scheduler,
        Effect.sync(() => done.push(name))
      )
    )
    scheduler.open()
    for (const { wake } of sleepers) wake()
    assert.deepStrictEqual(done, [])
    scheduler.run()
    assert.deepStrictEqual(done, ["a", "b"])
  })

  it.live("ChunkScheduler leaves fibers that are woken between chunks to Effect's scheduler", () =>
    Effect.gen(function* () {
      const scheduler = new ChunkScheduler(unexpected)
      const { fiber, wake } = sleeper(scheduler, Effect.succeed("awake"))
      scheduler.run()
      wake()
      assert.strictEqual(yield* limit(Fiber.join(fiber)), "awake")
    })
  )

  it.live("ChunkScheduler does not wait for a fiber that yields again and again", () =>
    Effect.gen(function* () {
      const scheduler = new ChunkScheduler(unexpected)
      let rounds = 0
      const { fiber, wake } = sleeper(scheduler, Effect.forever(Effect.sync(() => rounds++)))
      scheduler.open()
      wake()
      scheduler.run()
      assert.isAbove(rounds, 1)
      assert.isBelow(rounds, 100)
      const then = rounds
      yield* Effect.yieldNow()
      assert.isAbove(rounds, then)
      yield* limit(Fiber.interrupt(fiber))
    })
  )

  it("ChunkScheduler reports an observer that throws, and runs the others", () => {
    const errors: Array<unknown> = []
    const scheduler = new ChunkScheduler((error) => errors.push(error))
    const done: Array<string> = []
    const first = sleeper(scheduler, Effect.void)
    first.fiber.addObserver(() => unexpected("observed"))
    const second = sleeper(
      scheduler,
      Effect.sync(() => done.push("second"))
    )
    scheduler.open()
    first.wake()
    second.wake()
    scheduler.run()
    assert.deepStrictEqual(errors, ["observed"])
    assert.deepStrictEqual(done, ["second"])
  })

  it.scopedLive("a handler that never waits again does not stop other handlers", () =>
    Effect.gen(function* () {
      const { port } = yield* serve(
        conversation("/", (talk) =>
          Effect.flatMap(talk.receive, (message) =>
            message === "spin" ? Effect.forever(Effect.void) : talk.send(message)
          )
        )
      )
      const [spinning, other] = yield* Effect.all([wsClient(port), wsClient(port)])
      spinning.socket.send("spin")
      other.socket.send("hello")
      assert.strictEqual(yield* limit(Effect.promise(() => other.next())), "hello")
    })
  )
})
