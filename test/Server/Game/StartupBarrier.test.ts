import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Game } from "../../../src/Server/Game/Game.ts"
import { StartupBarrier, type Waiting } from "../../../src/Server/Game/StartupBarrier.ts"
import { ignore, memoryGame } from "./memoryGame.ts"

/** A barrier for `expected` workers, the console's lines, and the messages that each worker got. */
const setUp = (expected: number) => {
  const lines: Array<string> = []
  return Effect.map(Layer.build(memoryGame(lines)), (services) => {
    const [game, barrier] = [Context.get(services, Game), Context.get(services, StartupBarrier)]
    const reset = () => game.unsafeReset({ width: expected, height: 1, topology: "", stateCount: 2 }, ignore)
    reset()
    const reported: Array<string> = []
    const worker = (name: string): Waiting => ({
      subscribeNow: () => void reported.push(`${name} sub`),
      runNow: () => void reported.push(`${name} run`)
    })
    return { barrier, lines, reset, reported, worker }
  })
}

describe("StartupBarrier", () => {
  it.scoped("StartupBarrier prints the original's lines", () =>
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

  it.scoped(
    "StartupBarrier prints no line twice for workers that come and go, and at most a hundred for the workers of a large game",
    () =>
      Effect.gen(function* () {
        const few = yield* setUp(200)
        const all = Array.from({ length: 100 }, (_, index) => few.worker(String(index)))
        for (const each of all) few.barrier.unsafeConnect(each)
        for (let n = 0; n < 50; n++) {
          few.barrier.unsafeLeave(all[0]!)
          few.barrier.unsafeConnect(all[0]!)
        }
        assert.deepStrictEqual(few.lines, ["  100 workers connected"])
        const many = yield* setUp(25_000)
        for (let n = 0; n < 25_000; n++) many.barrier.unsafeConnect(many.worker(String(n)))
        const connected = many.lines.filter((line) => line.endsWith(" workers connected"))
        assert.deepStrictEqual(connected.slice(0, 2), ["  300 workers connected", "  600 workers connected"])
        assert.strictEqual(connected.at(-1), "25000 workers connected")
        assert.isAtMost(connected.length, 100)
      })
  )

  it.scoped("StartupBarrier says once when the last worker of a running game has left", () =>
    Effect.gen(function* () {
      const { barrier, lines, worker } = yield* setUp(2)
      const [a, b] = [worker("a"), worker("b")]
      for (const each of [a, b]) barrier.unsafeConnect(each)
      for (const each of [a, b]) barrier.unsafeSubscribed(each)
      barrier.unsafeLeave(a)
      assert.strictEqual(lines.at(-1), "Telling workers to run")
      barrier.unsafeLeave(b)
      assert.strictEqual(lines.at(-1), "All 2 workers have left: the game has ended, unless they come back")
    })
  )

  it.scoped("StartupBarrier tells no worker before all are there, and then each worker once", () =>
    Effect.gen(function* () {
      const { barrier, reported, worker } = yield* setUp(2)
      const [a, b] = [worker("a"), worker("b")]
      barrier.unsafeConnect(a)
      assert.deepStrictEqual(reported, [])
      barrier.unsafeConnect(b)
      assert.deepStrictEqual(reported, ["a sub", "b sub"])
      barrier.unsafeSubscribed(b)
      barrier.unsafeSubscribed(b)
      assert.lengthOf(reported, 2)
      barrier.unsafeSubscribed(a)
      assert.deepStrictEqual(reported.slice(2), ["a run", "b run"])
    })
  )

  it.scoped("StartupBarrier does not count workers that left, in either phase", () =>
    Effect.gen(function* () {
      const { barrier, reported, worker } = yield* setUp(2)
      const [a, b, c, d] = [worker("a"), worker("b"), worker("c"), worker("d")]
      barrier.unsafeConnect(a)
      barrier.unsafeLeave(a)
      barrier.unsafeLeave(a)
      barrier.unsafeConnect(b)
      assert.deepStrictEqual(reported, [])
      barrier.unsafeConnect(c)
      assert.deepStrictEqual(reported, ["b sub", "c sub"])
      barrier.unsafeSubscribed(b)
      barrier.unsafeLeave(b)
      barrier.unsafeSubscribed(c)
      assert.lengthOf(reported, 2)
      barrier.unsafeConnect(d)
      barrier.unsafeSubscribed(d)
      assert.deepStrictEqual(reported.slice(2), ["d sub", "c run", "d run"])
    })
  )

  it.scoped("StartupBarrier gives a worker that joins a running game its turn at once", () =>
    Effect.gen(function* () {
      const { barrier, reported, worker } = yield* setUp(1)
      const [a, b] = [worker("a"), worker("b")]
      barrier.unsafeConnect(a)
      barrier.unsafeSubscribed(a)
      barrier.unsafeLeave(a)
      barrier.unsafeConnect(b)
      barrier.unsafeSubscribed(b)
      assert.deepStrictEqual(reported, ["a sub", "a run", "b sub", "b run"])
    })
  )

  it.scoped("StartupBarrier forgets the workers of the game before a reset", () =>
    Effect.gen(function* () {
      const { barrier, lines, reset, reported, worker } = yield* setUp(1)
      const [old, fresh] = [worker("old"), worker("fresh")]
      barrier.unsafeConnect(old)
      reset()
      barrier.unsafeSubscribed(old)
      barrier.unsafeLeave(old)
      assert.deepInclude(barrier.unsafeState(), { connected: 0, subscribed: 0, phase: "connecting" })
      barrier.unsafeConnect(fresh)
      assert.deepStrictEqual(reported, ["old sub", "fresh sub"])
      assert.strictEqual(lines.filter((line) => line === "    1 workers connected").length, 2)
    })
  )
})
