import { afterEach, assert, beforeEach, describe, it, vi } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import * as TestClock from "effect/TestClock"
import * as EffectTimer from "../../../src/Time/EffectTimer.ts"
import { Deadlines } from "../../../src/WebSocket/Connection/Deadlines.ts"

describe("Deadlines", () => {
  let expired: Array<string>
  let deadlines: Deadlines<string>

  beforeEach(() => {
    vi.useFakeTimers()
    expired = []
    deadlines = new Deadlines(1000, (item) => expired.push(item))
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it("Deadlines expires each item once, in order, after its time and at most a tenth later", () => {
    deadlines.add("a")
    vi.advanceTimersByTime(500)
    deadlines.add("b")
    vi.advanceTimersByTime(499)
    assert.deepStrictEqual(expired, [])
    vi.advanceTimersByTime(101)
    assert.deepStrictEqual(expired, ["a"])
    vi.advanceTimersByTime(500)
    assert.deepStrictEqual(expired, ["a", "b"])
    vi.advanceTimersByTime(5000)
    assert.deepStrictEqual(expired, ["a", "b"])
  })

  it("Deadlines keeps the deadline of an item that is added again", () => {
    deadlines.add("a")
    vi.advanceTimersByTime(600)
    deadlines.add("a")
    deadlines.add("b")
    vi.advanceTimersByTime(500)
    assert.deepStrictEqual(expired, ["a"])
    vi.advanceTimersByTime(600)
    assert.deepStrictEqual(expired, ["a", "b"])
  })

  it("Deadlines does not expire a deleted item, and stops its timer when nothing is left", () => {
    deadlines.add("a")
    deadlines.add("b")
    deadlines.delete("a")
    assert.strictEqual(deadlines.size, 1)
    deadlines.delete("b")
    deadlines.delete("never added")
    vi.advanceTimersByTime(100)
    assert.strictEqual(vi.getTimerCount(), 0)
    vi.advanceTimersByTime(5000)
    assert.deepStrictEqual(expired, [])
  })

  it("Deadlines ends with its scope, after which nothing expires", () => {
    const scope = Effect.runSync(Scope.make())
    const scoped = Effect.runSync(
      Scope.extend(
        Deadlines.make<string>(1000, (item) => expired.push(item)),
        scope
      )
    )
    scoped.add("a")
    Effect.runSync(Scope.close(scope, Exit.void))
    assert.strictEqual(vi.getTimerCount(), 0)
    vi.advanceTimersByTime(5000)
    assert.deepStrictEqual(expired, [])
  })

  it("Deadlines starts again after all items have expired", () => {
    deadlines.add("a")
    vi.advanceTimersByTime(1100)
    assert.strictEqual(vi.getTimerCount(), 0)
    deadlines.add("a")
    vi.advanceTimersByTime(1100)
    assert.deepStrictEqual(expired, ["a", "a"])
  })
})

it.scoped("Deadlines use Effect's clock, also a test's", () =>
  Effect.gen(function* () {
    const expired: Array<string> = []
    const deadlines = yield* Deadlines.make<string>(300_000, (item) => expired.push(item))
    deadlines.add("a")
    yield* TestClock.adjust("4 minutes")
    assert.deepStrictEqual(expired, [])
    yield* TestClock.adjust("2 minutes")
    assert.deepStrictEqual(expired, ["a"])
  })
)

describe("the timer of Effect's clock", () => {
  it.scoped("the timer of Effect's clock can be stopped, also if it was made where a resource is acquired", () =>
    Effect.gen(function* () {
      const timer = yield* Effect.acquireRelease(EffectTimer.make, () => Effect.void)
      let rings = 0
      const ring = () => {
        rings++
      }
      const stops = [timer.after(1000, ring), timer.every(1000, ring)]
      for (const stop of stops) stop()
      yield* TestClock.adjust(10_000)
      assert.strictEqual(rings, 0)
    })
  )
})
