import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/TestClock"
import * as LocalRun from "../../../src/Echo/Load/LocalRun.ts"
import { SendPlan } from "../../../src/Echo/Load/SendPlan.ts"
import { echoing } from "../../../src/Echo/Scenario/Scenario.ts"
import * as Stages from "../../../src/Echo/Scenario/Stages.ts"
import * as Peer from "../Peer.ts"
import { plan } from "../plan.ts"
import * as MemoryDialer from "./MemoryDialer.ts"

const paced = (rate: number, duration: number, clients: number) =>
  plan(0, { scenario: echoing("{{client}} {{round}}"), ramp: { _tag: "Once" }, rate, duration, clients })

describe("SendPlan", () => {
  it.prop(
    "SendPlan plans the messages of all clients evenly, one each 1000 / rate ms",
    [
      FastCheck.integer({ min: 1, max: 50 }),
      FastCheck.integer({ min: 1, max: 5000 }),
      FastCheck.integer({ min: 1, max: 4 })
    ],
    ([clients, rate, sends]) => {
      const sendPlan = new SendPlan({ stages: Stages.constant(rate), sends, clients })
      sendPlan.begin(1000)
      const times = Array.from({ length: clients * 3 }, (_, i) => sendPlan.next((i % clients) + 1)).toSorted(
        (a, b) => a - b
      )
      for (const [index, time] of times.entries()) assert.closeTo(time, 1000 + (index * sends * 1000) / rate, 1e-6)
      const numbers = Array.from({ length: clients }, (_, i) => i + 1)
      const end = 1000 + (10.5 * sends * 1000) / rate
      assert.strictEqual(sendPlan.roundsUntil(end, numbers), 11)
    }
  )

  it("SendPlan knows no time before it begins", () => {
    const sendPlan = new SendPlan({ stages: Stages.constant(1), sends: 1, clients: 1 })
    assert.isNaN(sendPlan.next(1))
    sendPlan.begin(5)
    assert.strictEqual(sendPlan.next(1), 5)
  })
})

describe("an open model", () => {
  it.scoped("an open model sends the planned messages while the server answers", () =>
    Effect.gen(function* () {
      const run = yield* LocalRun.make(paced(100, 2000, 4))
      const fiber = yield* Effect.fork(run.report)
      yield* TestClock.adjust("3 seconds")
      const report = yield* Fiber.join(fiber)
      assert.strictEqual(report.completed, 4)
      assert.strictEqual(report.planned, 200)
      assert.approximately(report.sent, 200, 2)
      assert.strictEqual(report.received, report.sent)
    }).pipe(Effect.provide(MemoryDialer.layer(Peer.echo)))
  )

  it.scoped("an open model shows a stall of the server in the corrected p99, and not in the uncorrected one", () =>
    Effect.gen(function* () {
      const run = yield* LocalRun.make(paced(400, 5000, 4))
      const fiber = yield* Effect.fork(run.report)
      yield* TestClock.adjust("10 seconds")
      const report = yield* Fiber.join(fiber)
      assert.deepStrictEqual(report.failures, [])
      assert.isAbove(report.roundTrip.quantile(0.99), 1500)
      assert.isBelow(report.uncorrected.quantile(0.99), 100)
      assert.approximately(report.uncorrected.max, 2000, 20)
    }).pipe(Effect.provide(MemoryDialer.layer(Peer.stalling(1000, 2000))))
  )
})
