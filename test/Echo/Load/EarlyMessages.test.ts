/** What a client keeps while no step takes messages. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { EarlyBudget, EarlyMessages } from "../../../src/Echo/Load/EarlyMessages.ts"
import * as LocalRun from "../../../src/Echo/Load/LocalRun.ts"
import * as ScenarioFile from "../../../src/Echo/Scenario/ScenarioFile.ts"
import { plan } from "../plan.ts"
import { VirtualClock } from "../VirtualClock.ts"
import * as MemoryDialer from "./MemoryDialer.ts"

const MESSAGES = 6000

/** A server that sends 6 MB and then `last` when it is asked, while the client waits. */
const run = (text: string) =>
  Effect.gen(function* () {
    const scenario = Either.getOrThrow(ScenarioFile.parse("s.yaml", text))
    const load = plan(0, { scenario, clients: 1, ramp: { _tag: "Once" } })
    const dialer = MemoryDialer.layer((peer) => {
      peer.onMessage = () => {
        for (let sent = 0; sent < MESSAGES; sent++) peer.send("x".repeat(1000))
        peer.send("last")
      }
    })
    const report = Effect.flatMap(LocalRun.make(load), (run) => run.report)
    return yield* report.pipe(new VirtualClock().run, Effect.provide(dialer))
  })

const waiting = (unmatched: string, expect: string) =>
  `unmatched: ${unmatched}\nvariables: {word: last}\nsteps: [{send: go}, {wait: 1s}, {expect: "${expect}"}]`

describe("messages that come while no step takes them", () => {
  it.scopedLive("messages that come while no step takes them are not kept if no step can match them", () =>
    Effect.gen(function* () {
      const report = yield* run(waiting("ignore", "last"))
      assert.deepStrictEqual(report.failures, [])
      assert.strictEqual(report.received, MESSAGES + 1)
      assert.strictEqual(report.named.counts["discarded"], 0)
    })
  )

  it.scopedLive(
    "messages that come while no step takes them are kept up to 4 MiB, the newest, and those that are not are counted",
    () =>
      Effect.gen(function* () {
        const report = yield* run(waiting("ignore", "{{word}}"))
        assert.deepStrictEqual(report.failures, [])
        const kept = Math.ceil((4 << 20) / 1100)
        assert.approximately(report.named.counts["discarded"] ?? 0, MESSAGES + 1 - kept, 2)
      })
  )

  it.scopedLive("messages that come while no step takes them fail a conversation that must check each of them", () =>
    Effect.gen(function* () {
      const report = yield* run(waiting("fail", "last"))
      assert.strictEqual(report.failures[0]?.cause, "unexpected message")
      assert.strictEqual(report.failures[0]?.kind, "more messages came than a client keeps while no step takes them")
    })
  )

  it("messages that come while no step takes them share the memory of a process, and give it back", () => {
    const budget = new EarlyBudget()
    const arrived = { message: "x".repeat(900), at: 0, sends: 0 }
    const [one, two] = [new EarlyMessages(budget), new EarlyMessages(budget)]
    one.add(arrived)
    two.add(arrived)
    assert.strictEqual(budget.used, 2000)
    budget.used += 256 << 20
    assert.isTrue(one.isFull)
    assert.isFalse(new EarlyMessages(budget).isFull)
    budget.used -= 256 << 20
    assert.isFalse(one.isFull)
    assert.strictEqual(
      one.takeFirst(({ message }) => message !== ""),
      arrived
    )
    two.clear()
    assert.strictEqual(budget.used, 0)
  })
})
