import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { createServer } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as TestClock from "effect/TestClock"
import * as LocalRun from "../../../src/Echo/Load/LocalRun.ts"
import * as WebSocketDialer from "../../../src/Echo/Load/WebSocketDialer.ts"
import type { LoadPlan } from "../../../src/Echo/Scenario/LoadPlan.ts"
import * as Stages from "../../../src/Echo/Scenario/Stages.ts"
import type { Step } from "../../../src/Echo/Scenario/Step.ts"
import { eventually } from "../../eventually.ts"
import * as Peer from "../Peer.ts"
import { plan } from "../plan.ts"
import * as WsServer from "../WsServer.ts"
import * as MemoryDialer from "./MemoryDialer.ts"

type K6 = Omit<NonNullable<Step["k6"]>, "file">

/** A directory with a script as `it.js`. */
const directoryOf = (script: string) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const path = mkdtempSync(join(tmpdir(), "k6-"))
      writeFileSync(join(path, "it.js"), script)
      return path
    }),
    (path) => Effect.sync(() => rmSync(path, { recursive: true }))
  )

/** Runs a script, whose `URL` is that of the server, with two clients. */
const play = (script: string, behaviour: Peer.Behaviour, step: K6 = {}, changes: Partial<LoadPlan> = {}) =>
  Effect.gen(function* () {
    const { url } = yield* WsServer.serve(behaviour)
    const directory = yield* directoryOf(script.replaceAll("URL", `'${url}'`))
    const steps: ReadonlyArray<Step> = [{ k6: { file: "it.js", ...step } }]
    const given = plan(0, { clients: 2, ramp: { _tag: "Once" }, directory, ...changes })
    const run = yield* LocalRun.make({ ...given, scenario: { ...given.scenario, steps } })
    const report = yield* run.report
    const { counts, times } = report.named
    return { report, counts, times }
  }).pipe(Effect.provide(WebSocketDialer.layer))

/** Echoes, and counts what came. */
const counting = () => {
  const came: Array<string> = []
  const behaviour: Peer.Behaviour = (peer) => {
    peer.onMessage = (message) => {
      came.push(String(message))
      peer.send(message)
    }
  }
  return { behaviour, came }
}

