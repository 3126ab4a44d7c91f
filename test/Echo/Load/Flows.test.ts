/** Branches and expectations of a client, with a server on `ws`. */
import { createServer } from "node:http"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { type WebSocket, WebSocketServer } from "ws"
import * as LocalRun from "../../../src/Echo/Load/LocalRun.ts"
import * as WebSocketDialer from "../../../src/Echo/Load/WebSocketDialer.ts"
import type { LoadPlan } from "../../../src/Echo/Scenario/LoadPlan.ts"
import * as ScenarioFile from "../../../src/Echo/Scenario/ScenarioFile.ts"
import { plan } from "../plan.ts"
import * as WsServer from "../WsServer.ts"

const CLIENTS = 4

/** The answers of a server to a message. */
type Answers = (message: string, say: (text: string) => void, all: ReadonlySet<WebSocket>, socket: WebSocket) => void

const serve = (answers: Answers, options: { readonly autoPong?: boolean } = {}) =>
  Effect.gen(function* () {
    const http = createServer()
    const heard: Array<string> = []
    const wss = new WebSocketServer({ server: http, ...options })
    wss.on("connection", (socket) => {
      socket.on("error", () => {})
      socket.on("message", (data: Buffer) => {
        heard.push(data.toString())
        answers(data.toString(), (text) => socket.send(text), wss.clients, socket)
      })
    })
    const { port } = yield* WsServer.listen(http)
    return { urls: [`ws://127.0.0.1:${port}/`] as LoadPlan["urls"], heard }
  })

const load = (urls: LoadPlan["urls"], steps: string, changes: Partial<LoadPlan> = {}) =>
  Effect.gen(function* () {
    const scenario = yield* ScenarioFile.parse("s.yaml", `steps: ${steps}`)
    const run = yield* LocalRun.make(plan(0, { scenario, urls, clients: CLIENTS, ramp: { _tag: "Once" }, ...changes }))
    return yield* run.report
  }).pipe(Effect.provide(WebSocketDialer.layer))

/** Answers a message with each of its words. */
const words: Answers = (message, say) => message.split(" ").forEach(say)

describe("expectations", () => {
  it.scopedLive("expectations accept several messages in any order, each once", () =>
    Effect.gen(function* () {
      const { urls } = yield* serve(words)
      const all = '{anyOrder: [a, {pattern: "^b", capture: {b: {pattern: "b(.)"}}}, a]}'
      const right = yield* load(urls, `[{send: "b7 a a"}, {expect: ${all}}, {send: "{{b}}"}, {expect: "7"}]`)
      assert.deepStrictEqual(right.failures, [])
      const twice = yield* load(urls, `[{send: "b1 a b2 a"}, {expect: ${all}}]`)
      assert.strictEqual(twice.failures[0]?.kind, "at step 2")
      assert.include(twice.failures[0]?.examples[0]?.detail, 'expected each of "a", text matching /^b/, "a", got "b2"')
      const late = yield* load(urls, `[{send: "b1 a"}, {expect: {anyOrder: [a, a, {pattern: b}], timeout: 2s}}]`)
      assert.strictEqual(late.failures[0]?.cause, "timeout")
      assert.include(late.failures[0]?.examples[0]?.detail, ", 2 came")
    })
  )

  it.scopedLive("expectations skip what comes before the message of an `until`, and only there", () =>
    Effect.gen(function* () {
      const { urls } = yield* serve(words)
      const until = "{until: {json: {id: 7}, capture: {x: $.x}}}"
      const report = yield* load(urls, `[{send: 'a {"id":6} {"id":7,"x":1} end'}, ${until}, {expect: end}]`)
      assert.deepStrictEqual(report.failures, [])
      const strict = yield* load(urls, `[{send: "a b c"}, {until: b}, {expect: d}]`)
      assert.include(strict.failures[0]?.examples[0]?.detail, 'expected "d", got "c"')
      const never = yield* load(urls, `[{send: "a b c"}, {until: {exact: d, timeout: 2s}}]`)
      assert.strictEqual(never.failures[0]?.kind, "no reply at step 2 within 2.00 s")
    })
  )

  it.scopedLive("expectations count messages, within a time for all of them", () =>
    Effect.gen(function* () {
      const { urls } = yield* serve((message, say) => {
        for (let n = 0; n < Number(message); n++) say("tick")
      })
      const right = yield* load(urls, `[{send: "100"}, {name: ticks, expect: {exact: tick, count: 100, timeout: 60s}}]`)
      assert.deepStrictEqual(right.failures, [])
      assert.strictEqual(right.received, 100 * CLIENTS)
      assert.strictEqual(right.named.times["step.ticks"]?.count, CLIENTS)
      const few = yield* load(urls, `[{send: "99"}, {expect: {exact: tick, count: 100, timeout: 2s}}]`)
      assert.strictEqual(few.failures[0]?.examples[0]?.detail.includes('expected 100 times "tick", 99 came'), true)
    })
  )
})

