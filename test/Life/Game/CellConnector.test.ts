import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/TestClock"
import { Cell } from "../../../src/Life/Game/Cell.ts"
import * as OpeningGame from "../../../src/Life/Game/CellConnector.ts"
import * as Rule from "../../../src/Life/Universe/Rule.ts"

const cells = Array.from({ length: 200 }, (_, col) => new Cell(0, col, 0, Rule.life, []))

describe("opening connections", () => {
  it.effect.each([1, 3, 99, 150, 333, 1000])(
    "opening connections opens %d connections per second at this rate",
    (rate) =>
      Effect.gen(function* () {
        let opened = 0
        const connect = (_: Cell, done: () => void) => {
          opened++
          done()
          return () => {}
        }
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

  /** A network on which each connection waits until the test lets it open. */
  const network = () => {
    const waiting = new Map<Cell, (error?: string) => void>()
    const givenUp: Array<Cell> = []
    let most = 0
    return {
      waiting,
      givenUp,
      most: () => most,
      connect: (cell: Cell, done: (error?: string) => void) => {
        waiting.set(cell, (error) => {
          waiting.delete(cell)
          done(error)
        })
        most = Math.max(most, waiting.size)
        return () => {
          waiting.delete(cell)
          givenUp.push(cell)
        }
      }
    }
  }
  const fastest = Number.POSITIVE_INFINITY

  it.effect("opening connections opens 128 at a time without a rate, and the next one when one of them is open", () =>
    Effect.gen(function* () {
      const { connect, most, waiting } = network()
      const opening = yield* Effect.fork(OpeningGame.open(cells, connect, fastest))
      yield* Effect.yieldNow()
      const seen = new Set<Cell>()
      while (waiting.size > 0) {
        const [cell, done] = [...waiting][0]!
        seen.add(cell)
        done()
      }
      yield* Fiber.join(opening)
      assert.deepStrictEqual([seen.size, most()], [200, 128])
    })
  )

  it.effect("opening connections ends even if connections open at once", () =>
    OpeningGame.open(
      cells,
      (_, done) => {
        done()
        return () => {}
      },
      fastest
    )
  )

  it.effect("opening connections fails with the first failure, and gives up the other attempts", () =>
    Effect.gen(function* () {
      const { connect, givenUp, waiting } = network()
      const opening = yield* Effect.fork(OpeningGame.open(cells, connect, fastest))
      yield* Effect.yieldNow()
      waiting.get(cells[5]!)!("no")
      assert.strictEqual(yield* Effect.flip(Fiber.join(opening)), "no")
      assert.deepStrictEqual([givenUp.length, waiting.size], [127, 0])
    })
  )

  it.effect("opening connections gives up all attempts when it is interrupted", () =>
    Effect.gen(function* () {
      const { connect, givenUp } = network()
      const opening = yield* Effect.fork(OpeningGame.open(cells, connect, fastest))
      yield* Effect.yieldNow()
      yield* Fiber.interrupt(opening)
      assert.lengthOf(givenUp, 128)
    })
  )
})