describe("k6 scripts", () => {
  it.scopedLive("k6/ws blocks until the socket is closed, and what a handler waits for holds up the next event", () =>
    Effect.gen(function* () {
      const { behaviour, came } = counting()
      const { counts, report, times } = yield* play(
        `import ws from 'k6/ws'
import { check, sleep, group } from 'k6'
import { Trend, Counter, Rate } from 'k6/metrics'
const trend = new Trend('time'), counter = new Counter('n'), rate = new Rate('bad')
function pause() { sleep(0.01) }
export default function () {
  const order = []
  group('first', () => { [1, 2].forEach((i) => { pause(); order.push(i) }) })
  const answer = ws.connect(URL, { headers: { a: 'b' } }, (socket) => {
    socket.on('open', () => { socket.send('a' + __VU); socket.send('b' + __VU) })
    socket.on('message', (text) => {
      order.push('>' + text[0])
      pause()
      order.push('<' + text[0])
      trend.add(5); counter.add(2); rate.add(text[0] === 'b')
      if (text[0] === 'b') socket.close()
    })
    socket.on('close', () => order.push('close'))
  })
  order.push('after')
  check(answer, { opened: (r) => r.status === 101 })
  check(order.join(), { order: (o) => o === '1,2,>a,<a,>b,<b,close,after' })
}`,
        behaviour,
        { metrics: { time: "trend", n: "counter", bad: "rate" } }
      )
      assert.deepStrictEqual(report.failures, [])
      assert.deepStrictEqual([report.completed, report.sent, report.received], [2, 4, 4])
      assert.deepStrictEqual(came.toSorted(), ["a1", "a2", "b1", "b2"])
      assert.deepInclude(counts, {
        "k6.checks.true": 4,
        "k6.checks.false": 0,
        "k6.check.order.true": 2,
        "k6.n": 8,
        "k6.bad.true": 2,
        "k6.bad.false": 2,
        "k6.ws_sessions": 2
      })
      assert.strictEqual(times["k6.time"]?.count, 4)
      assert.strictEqual(times["k6.ws_connecting"]?.count, 2)
      assert.strictEqual(times["k6.ws_session_duration"]?.count, 2)
    })
  )

  it.scopedLive("each client has its own variables of a k6 script, which last from one iteration to the next", () =>
    Effect.gen(function* () {
      const { behaviour, came } = counting()
      const { counts, report } = yield* play(
        `import { WebSocket } from 'k6/websockets'
import { check } from 'k6'
let begun = 0
export function chat() {
  begun++
  const sockets = ['x', 'y'].map((name) => {
    const socket = new WebSocket(URL)
    socket.binaryType = 'arraybuffer'
    socket.onopen = () => socket.send(new Uint8Array([begun, __VU, __ITER]))
    socket.addEventListener('message', (event) => {
      check(new Uint8Array(event.data), { own: (b) => b[0] === begun && b[1] === __VU && b[2] === __ITER })
      setTimeout(() => socket.close(), 1)
    })
    return socket
  })
  check(sockets, { connecting: (all) => all.every((one) => one.readyState === 0) })
}`,
        behaviour,
        { function: "chat", iterations: 3 }
      )
      assert.deepStrictEqual(report.failures, [])
      assert.strictEqual(came.length, 2 * 2 * 3)
      assert.deepInclude(counts, { "k6.ws_sessions": 12, "k6.check.own.true": 12, "k6.iterations": 6 })
      assert.deepStrictEqual([report.started, report.completed, report.peak], [2, 2, 2])
    })
  )

  it.scopedLive("a check of a k6 script that fails and an error in it fail the conversation, with name and line", () =>
    Effect.gen(function* () {
      const { report } = yield* play(
        `import ws from 'k6/ws'
import { check } from 'k6'
export default function () {
  ws.connect(URL, (socket) => {
    socket.on('open', () => socket.send('a'))
    socket.on('message', (text) => {
      if (__VU === 2) nothing.here()
      check(text, { answered: (t) => t === 'b' })
      socket.close()
    })
  })
}`,
        Peer.echo
      )
      const all = report.failures.map(({ cause, examples, kind }) => `${cause}: ${kind}: ${examples[0]?.detail}`)
      assert.strictEqual(report.failed, 2)
      assert.include(all, 'wrong reply: check "answered": check "answered" failed')
      assert.match(all.find((one) => one.startsWith("script"))!, /nothing is not defined.*it\.js:7:/)
    })
  )

  it.scopedLive("a k6 script that can't connect gets the error, and its conversation fails", () =>
    Effect.gen(function* () {
      const { counts, report } = yield* play(
        `import ws from 'k6/ws'
import http from 'k6/http'
import { check } from 'k6'
export default function () {
  let said = ''
  const answer = ws.connect(URL + 'missing', null, (socket) => socket.on('error', (e) => { said = e.error() }))
  check(answer, { refused: (r) => r.status !== 101 && said !== '' })
  const page = http.post(URL.replace('ws', 'http'), { a: 'b' })
  check(page, { page: (r) => r.status === 404 && r.json === r.json && r.timings.duration > 0 })
}`,
        Peer.echo
      )
      assert.deepInclude(counts, { "k6.check.refused.true": 2, "k6.check.page.true": 2, "k6.http_req_failed.true": 2 })
      assert.strictEqual(report.failed, 2)
      assert.deepStrictEqual(
        report.failures.map(({ cause }) => cause),
        ["handshake"]
      )
    })
  )

  it.scopedLive("a conversation of a k6 script that goes on after the end of the run is cut after gracefulStop", () =>
    Effect.gen(function* () {
      const { report } = yield* play(
        `import ws from 'k6/ws'
export default function () { ws.connect(URL, (socket) => { socket.setInterval(() => socket.send('still here'), 5) }) }`,
        Peer.silent,
        { gracefulStop: 1000 },
        { duration: 1000 }
      )
      assert.deepStrictEqual([report.started, report.cut, report.failed, report.completed], [2, 2, 0, 0])
      assert.isAbove(report.sent, 0)
    })
  )

  it.scopedLive(
    "an HTTP request of a k6 script gives up after its timeout, and the script gets what a callback or Node throws",
    () =>
      Effect.gen(function* () {
        const server = createServer((request, response) => {
          if (request.url === "/silent") return
          response.writeHead(302, { location: "http://[" }).end()
        })
        const { port } = yield* WsServer.listen(server)
        const { counts, report } = yield* play(
          `import http from 'k6/http'
import { check } from 'k6'
const at = 'http://127.0.0.1:${port}'
export default function () {
  const late = http.get(at + '/silent', { timeout: '50ms' })
  check(late, { late: (r) => r.status === 0 && /within 50 ms/.test(r.error) })
  check(http.get(at + '/silent', { timeout: 20 }), { number: (r) => r.status === 0 })
  const bad = http.get(at + '/', { headers: { a: 'b\\nc' } })
  check(bad, { header: (r) => r.status === 0 && r.error !== '' })
  check(http.get(at + '/'), { location: (r) => r.status === 302 })
  let said = ''
  try { http.get(at + '/', { responseCallback: () => { throw new Error('mine') } }) } catch (e) { said = e.message }
  check(said, { thrown: (s) => s === 'mine' })
}`,
          Peer.silent
        )
        const passed = ["late", "number", "header", "location", "thrown"].map((name) => [`k6.check.${name}.true`, 2])
        assert.deepInclude(counts, Object.fromEntries(passed))
        assert.strictEqual(counts["k6.checks.false"], 0)
        assert.deepStrictEqual([report.failed, report.failures.map(({ cause }) => cause)], [2, ["timeout"]])
      })
  )

  it.scopedLive("a k6 script goes on after a connection that can't begin, and its iteration ends", () =>
    Effect.gen(function* () {
      const { counts, report } = yield* play(
        `import ws from 'k6/ws'
import { check } from 'k6'
export default function () {
  let said = ''
  try { ws.connect('http://x', () => {}) } catch (e) { said = String(e) }
  check(said, { said: (s) => s !== '' })
}`,
        Peer.silent
      )
      assert.strictEqual(counts["k6.check.said.true"], 2)
      assert.deepStrictEqual([report.completed, report.failed], [2, 0])
    })
  )

  it.scopedLive(
    "what the function of ws.connect throws after it has waited fails the conversation, also without a connection",
    () =>
      Effect.gen(function* () {
        const { report } = yield* play(
          `import ws from 'k6/ws'
import { sleep, check } from 'k6'
export default function () {
  let order = []
  ws.connect(URL + 'missing', (socket) => {
    order.push('begin')
    sleep(0.01)
    socket.on('error', () => { order.push('error') })
    if (__VU === 2) throw new Error('mine')
  })
  check(order, { order: (o) => o.join() === 'begin,error' })
}`,
          Peer.silent
        )
        assert.strictEqual(report.failed, 2)
        assert.strictEqual(report.named.counts["k6.check.order.true"], 1)
      })
  )

  it.scopedLive("nothing that a k6 script sends to a connection that closes or is closed counts as sent", () =>
    Effect.gen(function* () {
      const { behaviour, came } = counting()
      const { report } = yield* play(
        `import { WebSocket } from 'k6/websockets'
export default function () {
  const socket = new WebSocket(URL)
  socket.onopen = () => { socket.send('a'); socket.close(); socket.send('b'); socket.ping() }
  socket.onclose = () => { socket.send('c') }
}`,
        behaviour
      )
      assert.deepStrictEqual([report.failures, report.sent, came], [[], 2, ["a", "a"]])
    })
  )

  it.scopedLive(
    "one call of a timer of a k6 script waits while the script sleeps, and a long delay is not a short one",
    () =>
      Effect.gen(function* () {
        const { counts, report } = yield* play(
          `import { check, sleep } from 'k6'
export default function () {
  let ticks = 0, early = false
  const every = setInterval(() => ticks++, 1)
  const later = setTimeout(() => { early = true }, 2 ** 31)
  sleep(0.1)
  setTimeout(() => {
    check(ticks, { ticks: (n) => n < 20 })
    check(early, { early: (e) => !e })
    clearInterval(every)
    clearTimeout(later)
  }, 0)
}`,
          Peer.silent
        )
        assert.deepStrictEqual(report.failures, [])
        assert.deepInclude(counts, { "k6.check.ticks.true": 2, "k6.check.early.true": 2 })
      })
  )

  it.scopedLive("a k6 script that sleeps while very many messages come fails, and says so", () =>
    Effect.gen(function* () {
      const { report } = yield* play(
        `import { WebSocket } from 'k6/websockets'
import { sleep } from 'k6'
export default function () {
  const socket = new WebSocket(URL)
  socket.onopen = () => { socket.send('a'); sleep(3600) }
}`,
        (peer) => {
          peer.onMessage = () => {
            for (let n = 0; n < 10_100; n++) peer.send("x")
          }
        },
        {},
        { clients: 1 }
      )
      assert.deepStrictEqual(
        report.failures.map(({ kind }) => kind),
        ["more than 10000 events wait while the script blocks"]
      )
    })
  )

  it.scopedLive("a run of a k6 script that opens no connection lasts as long as it should", () =>
    Effect.gen(function* () {
      const sleeping = "import { sleep } from 'k6'\nexport default function () { sleep(0.001) }"
      const { counts, report } = yield* play(sleeping, Peer.silent, {}, { clients: 1, duration: 2000 })
      assert.isAbove(counts["k6.iterations"]!, 1)
      assert.deepStrictEqual([report.failures, report.notStarted], [[], 0])
      const staying = "export default function () { setInterval(() => {}, 1000) }"
      const stays = yield* play(staying, Peer.silent, { gracefulStop: 20 }, { duration: 20 })
      assert.deepStrictEqual([stays.report.started, stays.report.cut], [2, 2])
    })
  )

  it.scoped("a client that stages let go has one gracefulStop, and all of its time if they want it again", () =>
    Effect.gen(function* () {
      const directory = yield* directoryOf("export default function () { setInterval(() => {}, 1000) }")
      const levels = Option.getOrThrow(Stages.parseLevels("4 for 2s, 3 for 2s, 2 for 4s, 3 for 10s"))
      const steps: ReadonlyArray<Step> = [{ k6: { file: "it.js", gracefulStop: 5000 } }]
      const load = plan(0, { clients: 4, levels, duration: Stages.length(levels), directory })
      const run = yield* LocalRun.make({ ...load, scenario: { ...load.scenario, steps } })
      const there = () => run.unsafeSnapshot().connecting
      yield* TestClock.adjust("6500 millis")
      assert.strictEqual(there(), 4)
      // The fourth went two seconds after the beginning, the third two seconds later.
      yield* TestClock.adjust("1 second")
      assert.strictEqual(there(), 3)
      // The third is wanted again before its time is over.
      yield* TestClock.adjust("5 seconds")
      assert.strictEqual(there(), 3)
    }).pipe(Effect.provide(MemoryDialer.layer(Peer.silent)))
  )

  it.scoped("clients that arrive one after the other share the variables of a k6 script, as those of a pool", () =>
    Effect.gen(function* () {
      const directory = yield* directoryOf(
        `import exec from 'k6/execution'
import { check } from 'k6'
let runs = 0
export default function () {
  check(0, { ['client ' + __VU + ' run ' + ++runs]: true, ['iteration ' + exec.scenario.iterationInTest]: true })
}`
      )
      const arriving = Option.getOrThrow(Stages.parse("3 at once, 0/s for 1s, 3 at once"))
      const steps: ReadonlyArray<Step> = [{ k6: { file: "it.js" } }]
      const load = plan(0, { clients: 6, ramp: { _tag: "Stages", stages: arriving }, arrivals: {}, directory })
      const run = yield* LocalRun.make({
        ...load,
        scenario: { ...load.scenario, steps },
        duration: Stages.length(arriving)
      })
      const completed = (count: number) =>
        Effect.promise(() => eventually(() => assert.strictEqual(run.unsafeSnapshot().completed, count)))
      yield* TestClock.adjust("1 millis")
      yield* completed(3)
      yield* TestClock.adjust("2 seconds")
      yield* completed(6)
      const { counts } = (yield* run.report).named
      const names = Object.keys(counts).filter((name) => name.startsWith("k6.check."))
      assert.deepStrictEqual(names.toSorted(), [
        ...[1, 2, 3].flatMap((client) => [1, 2].map((time) => `k6.check.client ${client} run ${time}.true`)),
        ...[0, 1, 2, 3, 4, 5].map((number) => `k6.check.iteration ${number}.true`)
      ])
    }).pipe(Effect.provide(MemoryDialer.layer(Peer.silent)))
  )

  it.scopedLive("k6/execution says what is true, and throws for what it does not know", () =>
    Effect.gen(function* () {
      const script = `import exec from 'k6/execution'
import { check } from 'k6'
const begun = Date.now()
const HOUR = 3600000
export function main() {
  const numbers = [exec.vu.iterationInScenario, exec.vu.idInTest]
  const sinceBegun = Date.now() - begun
  const { currentTestRunDuration } = exec.instance
  let unknown = ''
  try { exec.instance.vusActive } catch (error) { unknown = error.message }
  check(exec, {
    name: () => exec.scenario.name === 'peak',
    numbers: () => numbers.join() === [__ITER, 1].join(),
    start: () => exec.scenario.startTime <= begun + 1 && exec.scenario.startTime > begun - HOUR,
    duration: () => currentTestRunDuration >= sinceBegun - 1 && currentTestRunDuration < HOUR,
    json: () => JSON.parse(JSON.stringify(exec.scenario)).name === 'peak',
    unknown: () => unknown === 'exec.instance.vusActive is not available here',
    [__ENV.PART + exec.scenario.iterationInTest]: true
  })
}`
      const directory = yield* directoryOf(script)
      const part = { file: "it.js", function: "main", scenario: "peak" }
      const steps: ReadonlyArray<Step> = [
        { k6: { ...part, iterations: 2, env: { PART: "a" } } },
        { k6: { ...part, env: { PART: "b" } } }
      ]
      const load = plan(0, { clients: 1, ramp: { _tag: "Once" }, directory })
      const run = yield* LocalRun.make({ ...load, scenario: { ...load.scenario, steps } })
      const { failures, named } = yield* run.report
      assert.deepStrictEqual(failures, [])
      for (const name of ["a0", "a1", "b2"]) assert.strictEqual(named.counts[`k6.check.${name}.true`], 1)
      assert.strictEqual(named.counts["k6.checks.false"] ?? 0, 0)
    }).pipe(Effect.provide(WebSocketDialer.layer))
  )
})