describe("branches", () => {
  it.scopedLive("branches depend on a message or on a value", () =>
    Effect.gen(function* () {
      const { heard, urls } = yield* serve((message, say) => {
        if (message.startsWith("join"))
          say(Number(message.slice(5)) % 2 === 0 ? '{"type":"even"}' : '{"type":"odd","n":9}')
        else say(message)
      })
      const report = yield* load(
        urls,
        `
- send: "join {{client}}"
- switch:
    cases:
      - {expect: {json: {type: even}}, steps: [{send: "even {{client}}"}, {expect: {pattern: even}}, {set: {kind: even}}]}
      - {expect: {json: {type: odd}, capture: {n: $.n}}, steps: [{send: "odd {{n}}"}, {expect: odd 9}, {set: {kind: odd}}]}
- if: {value: "{{kind}}", equals: even, steps: [{send: "so even"}, {expect: {sent: true}}], else: [{send: "so odd"}, {expect: {sent: true}}]}
- if: {value: "{{client}}", above: 3, steps: [{close: 4003}]}
- send: "last {{client}}"
- expect: {sent: true}
`
      )
      assert.deepStrictEqual(report.failures, [])
      assert.strictEqual(report.completed, CLIENTS)
      assert.deepStrictEqual(heard.filter((text) => !text.startsWith("join")).toSorted(), [
        ...["even 2", "even 4", "last 1", "last 2", "last 3"],
        ...["odd 9", "odd 9", "so even", "so even", "so odd", "so odd"]
      ])
    })
  )

  it.scopedLive("branches fail if a message matches no case", () =>
    Effect.gen(function* () {
      const { urls } = yield* serve(words)
      const cases = "[{expect: yes, steps: [{wait: 0}]}, {expect: no, steps: [{wait: 0}]}]"
      const report = yield* load(urls, `[{send: maybe}, {switch: {cases: ${cases}}}]`)
      assert.include(report.failures[0]?.examples[0]?.detail, 'expected one of "yes", "no", got "maybe"')
      const late = yield* load(urls, `[{switch: {timeout: 100ms, cases: ${cases}}}]`)
      assert.strictEqual(late.failures[0]?.kind, "no reply at step 1 within 100 ms")
      const number = yield* load(urls, `[{if: {value: "a{{client}}", below: 3, steps: [{wait: 0}]}}]`)
      assert.strictEqual(number.failures[0]?.cause, "scenario")
    })
  )

  it("branches are refused if a value is not set on every path, or if a rate can't be planned", () => {
    const problem = (text: string) => {
      const parsed = ScenarioFile.parse("s.yaml", text)
      if (parsed._tag === "Left") return parsed.left
      const compiled = LocalRun.compile(plan(0, { scenario: parsed.right, rate: 10, duration: 1000 }))
      return compiled._tag === "Left" ? compiled.left.message : ""
    }
    const set = '{if: {value: "{{client}}", equals: 1, steps: [{set: {a: 1}}]ELSE}}, {send: "{{a}}"}'
    assert.include(problem(`steps: [${set.replace("ELSE", "")}]`), "no step before this sets {{a}}")
    assert.notInclude(problem(`steps: [${set.replace("ELSE", ", else: [{set: {a: 2}}]")}]`), "no step before")
    assert.include(problem('steps: [{if: {value: "1", steps: [{wait: 1}]}}]'), "exactly one of equals, pattern, above")
    assert.include(
      problem('steps: [{repeat: {steps: [{if: {value: "1", equals: 1, steps: [{send: a}]}}]}}]'),
      "--rate needs the same number of messages in every round"
    )
    assert.include(problem("steps: [{expect: {closed: 1000, count: 3}}]"), "count, capture and stamp need a message")
  })
})

