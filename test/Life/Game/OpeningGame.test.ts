import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/TestClock"
import { Cell } from "../../../src/Life/Game/Cell.ts"
import * as OpeningGame from "../../../src/Life/Game/OpeningGame.ts"
import * as Rule from "../../../src/Life/Universe/Rule.ts"

const cells = Array.from({ length: 200 }, (_, col) => new Cell(0, col, 0, Rule.life, []))

describe("opening connections", () => {
  it.effect.each([1, 3, 99, 150, 333, 1000])("at %d a second opens so many a second", (rate) =>
    Effect.gen(function* () {
      let opened = 0
      const connect = () => Effect.sync(() => void opened++)
      yield* Effect.fork(OpeningGame.open(cells, connect, rate))
      // Each connection is a step of the test's clock, which takes some milliseconds.
      const seconds = Math.min(1, 50 / rate)
      const expected = Math.floor(rate * seconds)
      yield* TestClock.adjust(seconds * 1000)
      const first = opened
      assert.isAtLeast(first, expected)
      assert.isAtMost(first, expected + 1)
      yield* TestClock.adjust(seconds * 1000)
      assert.isAtMost(Math.abs(opened - first - expected), 1)
    })
  )
})
