import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as TestClock from "effect/TestClock"
import { Arrivals } from "../../../src/Echo/Load/Arrivals.ts"
import * as LocalRun from "../../../src/Echo/Load/LocalRun.ts"
import { DeadlineHeap } from "../../../src/Echo/Load/Timers.ts"
import * as WebSocketDialer from "../../../src/Echo/Load/WebSocketDialer.ts"
import type { LoadPlan } from "../../../src/Echo/Scenario/LoadPlan.ts"
import { echoing } from "../../../src/Echo/Scenario/Scenario.ts"
import * as Stages from "../../../src/Echo/Scenario/Stages.ts"
import type { Step } from "../../../src/Echo/Scenario/Step.ts"
import * as Peer from "../Peer.ts"
import { plan } from "../plan.ts"
import * as WsServer from "../WsServer.ts"
import * as MemoryDialer from "./MemoryDialer.ts"

const stagesOf = (text: string) => Option.getOrThrow(Stages.parse(text))

const arriving = (text: string, steps: ReadonlyArray<Step>, changes: Partial<LoadPlan> = {}): LoadPlan => {
  const stages = stagesOf(text)
  return plan(0, {
    scenario: { ...plan(0).scenario, steps },
    ramp: { _tag: "Stages", stages },
    arrivals: {},
    clients: Stages.total(stages),
    duration: Stages.length(stages) - (changes.warmUp ?? 0),
    ...changes
  })
}

const runFor = (seconds: number, load: LoadPlan) =>
  Effect.gen(function* () {
    const report = yield* Effect.fork(Effect.flatMap(LocalRun.make(load), (run) => run.report))
    yield* TestClock.adjust(`${seconds} seconds`)
    return yield* Fiber.join(report)
  })

const stay = (milliseconds: number) => [{ send: "a" }, { expect: "a" }, { wait: milliseconds }]

describe("arrivals", () => {
  it.scoped("arrivals arrive at their times, independently of earlier clients, and hold one conversation each", () =>
    Effect.gen(function* () {
      const run = yield* LocalRun.make(arriving("10/s for 2s", stay(5000)))
      const report = yield* Effect.fork(run.report)
      yield* TestClock.adjust("950 millis")
      assert.strictEqual(run.unsafeSnapshot().open, 10)
      yield* TestClock.adjust("1 second")
      assert.strictEqual(run.unsafeSnapshot().open, 20)
      yield* TestClock.adjust("10 seconds")
      const { completed, peak, started } = yield* Fiber.join(report)
      assert.deepStrictEqual({ completed, peak, started }, { completed: 20, peak: 20, started: 20 })
    }).pipe(Effect.provide(MemoryDialer.layer(Peer.echo)))
  )

  it.scoped("arrivals beyond --max-clients do not start and are counted", () =>
    Effect.gen(function* () {
      const report = yield* runFor(20, arriving("10/s for 2s", stay(5000), { arrivals: { most: 4 } }))
      assert.strictEqual(report.peak, 4)
      assert.strictEqual(report.completed, 4)
      assert.strictEqual(report.named.counts["dropped"], 16)
    }).pipe(Effect.provide(MemoryDialer.layer(Peer.echo)))
  )

  it.scoped("arrivals may all come at once", () =>
    Effect.gen(function* () {
      const report = yield* runFor(3, arriving("2/s for 1s, 20 at once", stay(100)))
      assert.strictEqual(report.completed, 22)
      assert.isAtLeast(report.peak, 20)
    }).pipe(Effect.provide(MemoryDialer.layer(Peer.echo)))
  )

  it.scoped("arrivals end an endless repeat with their schedule", () =>
    Effect.gen(function* () {
      const endless = [{ repeat: { steps: [{ send: "a" }, { expect: "a" }, { wait: 100 }] } }]
      const report = yield* runFor(3, arriving("5/s for 1s", endless))
      assert.strictEqual(report.completed, 5)
      assert.approximately(report.sent, 5 * 6, 5)
    }).pipe(Effect.provide(MemoryDialer.layer(Peer.echo)))
  )

  it.scoped("arrivals count as not started if the user stops the run", () =>
    Effect.gen(function* () {
      const run = yield* LocalRun.make(arriving("10/s for 2s", stay(100)))
      yield* TestClock.adjust("950 millis")
      yield* run.stop
      yield* TestClock.adjust("1 second")
      const { completed, notStarted } = yield* run.report
      assert.deepStrictEqual({ completed, notStarted }, { completed: 10, notStarted: 10 })
    }).pipe(Effect.provide(MemoryDialer.layer(Peer.echo)))
  )

  it("arrivals are shared by processes without overlap", () => {
    const came: Array<number> = []
    for (const index of [0, 1, 2]) {
      const timers = new DeadlineHeap(() => {})
      const load = { clients: 20, share: { index, of: 3 } }
      new Arrivals(stagesOf("10/s for 2s"), load, timers, (number) => void came.push(number)).comeUntil(10_000)
    }
    assert.deepStrictEqual(
      came.toSorted((a, b) => a - b),
      Array.from({ length: 20 }, (_, index) => index + 1)
    )
  })

  it.scopedLive("arrivals reach a server on sockets", () =>
    Effect.gen(function* () {
      const { url } = yield* WsServer.serve(Peer.echo)
      const load = arriving("0->40/s in 500ms, 20 at once", stay(50), { urls: [url] })
      const report = yield* Effect.flatMap(LocalRun.make(load), (run) => run.report)
      assert.deepStrictEqual(report.failures, [])
      assert.strictEqual(report.completed, 30)
    }).pipe(Effect.provide(WebSocketDialer.layer))
  )
})

