import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { StartupBarrier, type Waiting } from "../../../src/Server/Game/StartupBarrier.ts"
import { ServerConsole } from "../../../src/Server/Operations/ServerConsole.ts"

/** A barrier for `expected` workers, the console's lines, and what each worker was told. */
const setUp = (expected: number) => {
  const lines: Array<string> = []
  return Effect.map(StartupBarrier, (barrier) => {
    const told: Array<string> = []
    const worker = (name: string): Waiting => ({
      subscribeNow: () => void told.push(`${name} sub`),
      runNow: () => void told.push(`${name} run`)
    })
    return { barrier, lines, told, worker }
  }).pipe(Effect.provide(StartupBarrier.layer(expected)), Effect.provide(ServerConsole.layerMemory(lines)))
}

describe("StartupBarrier", () => {
  it.effect("prints the original's lines", () =>
    Effect.gen(function* () {
      const { barrier, lines, worker } = yield* setUp(250)
      const workers = Array.from({ length: 250 }, (_, index) => worker(String(index)))
      for (const each of workers) barrier.unsafeConnect(each)
      for (const each of workers) barrier.unsafeSubscribed(each)
      assert.deepStrictEqual(lines, [
        "  100 workers connected",
        "  200 workers connected",
        "  250 workers connected",
        "Telling workers to subscribe",
        "  100 workers subscribed",
        "  200 workers subscribed",
        "  250 workers subscribed",
        "Telling workers to run"
      ])
    })
  )

  it.effect("tells nobody before all are there, and then everybody once", () =>
    Effect.gen(function* () {
      const { barrier, told, worker } = yield* setUp(2)
      const [a, b] = [worker("a"), worker("b")]
      barrier.unsafeConnect(a)
      assert.deepStrictEqual(told, [])
      barrier.unsafeConnect(b)
      assert.deepStrictEqual(told, ["a sub", "b sub"])
      barrier.unsafeSubscribed(b)
      barrier.unsafeSubscribed(b)
      assert.lengthOf(told, 2)
      barrier.unsafeSubscribed(a)
      assert.deepStrictEqual(told.slice(2), ["a run", "b run"])
    })
  )

  it.effect("does not count those that left, in either phase", () =>
    Effect.gen(function* () {
      const { barrier, told, worker } = yield* setUp(2)
      const [a, b, c, d] = [worker("a"), worker("b"), worker("c"), worker("d")]
      barrier.unsafeConnect(a)
      barrier.unsafeLeave(a)
      barrier.unsafeLeave(a)
      barrier.unsafeConnect(b)
      assert.deepStrictEqual(told, [])
      barrier.unsafeConnect(c)
      assert.deepStrictEqual(told, ["b sub", "c sub"])
      barrier.unsafeSubscribed(b)
      barrier.unsafeLeave(b)
      barrier.unsafeSubscribed(c)
      assert.lengthOf(told, 2)
      barrier.unsafeConnect(d)
      barrier.unsafeSubscribed(d)
      assert.deepStrictEqual(told.slice(2), ["d sub", "c run", "d run"])
    })
  )

  it.effect("gives who joins a running game its turn at once", () =>
    Effect.gen(function* () {
      const { barrier, told, worker } = yield* setUp(1)
      const [a, b] = [worker("a"), worker("b")]
      barrier.unsafeConnect(a)
      barrier.unsafeSubscribed(a)
      barrier.unsafeLeave(a)
      barrier.unsafeConnect(b)
      barrier.unsafeSubscribed(b)
      assert.deepStrictEqual(told, ["a sub", "a run", "b sub", "b run"])
    })
  )

  it.effect("forgets the workers of the game before a reset", () =>
    Effect.gen(function* () {
      const { barrier, lines, told, worker } = yield* setUp(1)
      const [old, fresh] = [worker("old"), worker("fresh")]
      barrier.unsafeConnect(old)
      barrier.unsafeReset(1)
      barrier.unsafeSubscribed(old)
      barrier.unsafeLeave(old)
      assert.deepInclude(barrier.unsafeState(), { connected: 0, subscribed: 0, phase: "connecting" })
      barrier.unsafeConnect(fresh)
      assert.deepStrictEqual(told, ["old sub", "fresh sub"])
      assert.strictEqual(lines.filter((line) => line === "    1 workers connected").length, 2)
    })
  )
})
