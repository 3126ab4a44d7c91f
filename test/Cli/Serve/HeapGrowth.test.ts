import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/TestClock"
import * as HeapGrowth from "../../../src/Cli/Serve/HeapGrowth.ts"

describe("the young generation of a server", () => {
  it.scoped(
    "the young generation of a server grows while many messages come or go, and not for connections or a few messages",
    () =>
      Effect.gen(function* () {
        const traffic = { messagesReceived: 0, writes: 0 }
        let isPinned = false
        const heap = {
          pin: () => {
            isPinned = true
          },
          unpin: () => {
            isPinned = false
          }
        }
        yield* HeapGrowth.follow(traffic, heap)
        const states: Array<boolean> = []
        for (const [received, written] of [
          [0, 0],
          [1999, 0],
          [2000, 0],
          [100_000, 50_000],
          [10, 10],
          [1, 20_000],
          [0, 19_999]
        ] as const) {
          traffic.messagesReceived += received
          traffic.writes += written
          yield* TestClock.adjust("1 second")
          states.push(isPinned)
        }
        assert.deepStrictEqual(states, [true, true, false, false, true, false, true])
      })
  )
})
