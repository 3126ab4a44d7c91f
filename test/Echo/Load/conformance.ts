import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import type { Dialer } from "../../../src/Echo/Load/Dialer.ts"
import * as LocalRun from "../../../src/Echo/Load/LocalRun.ts"
import type { Report } from "../../../src/Echo/Measure/Report.ts"
import type { LoadPlan } from "../../../src/Echo/Scenario/LoadPlan.ts"
import type { Scenario } from "../../../src/Echo/Scenario/Scenario.ts"
import * as Peer from "../Peer.ts"
import { plan } from "../plan.ts"

/** A transport for conversations: a server with a behaviour for every connection, and a dialer that reaches it. */
export interface Transport {
  readonly dialer: Layer.Layer<Dialer>
  readonly url: string
}

const DELAY = 20

const causes: ReadonlyArray<readonly [what: string, Peer.Behaviour, cause: string, kind: string, detail: string]> = [
  ["a wrong reply", Peer.wrong, "wrong reply", "at step 7", 'expected "2. Eggs!", got "2. Ham!"'],
  ["no reply", Peer.silent, "timeout", "no reply at step 1 within 2.00 s", 'expected "Hello!"'],
  ["an early close", Peer.leaves, "early close", "the server closed with 1011", '"out of order", expected "1. Spam?"'],
  ["a lost connection", Peer.drops, "early close", "the connection was lost", 'expected "1. Spam?"'],
  ["a message too many", Peer.talks, "unexpected message", "after the last step", '"And another thing"']
]

const rich: Scenario = {
  name: "rich",
  connect: { headers: {}, subprotocols: [] },
  data: {},
  variables: {},
  unmatched: "ignore",
  steps: [
    { send: { json: { client: "{{client}}", list: [1, 2] } } },
    { expect: { json: { client: "{{client}}" } } },
    { repeat: { times: 3, steps: [{ send: "{{client}}/{{round}}" }, { expect: { pattern: "^\\d+/\\d+$" } }] } },
    { send: { binary: "AAH/" } },
    { expect: { binary: "AAH/" } },
    { send: { file: "greeting" } },
    { expect: "hällo" },
    { wait: { min: 1, max: 5 } },
    { close: { code: 4001, reason: "enough" } }
  ]
}

/** The tests that every transport must pass. */
export const suite = (
  name: string,
  make: (behaviour: Peer.Behaviour) => Effect.Effect<Transport, never, Scope.Scope>
): void => {
  const run = (
    behaviour: Peer.Behaviour,
    changes: Partial<LoadPlan> = {}
  ): Effect.Effect<Report, unknown, Scope.Scope> =>
    Effect.gen(function* () {
      const { dialer, url } = yield* make(behaviour)
      const load = plan(DELAY, { urls: [url], ...changes })
      const report = Effect.flatMap(LocalRun.make(load), (run) => run.report)
      return yield* Effect.provide(report, dialer)
    })

  describe(`conversations over ${name}`, () => {
    it.scopedLive("are held and timed", () =>
      Effect.gen(function* () {
        const report = yield* run(Peer.original, { clients: 50 })
        assert.deepStrictEqual(report.failures, [])
        const { completed, received, sent } = report
        assert.deepStrictEqual({ completed, sent, received }, { completed: 50, sent: 150, received: 250 })
        assert.strictEqual(report.roundTrip.count, 150)
        assert.strictEqual(report.handshake.count, 50)
        assert.isAbove(report.roundTrip.min, 0)
      })
    )

    for (const [what, behaviour, cause, kind, detail] of causes) {
      it.scopedLive(`fail by ${what}, told with what was expected`, () =>
        Effect.gen(function* () {
          const report = yield* run(behaviour, cause === "timeout" ? { timeout: 2000 } : {})
          assert.strictEqual(report.failed, 5)
          const [group, ...others] = report.failures
          assert.deepStrictEqual(others, [])
          assert.strictEqual(group?.cause, cause)
          assert.include(group?.kind, kind)
          assert.strictEqual(group?.count, 5)
          assert.strictEqual(group?.examples.length, 3)
          assert.include(group?.examples[0]?.detail, detail)
          assert.strictEqual(report.started, report.completed + report.failed + report.cut)
        })
      )
    }

    it.scopedLive("send and check every kind of message", () =>
      Effect.gen(function* () {
        const files = { "auto greeting": { text: "hällo" } }
        const report = yield* run(Peer.echo, { scenario: rich, files })
        assert.deepStrictEqual(report.failures, [])
        assert.strictEqual(report.completed, 5)
        assert.strictEqual(report.sent, 30)
      })
    )

    it.scopedLive("start again until the duration is over", () =>
      Effect.gen(function* () {
        const report = yield* run(Peer.original, { duration: 3000, ramp: { _tag: "Once" } })
        assert.deepStrictEqual(report.failures, [])
        // More than one for each client.
        assert.isAbove(report.completed, 5)
        assert.isAtMost(report.peak, 5)
        assert.strictEqual(report.started, report.completed)
      })
    )
  })
}