describe("times", () => {
  it.scopedLive("times of a message from its sender to all receivers", () =>
    Effect.gen(function* () {
      let greeted = 0
      // A timer counts from the start of the turn in which it was made, so only the server's own clock says how long it waited.
      let shortest = Number.POSITIVE_INFINITY
      const { urls } = yield* serve((message, _say, all) => {
        const toAll = (text: string) => all.forEach((one) => one.send(text))
        // When all clients are there, they may begin.
        if (message === "in") ++greeted === CLIENTS && toAll("go")
        else {
          const received = performance.now()
          setTimeout(() => {
            shortest = Math.min(shortest, performance.now() - received)
            toAll(message)
          }, 50)
        }
      })
      // Every client receives the messages of all clients.
      const message = `{send: {json: {at: "{{$stamp}}"}}}, {expect: {json: {}, stamp: $.at, count: ${CLIENTS}}}`
      const steps = `[{send: in}, {expect: go}, ${message}]`
      const report = yield* load(urls, steps)
      assert.deepStrictEqual(report.failures, [])
      const { delivery } = report.named.times
      assert.strictEqual(delivery?.count, CLIENTS * CLIENTS)
      // A stamp has thousandths of a millisecond, and a time is kept to a thousandth of itself.
      assert.isAtLeast(delivery?.min ?? 0, 0.99 * shortest)
      const none = yield* load(urls, '[{send: a}, {expect: {any: true, stamp: {pattern: "."}}}]', { clients: 1 })
      assert.include(none.failures[0]?.examples[0]?.detail, "found no value of {{$stamp}}")
    })
  )

  it.scopedLive("times of pings, which fail without a pong", () =>
    Effect.gen(function* () {
      const { urls } = yield* serve(words)
      const report = yield* load(
        urls,
        "[{repeat: {times: 3, steps: [{ping: true}]}}, {send: a}, {ping: true}, {expect: a}]"
      )
      assert.deepStrictEqual(report.failures, [])
      assert.strictEqual(report.named.times["ping"]?.count, 4 * CLIENTS)
      const deaf = yield* serve(words, { autoPong: false })
      const late = yield* load(deaf.urls, "[{ping: {timeout: 100ms}}]")
      assert.strictEqual(late.failures[0]?.kind, "no pong at step 1 within 100 ms")
      assert.strictEqual(late.failures[0]?.count, CLIENTS)
    })
  )

  it.scopedLive("times of steps with names, also of several together", () =>
    Effect.gen(function* () {
      const { urls } = yield* serve(words)
      const steps = "[{name: both, repeat: {times: 1, steps: [{send: a}, {name: a, expect: a}, {wait: 50ms}]}}]"
      const report = yield* load(urls, steps)
      const { "step.a": one, "step.both": both } = report.named.times
      assert.deepStrictEqual([one?.count, both?.count], [CLIENTS, CLIENTS])
      assert.isAtLeast(both?.min ?? 0, 49)
      assert.strictEqual(one?.max, report.roundTrip.max)
    })
  )
})
