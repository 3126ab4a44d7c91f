import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { bundled } from "../../../scripts/bundled.ts"
import * as EchoWorkers from "../../../src/Cli/Echo/EchoWorkers.ts"
import type { Entry } from "../../../src/Cli/OwnProcess.ts"
import * as Coordinator from "../../../src/Echo/Load/Coordinator.ts"
import type { ToWorker } from "../../../src/Echo/Load/WorkerMessage.ts"
import * as Report from "../../../src/Echo/Measure/Report.ts"
import { echoing } from "../../../src/Echo/Scenario/Scenario.ts"
import { plan } from "../../Echo/plan.ts"

const entry: Entry = {
  module: bundled("test/Cli/Echo/workerEntry.ts"),
  args: [],
  execArgv: []
}

describe("several processes", () => {
  it.scopedLive("several processes share the clients of one plan, and give one report", () =>
    Effect.gen(function* () {
      const run = yield* EchoWorkers.make(plan(300, { clients: 31 }), 3, entry)
      const report = yield* run.report
      assert.deepStrictEqual(report.failures, [])
      const { clients, completed, peak, received, sent } = report
      assert.deepStrictEqual(
        { clients, completed, sent, received },
        { clients: 31, completed: 31, sent: 93, received: 155 }
      )
      assert.isAtLeast(peak, 1)
      assert.isAtMost(peak, 31)
      assert.strictEqual(report.roundTrip.count, 93)
      assert.strictEqual(
        report.seconds.reduce((sum, second) => sum + second.received, 0),
        155
      )
    })
  )

  it.scopedLive("several processes begin a planned rate together", () =>
    Effect.gen(function* () {
      const run = yield* EchoWorkers.make(
        plan(0, {
          clients: 4,
          urls: ["ws://localhost/echo"],
          scenario: echoing("{{client}}/{{round}}"),
          ramp: { _tag: "Steps", size: 3, every: 300 },
          rate: 200,
          duration: 1000
        }),
        2,
        entry
      )
      const report = yield* run.report
      assert.strictEqual(report.completed, 4)
      assert.approximately(report.planned ?? 0, 200, 3)
      // A process that has to wait for a busy machine leaves messages unsent.
      assert.isAtLeast(report.sent, 1)
      assert.isAtMost(report.sent, 212)
      assert.strictEqual(report.uncorrected.count, report.received)
    })
  )

  it.scopedLive("several processes know that clients were connected in a run that is too short for a snapshot", () =>
    Effect.gen(function* () {
      const run = yield* Coordinator.lead(plan(0), 2, (_, index, hear) =>
        Effect.sync(() => {
          hear({ _tag: "Ready" })
          const post = ({ _tag }: ToWorker) => {
            if (_tag === "Start") hear({ _tag: "Done", report: { ...Report.emptyReport, peak: 3 + index } })
          }
          return { name: `process ${index + 1}`, post, kill: () => {} }
        })
      )
      assert.strictEqual((yield* run.report).peak, 4)
    })
  )

  it.scopedLive("several processes report one that dies, with its last progress", () =>
    Effect.gen(function* () {
      const run = yield* EchoWorkers.make(
        plan(300, { clients: 10, ramp: { _tag: "Once" }, urls: ["ws://localhost/", "ws://localhost/dies"] }),
        2,
        entry
      )
      const report = yield* run.report
      assert.strictEqual(report.completed, 5)
      assert.strictEqual(report.lostProcesses.length, 1)
      assert.match(report.lostProcesses[0] ?? "", /^process 2 of 2 died \(SIGKILL\): 5 of its 5 clients/)
      assert.strictEqual(report.cut, 5)
      assert.strictEqual(report.clients, 10)
    })
  )

  it.scopedLive("several processes stop if they are told so before the start", () =>
    Effect.gen(function* () {
      const run = yield* EchoWorkers.make(plan(1000), 2, entry)
      yield* run.stop
      const report = yield* run.report
      assert.strictEqual(report.notStarted, 5)
      assert.deepStrictEqual(report.lostProcesses, [])
    })
  )
})
