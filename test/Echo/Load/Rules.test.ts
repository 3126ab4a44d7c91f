/** What clients do beside their steps. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as LocalRun from "../../../src/Echo/Load/LocalRun.ts"
import * as ScenarioFile from "../../../src/Echo/Scenario/ScenarioFile.ts"
import type { Behaviour } from "../Peer.ts"
import { plan } from "../plan.ts"
import { VirtualClock } from "../VirtualClock.ts"
import * as MemoryDialer from "./MemoryDialer.ts"

const run = (behaviour: Behaviour, text: string) =>
  Effect.gen(function* () {
    const scenario = Either.getOrThrow(ScenarioFile.parse("s.yaml", text))
    const load = plan(0, { scenario, clients: 2, ramp: { _tag: "Once" } })
    const report = Effect.flatMap(LocalRun.make(load), (run) => run.report)
    return yield* report.pipe(Effect.provide(MemoryDialer.layer(behaviour)), new VirtualClock().run)
  })

/** Asks every 25 s, and drops a client that has not answered when it asks again. Answers other messages after a minute. */
const heartbeats: Behaviour = (peer) => {
  let answered = true
  const beat = () => {
    if (!answered) return peer.drop()
    answered = false
    peer.send("2")
    peer.timer.after(25_000, beat)
  }
  beat()
  peer.onMessage = (message) => {
    if (message === "3") answered = true
    else peer.timer.after(60_000, () => peer.send(`re: ${String(message)}`))
  }
}

describe("answers of many messages", () => {
  it.scopedLive("answers of many messages have the times until the first and the last one, and between two", () =>
    Effect.gen(function* () {
      // Answers after 300 ms, then each 20 ms, and ends after the sixth message. Heartbeats come in between.
      const model: Behaviour = (peer) => {
        peer.onMessage = () => {
          for (let n = 0; n < 6; n++) peer.timer.after(300 + 20 * n, () => peer.send(`{"token": "w${n}"}`))
          peer.timer.after(310, () => peer.send("beat"))
          peer.timer.after(500, () => peer.send('{"done": true}'))
        }
      }
      const stream = "{each: {json: {}}, end: {json: {done: true}}, timeout: 350ms}"
      const report = yield* run(
        model,
        `on: [{when: beat}]\nsteps: [{repeat: {times: 5, steps: [{send: ask}, {name: answer, stream: ${stream}}]}}]`
      )
      assert.deepStrictEqual(report.failures, [])
      const { "step.answer": last, "step.answer.first": first, "step.answer.gap": gap } = report.named.times
      assert.deepStrictEqual([first?.count, first?.min, first?.max], [10, 300, 300])
      assert.deepStrictEqual([last?.count, last?.min, last?.max], [10, 500, 500])
      assert.deepStrictEqual([gap?.count, gap?.min, gap?.max], [60, 20, 100])
      assert.deepStrictEqual([report.named.counts["step.answer.messages"], report.roundTrip.count], [70, 10])
      assert.deepStrictEqual([report.roundTrip.max, report.unanswered], [300, 0])
      const slow = yield* run(
        model,
        `on: [{when: beat}]\nsteps: [{send: ask}, {name: answer, stream: ${stream.replace("350", "250")}}]`
      )
      assert.strictEqual(slow.failures[0]?.cause, "timeout")
    })
  )
})

