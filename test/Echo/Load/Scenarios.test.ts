/** Several scenarios in one run, with servers on `ws`. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { createServer } from "node:https"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as LocalRun from "../../../src/Echo/Load/LocalRun.ts"
import * as WebSocketDialer from "../../../src/Echo/Load/WebSocketDialer.ts"
import type { LoadPlan } from "../../../src/Echo/Scenario/LoadPlan.ts"
import * as ScenarioFile from "../../../src/Echo/Scenario/ScenarioFile.ts"
import { turns } from "../../../src/Echo/Scenario/ScenarioSet.ts"
import { certificate } from "../../certificate.ts"
import * as Peer from "../Peer.ts"
import { plan } from "../plan.ts"
import * as WsServer from "../WsServer.ts"

const read = (text: string) =>
  Effect.gen(function* () {
    const folder = yield* Effect.acquireRelease(
      Effect.sync(() => mkdtempSync(join(tmpdir(), "echo-"))),
      (path) => Effect.sync(() => rmSync(path, { recursive: true }))
    )
    const file = join(folder, "all.yaml")
    writeFileSync(file, text)
    return yield* Effect.mapError(ScenarioFile.load(file), ({ message }) => message.replace(file, "all.yaml"))
  }).pipe(Effect.provide(NodeContext.layer))

const load = (text: string, changes: Partial<LoadPlan>) =>
  Effect.gen(function* () {
    const said = yield* read(text)
    const run = yield* LocalRun.make(plan(0, { ...said, ramp: { _tag: "Once" }, ...changes }))
    return yield* run.report
  }).pipe(Effect.provide(WebSocketDialer.layer))

const chat = `
variables: {greeting: hello}
scenarios:
  - name: reader
    weight: 3
    steps: [{send: "{{greeting}} {{client}}"}, {expect: {sent: true}}, {send: more}, {expect: more}]
  - name: writer
    variables: {word: "{{greeting}} all"}
    steps: [{send: "{{word}}"}, {expect: hello all}]
`

describe("several scenarios", () => {
  it.scopedLive("several scenarios are shared among the clients by weight, each with its own figures", () =>
    Effect.gen(function* () {
      const { url } = yield* WsServer.serve(Peer.echo)
      const report = yield* load(chat, { urls: [url], clients: 40 })
      assert.deepStrictEqual(report.failures, [])
      const { counts, times } = report.named
      const of = (name: string) =>
        ["started", "completed", "failed", "sent", "received"].map((what) => counts[`scenario.${name}.${what}`])
      assert.deepStrictEqual(of("reader"), [30, 30, 0, 60, 60])
      assert.deepStrictEqual(of("writer"), [10, 10, 0, 10, 10])
      assert.strictEqual(times["scenario.reader.rtt"]?.count, 60)
      assert.strictEqual(times["scenario.writer.rtt"]?.count, 10)
      assert.strictEqual(report.roundTrip.count, 70)
    })
  )

  it.scopedLive("several scenarios fail separately, and use their own servers", () =>
    Effect.gen(function* () {
      const { url } = yield* WsServer.serve(Peer.echo)
      const wrong = yield* WsServer.serve(Peer.wrong)
      const text = `
scenarios:
  - {name: right, connect: {url: "${url}"}, steps: [{send: a}, {expect: a}]}
  - {name: other, connect: {url: "${wrong.url}"}, steps: [{expect: Hello!}, {send: a}, {expect: 1. b}]}
`
      const report = yield* load(text, { urls: [url], clients: 6 })
      assert.strictEqual(report.named.counts["scenario.right.completed"], 3)
      assert.strictEqual(report.named.counts["scenario.other.failed"], 3)
      assert.strictEqual(report.failed, 3)
    })
  )

  it.scopedLive("several scenarios accept any certificate over HTTP only if their own tls says so", () =>
    Effect.gen(function* () {
      const { url } = yield* WsServer.serve(Peer.echo)
      const server = createServer(yield* certificate, (_, response) => response.end("ok"))
      const { port } = yield* WsServer.listen(server)
      const steps = `[{http: {url: "https://127.0.0.1:${port}/"}}, {send: a}, {expect: a}]`
      const text = `
scenarios:
  - {name: strict, steps: ${steps}}
  - {name: lax, connect: {tls: {insecure: true}}, steps: ${steps}}
`
      const report = yield* load(text, { urls: [url], clients: 4 })
      assert.strictEqual(report.named.counts["scenario.strict.failed"], 2)
      assert.strictEqual(report.named.counts["scenario.lax.completed"], 2)
      assert.strictEqual(report.failures[0]?.cause, "tls")
    })
  )

  it.scopedLive("several scenarios share a planned rate if their rounds send the same number of messages", () =>
    Effect.gen(function* () {
      const { url } = yield* WsServer.serve(Peer.echo)
      const round = (sends: string) => `[{repeat: {steps: [${sends}]}}]`
      const text = (second: string) => `
scenarios:
  - {name: a, steps: ${round("{send: a}, {expect: a}")}}
  - {name: b, steps: ${round(second)}}
`
      const paced = { urls: [url] as const, clients: 4, rate: 100, duration: 500 }
      const report = yield* load(text("{send: b}, {expect: b}"), paced)
      assert.strictEqual(report.planned, 50)
      // On a busy machine messages may be too late.
      assert.isAtLeast(report.paced, 1)
      assert.isAtMost(report.paced, 50)
      const { "scenario.a.sent": a = 0, "scenario.b.sent": b = 0 } = report.named.counts
      assert.strictEqual(a + b, report.sent)
      const refused = yield* Effect.flip(load(text("{send: b}, {send: b}, {expect: b}, {expect: b}"), paced))
      assert.include(String(refused), "--rate needs the same number of messages per round")
    })
  )

  const problems: ReadonlyArray<readonly [string, string]> = [
    [
      "scenarios:\n  - {name: a, steps: [{send: a}]}\n  - name: b\n    steps:\n      - send: '{{x}}'",
      "all.yaml:5: scenarios[2].steps[1].send: no step before this sets {{x}}"
    ],
    [
      "scenarios:\n  - {name: a, steps: [{send: a}]}\n  - {name: a, steps: [{send: a}]}",
      "two scenarios have the name a"
    ],
    [
      "connect: {tls: {ca: ca.pem}}\nscenarios:\n  - name: a\n    connect: {tls: {cert: c.pem}}\n    steps: [{send: a}]",
      "all.yaml:4: scenarios[1].connect: certificates are the same for the whole run: put them into connect.tls of the file"
    ],
    ["scenarios: []", "all.yaml:1: scenarios"],
    ["steps: [{send: a}]\nscenarios: [{name: a, steps: [{send: a}]}]", "all.yaml:1: steps"],
    ["scenarios: [{name: a, weight: 0, steps: [{send: a}]}]", "scenarios[1].weight"]
  ]
  it.scopedLive.each(problems)("several scenarios are refused with the line: %j", ([text, words]) =>
    Effect.map(Effect.flip(read(text)), (message) => assert.include(message, words))
  )

  it("several scenarios take turns as evenly as their weights allow", () => {
    assert.deepStrictEqual(turns([5, 1, 1]), [0, 0, 1, 0, 2, 0, 0])
    FastCheck.assert(
      FastCheck.property(FastCheck.array(FastCheck.integer({ min: 1, max: 20 }), { minLength: 1 }), (weights) => {
        const order = turns(weights)
        assert.deepStrictEqual(
          weights.map((_, index) => order.filter((chosen) => chosen === index).length),
          weights
        )
      })
    )
  })
})
