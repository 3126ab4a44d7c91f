import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/TestClock"
import * as LocalRun from "../../../src/Echo/Load/LocalRun.ts"
import type { LoadPlan } from "../../../src/Echo/Scenario/LoadPlan.ts"
import * as Ramp from "../../../src/Echo/Scenario/Ramp.ts"
import * as Peer from "../Peer.ts"
import { plan } from "../plan.ts"
import * as MemoryDialer from "./MemoryDialer.ts"

/** Runs a plan, up to a time of the test clock. */
const finish = (load: LoadPlan, seconds = 20) =>
  Effect.gen(function* () {
    const run = yield* LocalRun.make(load)
    const report = yield* Effect.fork(run.report)
    yield* TestClock.adjust(`${seconds} seconds`)
    return yield* Fiber.join(report)
  })

describe("a load run", () => {
  it.scoped("a load run runs the original conversation with every client", () =>
    Effect.gen(function* () {
      const report = yield* finish(plan(1000))
      assert.deepStrictEqual(report.failures, [])
      assert.strictEqual(report.completed, 5)
      assert.strictEqual(report.sent, 15)
      assert.strictEqual(report.received, 25)
      assert.strictEqual(report.roundTrip.count, 15)
      assert.strictEqual(report.connect.count, 5)
    }).pipe(Effect.provide(MemoryDialer.layer(Peer.original)))
  )

  it.scoped("a load run connects each client when the ramp says, and keeps the pauses", () =>
    Effect.gen(function* () {
      const load = plan(6_000)
      const times = [...Ramp.startTimes(load.ramp, load.clients, load.seed)].toSorted((a, b) => a - b)
      const run = yield* LocalRun.make(load)
      for (const [index, time] of times.entries()) {
        const now = run.unsafeSnapshot().elapsed
        yield* TestClock.adjust(time + 10 - now)
        assert.strictEqual(run.unsafeSnapshot().open, index + 1)
      }
      assert.strictEqual(run.unsafeSnapshot().peak, 5)
      yield* TestClock.adjust(times[0]! + 3 * 6_000 - 100 - run.unsafeSnapshot().elapsed)
      assert.strictEqual(run.unsafeSnapshot().completed, 0)
      yield* TestClock.adjust(200)
      assert.strictEqual(run.unsafeSnapshot().completed, 1)
    }).pipe(Effect.provide(MemoryDialer.layer(Peer.original)))
  )

  const causes: ReadonlyArray<readonly [string, Peer.Behaviour, string, string, string]> = [
    ["a wrong reply", Peer.wrong, "wrong reply", "at step 7", 'expected "2. Eggs!", got "2. Ham!"'],
    ["no reply", Peer.silent, "timeout", "no reply at step 1 within 5.00 s", 'expected "Hello!"'],
    [
      "an early close",
      Peer.leaves,
      "early close",
      "the server closed with 1011",
      '"out of order", expected "1. Spam?"'
    ],
    ["a lost connection", Peer.drops, "early close", "the connection was lost", 'expected "1. Spam?"'],
    ["a message too many", Peer.talks, "unexpected message", "after the last step", '"And another thing"']
  ]
  for (const [name, behaviour, cause, kind, detail] of causes) {
    it.scoped(`a load run tells ${name}, with what was expected`, () =>
      Effect.gen(function* () {
        const report = yield* finish(plan(1000, { timeout: 5000 }))
        assert.strictEqual(report.failed, 5)
        assert.strictEqual(report.failures.length, 1)
        const [group] = report.failures
        assert.strictEqual(group?.cause, cause)
        assert.include(group?.kind, kind)
        assert.strictEqual(group?.count, 5)
        assert.strictEqual(group?.examples.length, 3)
        assert.include(group?.examples[0]?.detail, detail)
        assert.strictEqual(unaccounted(report), 0)
      }).pipe(Effect.provide(MemoryDialer.layer(behaviour)))
    )
  }

  it.scoped("a load run counts clients that cannot connect", () =>
    Effect.gen(function* () {
      const report = yield* finish(plan(1000))
      assert.strictEqual(report.failed, 5)
      assert.strictEqual(report.failures[0]?.cause, "refused")
      assert.strictEqual(report.peak, 0)
    }).pipe(Effect.provide(MemoryDialer.refusing))
  )

  it.scoped("a load run opens no more connections after a stop, and finishes the open ones", () =>
    Effect.gen(function* () {
      const run = yield* LocalRun.make(plan(6_000, { ramp: { _tag: "Steps", size: 2, every: 6_000 } }))
      const report = yield* Effect.fork(run.report)
      yield* TestClock.adjust("1 second")
      yield* run.stop
      yield* TestClock.adjust("40 seconds")
      const { completed, interrupted, notStarted } = yield* Fiber.join(report)
      assert.deepStrictEqual({ completed, interrupted, notStarted }, { completed: 2, interrupted: true, notStarted: 3 })
    }).pipe(Effect.provide(MemoryDialer.layer(Peer.original)))
  )

  it.scoped("a load run ends at once after an abort, and counts the conversations that it cut short", () =>
    Effect.gen(function* () {
      const run = yield* LocalRun.make(plan(6_000, { ramp: { _tag: "Once" } }))
      yield* TestClock.adjust("1 second")
      yield* run.abort
      const report = yield* run.report
      assert.strictEqual(report.cut, 5)
      assert.strictEqual(unaccounted(report), 0)
      assert.strictEqual(run.unsafeSnapshot().open, 0)
    }).pipe(Effect.provide(MemoryDialer.layer(Peer.original)))
  )
})

const unaccounted = (report: { started: number; completed: number; failed: number; cut: number }): number =>
  report.started - report.completed - report.failed - report.cut