describe("rules beside the steps", () => {
  it.scopedLive(
    "rules beside the steps answer heartbeats at any time: while a step waits for a message, and while it waits for a time",
    () =>
      Effect.gen(function* () {
        const steps = "timeout: 90s\nsteps: [{send: a}, {expect: 're: a'}, {wait: 5m}, {send: b}, {expect: 're: b'}]"
        const report = yield* run(heartbeats, `on: [{when: "2", send: "3", name: beat}]\n${steps}`)
        assert.deepStrictEqual(report.failures, [])
        // At 0, 25, ..., 400 and 420 s is the end.
        assert.strictEqual(report.named.counts["on.beat"], 2 * 17)
        assert.deepStrictEqual([report.sent, report.roundTrip.count], [2 * (17 + 2), 4])
        assert.isAtLeast(report.roundTrip.min, 60_000)
        const without = yield* run(heartbeats, `unmatched: ignore\n${steps}`)
        assert.strictEqual(without.failures[0]?.cause, "early close")
      })
  )

  it.scopedLive("failures never show captured secrets, nor members of messages with names of secrets", () =>
    Effect.gen(function* () {
      const report = yield* run((peer) => {
        peer.send('{"session":{"accessToken":"s3cr3t-of-reply"},"token":"t0ken-captured"}')
        peer.onMessage = (message) => peer.send(`no: ${String(message)}, {"password": "pa55word", "user": "ann"}`)
      }, `steps: [{expect: {any: true, capture: {token: $.token}}}, {send: "I am {{token}}"}, {expect: "{{token}} is right"}]`)
      const detail = report.failures[0]?.examples[0]?.detail ?? ""
      assert.strictEqual(
        detail,
        'expected "*** is right", got "no: I am ***, {\\"password\\": \\"***\\", \\"user\\": \\"ann\\"}"'
      )
      const early = yield* run((peer) => peer.send('{"accessToken":"s3cr3t-of-reply"}'), "steps: [{expect: hello}]")
      assert.notInclude(JSON.stringify(early.failures), "s3cr3t")
    })
  )

  it.scopedLive("rules beside the steps send at fixed times, from the opening of a connection to its end", () =>
    Effect.gen(function* () {
      const heard: Array<string> = []
      const report = yield* run((peer) => {
        peer.onMessage = (message) => heard.push(String(message))
      }, 'every: {10s: [tick, {json: {n: "{{n}}"}}], 1m: tock}\nvariables: {n: 7}\nsteps: [{wait: 65s}]')
      assert.deepStrictEqual(report.failures, [])
      const counts = ["tick", '{"n":"7"}', "tock"].map((text) => heard.filter((each) => each === text).length)
      assert.deepStrictEqual(counts, [12, 12, 2])
      assert.strictEqual(heard.length, report.sent)
    })
  )

  it.scopedLive(
    "rules beside the steps count a feed by kind, and find what is missing in its sequence or out of order",
    () =>
      Effect.gen(function* () {
        const AGE = 1_000_000
        const feed: Behaviour = (peer) => {
          for (const seq of [1, 2, 3, 6, 5, 7]) peer.send(JSON.stringify({ type: "trade", seq, at: Date.now() - AGE }))
          peer.send('{"type":"quote"}')
          peer.send("end")
        }
        const rules = `on:
  - {when: {json: {type: trade}, stamp: $.at}, name: trade, sequence: $.seq}
  - {when: {json: {type: quote}}, name: quote, pass: true}`
        const report = yield* run(feed, `${rules}\nsteps: [{expect: {json: {type: quote}}}, {expect: end}]`)
        assert.deepStrictEqual(report.failures, [])
        const { counts, times } = report.named
        const of = (name: string) => (counts[name] ?? 0) / 2
        assert.deepStrictEqual([of("on.trade"), of("on.quote")], [6, 1])
        assert.deepStrictEqual([of("on.trade.missing"), of("on.trade.disorder")], [2, 1])
        assert.strictEqual(times["on.trade.delivery"]?.count, 12)
        // The stamps are of the real clock, while the run has a virtual one, which can be some seconds ahead.
        assert.approximately(times["on.trade.delivery"]?.min ?? 0, AGE, AGE / 20)
      })
  )

  it.scopedLive(
    "rules beside the steps capture values for the steps, and end a conversation whose values they can't use",
    () =>
      Effect.gen(function* () {
        const echo: Behaviour = (peer) => {
          peer.send("token 9")
          peer.onMessage = (message) => peer.send(message)
        }
        const rule = 'on: [{when: {pattern: "^token", capture: {t: {pattern: "(\\\\d+)"}}}, send: "{{u}}"}]'
        const none = yield* run(echo, `${rule}\nsteps: [{wait: 1s}, {set: {u: 1}}]`)
        assert.strictEqual(none.failures[0]?.cause, "scenario")
        const steps = 'steps: [{expect: "1"}, {send: "got {{t}}"}, {expect: "got 9"}]'
        const report = yield* run(echo, `variables: {u: 1}\n${rule}\n${steps}`)
        assert.deepStrictEqual(report.failures, [])
      })
  )

  it("rules beside the steps are refused with their line if they can't work", () => {
    const problem = (text: string) => Either.getOrThrow(Either.flip(ScenarioFile.parse("s.yaml", text)))
    const steps = "steps:\n  - wait: 1s\n"
    assert.include(problem(`${steps}on:\n  - {when: a, send: "{{x}}"}`), "s.yaml:4: on[1].send: no step before this")
    assert.include(problem(`${steps}on:\n  - {when: {json: 1, exact: a}}`), "exactly one of exact, pattern")
    assert.include(problem(`${steps}every:\n  fast: x`), "s.yaml:4: every.fast: expected a time of at least 10ms")
    assert.include(problem(`${steps}on:\n  - {when: a, sequence: $.n}`), "sequence needs a name")
  })
})