describe("a warm-up", () => {
  const slowAtFirst: Peer.Behaviour = (peer) => {
    let n = 0
    peer.onMessage = (message) => {
      if (++n === 1) peer.timer.after(1000, () => peer.send(message))
      else peer.send(message)
    }
  }

  it.scoped("a warm-up does not count in any figure: messages, times or failures", () =>
    Effect.gen(function* () {
      const load = plan(0, {
        ...{ scenario: echoing("{{message}}"), ramp: { _tag: "Once" }, clients: 2 },
        ...{ rate: 40, warmUp: 2000, duration: 1000 }
      })
      const report = yield* runFor(5, load)
      assert.deepStrictEqual(report.failures, [])
      assert.approximately(report.planned ?? 0, 40, 2)
      assert.approximately(report.sent, 40, 4)
      assert.approximately(report.load.time, 1000, 20)
      assert.isBelow(report.uncorrected.max, 900)
      assert.strictEqual(report.connect.count, 2)
      assert.strictEqual(report.started, report.completed)
      assert.strictEqual(
        report.seconds.reduce((sum, { sent }) => sum + sent, 0),
        report.sent
      )
    }).pipe(Effect.provide(MemoryDialer.layer(slowAtFirst)))
  )

  it.scoped("a warm-up excludes its round trips, even without a planned rate", () =>
    Effect.gen(function* () {
      const steps = [{ repeat: { steps: [{ send: "a" }, { expect: "a" }, { wait: 100 }] } }]
      const scenario = { ...plan(0).scenario, steps }
      const report = yield* runFor(5, plan(0, { scenario, clients: 2, warmUp: 1000, duration: 2000 }))
      assert.approximately(report.sent, 40, 4)
      assert.strictEqual(report.roundTrip.count, report.sent)
    }).pipe(Effect.provide(MemoryDialer.layer(Peer.echo)))
  )

  it.scoped("a warm-up is the beginning of a schedule of arrivals", () =>
    Effect.gen(function* () {
      const report = yield* runFor(5, arriving("10/s for 2s", stay(100), { warmUp: 1000 }))
      assert.approximately(report.completed, 10, 1)
      assert.approximately(report.started, 10, 1)
    }).pipe(Effect.provide(MemoryDialer.layer(Peer.echo)))
  )
})

describe("stages of messages", () => {
  it.scoped("stages of messages send what is planned for each of them", () =>
    Effect.gen(function* () {
      const stages = stagesOf("0->100/s in 2s, 100/s for 1s, 0/s for 1s, 50/s for 1s")
      const load = plan(0, { scenario: echoing("a"), ramp: { _tag: "Once" }, clients: 4 })
      const report = yield* runFor(7, { ...load, rate: 50, rateStages: stages, duration: 5000 })
      assert.strictEqual(report.planned, 250)
      assert.approximately(report.sent, 250, 3)
      const sent = (second: number) => report.seconds.find((row) => row.second === second)?.sent ?? 0
      assert.approximately(sent(1), 25, 3)
      assert.approximately(sent(3), 100, 3)
      assert.approximately(sent(4), 0, 3)
      assert.approximately(sent(5), 50, 3)
    }).pipe(Effect.provide(MemoryDialer.layer(Peer.echo)))
  )
})
