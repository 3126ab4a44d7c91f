import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/TestClock"
import * as LocalRun from "../../../src/Echo/Load/LocalRun.ts"
import { echoing, Scenario } from "../../../src/Echo/Scenario/Scenario.ts"
import * as Stages from "../../../src/Echo/Scenario/Stages.ts"
import * as Peer from "../Peer.ts"
import { plan } from "../plan.ts"
import * as MemoryDialer from "./MemoryDialer.ts"

const paced = plan(0, { scenario: echoing("x"), ramp: { _tag: "Once" }, rate: 100, duration: 2000, clients: 4 })

/** Clients that each send one message per second, for ever. */
const chatting = Schema.decodeUnknownSync(Scenario)({
  steps: [{ repeat: { steps: [{ send: "a" }, { expect: "a" }, { wait: "1s" }] } }]
})

describe("a run that is steered", () => {
  it.scoped("a run that is steered changes its rate and its plan", () =>
    Effect.gen(function* () {
      const run = yield* LocalRun.make(paced)
      const fiber = yield* Effect.fork(run.report)
      yield* TestClock.adjust("1 seconds")
      const before = run.unsafeSnapshot().sent
      assert.approximately(before, 100, 4)
      yield* run.steer({ rate: 300 })
      assert.strictEqual(run.unsafeSnapshot().rate, 300)
      yield* TestClock.adjust("2 seconds")
      const report = yield* Fiber.join(fiber)
      assert.approximately(report.sent - before, 300, 4)
      assert.approximately(report.planned ?? 0, 400, 4)
      assert.isAtMost(Math.abs((report.planned ?? 0) - report.sent), 8)
      assert.strictEqual(report.failed, 0)
    }).pipe(Effect.provide(MemoryDialer.layer(Peer.echo)))
  )

  it.scoped("a run that is steered gets more clients, and then fewer, of which the surplus ends after its round", () =>
    Effect.gen(function* () {
      const changes = { scenario: chatting, clients: 4, duration: 20_000 } as const
      const run = yield* LocalRun.make(plan(0, { ...changes, ramp: { _tag: "Once" } }))
      const fiber = yield* Effect.fork(run.report)
      yield* TestClock.adjust("3 seconds")
      assert.strictEqual(run.unsafeSnapshot().open, 4)
      yield* run.steer({ clients: 10 })
      yield* TestClock.adjust("3 seconds")
      assert.strictEqual(run.unsafeSnapshot().open, 10)
      yield* run.steer({ clients: 2 })
      yield* TestClock.adjust("3 seconds")
      assert.include(run.unsafeSnapshot(), { open: 2, clients: 2, completed: 8, waiting: 0 })
      yield* run.steer({ clients: 5 })
      yield* TestClock.adjust("3 seconds")
      assert.include(run.unsafeSnapshot(), { open: 5, waiting: 0 })
      yield* TestClock.adjust("20 seconds")
      const report = yield* Fiber.join(fiber)
      assert.include(report, { clients: 10, started: 13, completed: 13, failed: 0, notStarted: 0, peak: 10 })
    }).pipe(Effect.provide(MemoryDialer.layer(Peer.echo)))
  )

  it.scoped("a run whose clients have stages follows them up, along and down to none, and up again", () =>
    Effect.gen(function* () {
      const levels = Option.getOrThrow(Stages.parseLevels("0->10 in 10s, 10 for 10s, 10->0 in 10s, 0 for 5s, 4 for 5s"))
      const changes = { scenario: chatting, clients: 10, levels, duration: Stages.length(levels) } as const
      const run = yield* LocalRun.make(plan(0, { ...changes, ramp: { _tag: "Once" } }))
      const fiber = yield* Effect.fork(run.report)
      const open: Array<number> = []
      // A client leaves after its round of one second.
      for (const seconds of [5, 7, 7, 7, 7, 5]) {
        yield* TestClock.adjust(`${seconds} seconds`)
        open.push(run.unsafeSnapshot().open)
      }
      assert.deepStrictEqual([open[1], open[2], open[4], open[5]], [10, 10, 0, 4])
      assert.approximately(open[0] ?? 0, 5, 1)
      assert.approximately(open[3] ?? 0, 5, 1)
      yield* TestClock.adjust("10 seconds")
      const report = yield* Fiber.join(fiber)
      assert.include(report, { clients: 10, started: 14, completed: 14, failed: 0, notStarted: 0, peak: 10 })
    }).pipe(Effect.provide(MemoryDialer.layer(Peer.echo)))
  )

  it.scoped("a run whose clients have stages brings no client back whose rows are used up", () =>
    Effect.gen(function* () {
      const levels = Option.getOrThrow(Stages.parseLevels("0->4 in 4s, 4 for 2s"))
      const tables = { t: { columns: ["n"], rows: [["a"], ["b"], ["c"], ["d"]], order: "once" } } as const
      const scenario = Schema.decodeUnknownSync(Scenario)({ steps: [{ send: "{{t.n}}" }, { expect: { sent: true } }] })
      const load = plan(0, { scenario, tables, clients: 4, levels, duration: Stages.length(levels) })
      const report = yield* Effect.fork(Effect.flatMap(LocalRun.make(load), (run) => run.report))
      yield* TestClock.adjust("7 seconds")
      const { completed, failures, notStarted, started } = yield* Fiber.join(report)
      assert.deepStrictEqual([failures, started, completed, notStarted], [[], 4, 4, 0])
    }).pipe(Effect.provide(MemoryDialer.layer(Peer.echo)))
  )

  it("stages of clients need numbers above 0, and times", () => {
    for (const text of ["0->500", "500/s for 1m", "0 for 1m", "5 for", "5 at once"])
      assert.isTrue(Option.isNone(Stages.parseLevels(text)), text)
  })

  it.scoped("a run that is steered forgets clients that had not begun", () =>
    Effect.gen(function* () {
      const changes = { scenario: chatting, clients: 100, duration: 1000 } as const
      const run = yield* LocalRun.make(plan(0, { ...changes, ramp: { _tag: "Rate", perSecond: 10 } }))
      const fiber = yield* Effect.fork(run.report)
      yield* TestClock.adjust("1 seconds")
      yield* run.steer({ clients: 20 })
      yield* TestClock.adjust("5 seconds")
      const report = yield* Fiber.join(fiber)
      assert.include(report, { clients: 20, started: 20, completed: 20, notStarted: 0 })
    }).pipe(Effect.provide(MemoryDialer.layer(Peer.echo)))
  )
})
