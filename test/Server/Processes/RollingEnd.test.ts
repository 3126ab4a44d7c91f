import { assert, describe, it } from "@effect/vitest"
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/TestClock"
import { endAll, groupsOf } from "../../../src/Server/Processes/Supervisor.ts"

const sizes = (count: number) => groupsOf(Arr.range(1, count)).map(({ length }) => length)

describe("RollingEnd", () => {
  it("RollingEnd makes at most four groups, and never only one", () => {
    assert.deepStrictEqual(groupsOf([]), [])
    assert.deepStrictEqual([1, 2, 4, 5, 8, 56].map(sizes), [
      [1],
      [1, 1],
      [1, 1, 1, 1],
      [2, 2, 1],
      [2, 2, 2, 2],
      [14, 14, 14, 14]
    ])
  })

  /**
   * Ends members that take a second each, except `slow`, which takes a minute. Returns which members had been told
   * after each second.
   */
  const reported = (count: number, slow: number, seconds: ReadonlyArray<number>) =>
    Effect.gen(function* () {
      const begun: Array<number> = []
      const end = (member: number) =>
        Effect.suspend(() => {
          begun.push(member)
          return Effect.sleep(member === slow ? "60 seconds" : "1 second")
        })
      const fiber = yield* Effect.fork(endAll(Arr.range(1, count), end, 10_000))
      const seen: Array<number> = []
      let now = 0
      for (const second of seconds) {
        yield* TestClock.adjust((second - now) * 1000)
        now = second
        seen.push(begun.length)
      }
      return { seen, isOver: (yield* Fiber.poll(fiber))._tag === "Some" }
    })

  it.effect("RollingEnd begins a group when the one before has ended", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* reported(56, 0, [0, 1, 2, 3, 4]), { seen: [14, 28, 42, 56, 56], isOver: true })
    })
  )

  it.effect("RollingEnd waits for a member that hangs only for its turn, and again at the end", () =>
    Effect.gen(function* () {
      const { isOver, seen } = yield* reported(8, 1, [0, 9, 10, 11, 12, 59])
      assert.deepStrictEqual(seen, [2, 2, 4, 6, 8, 8])
      assert.isFalse(isOver)
      assert.isTrue((yield* reported(8, 1, [60])).isOver)
    })
  )
})
