import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as LocalRun from "../../../src/Echo/Load/LocalRun.ts"
import * as WebSocketDialer from "../../../src/Echo/Load/WebSocketDialer.ts"
import type { LoadPlan } from "../../../src/Echo/Scenario/LoadPlan.ts"
import type { Step } from "../../../src/Echo/Scenario/Step.ts"
import * as Peer from "../Peer.ts"
import { plan } from "../plan.ts"
import * as WsServer from "../WsServer.ts"

type K6 = Omit<NonNullable<Step["k6"]>, "file">

/** Runs a script, whose `URL` is that of the server, with two clients. */
const play = (script: string, behaviour: Peer.Behaviour, step: K6 = {}, changes: Partial<LoadPlan> = {}) =>
  Effect.gen(function* () {
    const { url } = yield* WsServer.serve(behaviour)
    const directory = yield* Effect.acquireRelease(
      Effect.sync(() => mkdtempSync(join(tmpdir(), "k6-"))),
      (path) => Effect.sync(() => rmSync(path, { recursive: true }))
    )
    writeFileSync(join(directory, "it.js"), script.replaceAll("URL", `'${url}'`))
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
        { gracefulStop: 50 },
        { duration: 50 }
      )
      assert.deepStrictEqual([report.started, report.cut, report.failed, report.completed], [2, 2, 0, 0])
      assert.isAbove(report.sent, 0)
    })
  )
})
