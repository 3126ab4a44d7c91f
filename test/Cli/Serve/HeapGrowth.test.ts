import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/TestClock"
import * as HeapGrowth from "../../../src/Cli/Serve/HeapGrowth.ts"

describe("the young generation of a server", () => {
  it.scoped("grows while many messages come, and not for connections or a few messages", () =>
    Effect.gen(function* () {
      let received = 0
      let isHeld = false
      const heap = {
        hold: () => {
          isHeld = true
        },
        release: () => {
          isHeld = false
        }
      }
      yield* HeapGrowth.follow(() => received, heap)
      const states: Array<boolean> = []
      for (const messages of [0, 1999, 2000, 100_000, 10, 2500]) {
        received += messages
        yield* TestClock.adjust("1 second")
        states.push(isHeld)
      }
      assert.deepStrictEqual(states, [true, true, false, false, true, false])
    })
  )
})
