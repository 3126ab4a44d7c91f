import { createServer } from "node:http"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/TestClock"
import { WebSocketServer } from "ws"
import * as LocalRun from "../../../src/Echo/Load/LocalRun.ts"
import * as WebSocketDialer from "../../../src/Echo/Load/WebSocketDialer.ts"
import * as Figures from "../../../src/Echo/Measure/Figures.ts"
import * as Report from "../../../src/Echo/Measure/Report.ts"
import { warnings } from "../../../src/Echo/Report/Summary.ts"
import type { LoadPlan } from "../../../src/Echo/Scenario/LoadPlan.ts"
import { echoing } from "../../../src/Echo/Scenario/Scenario.ts"
import type { Step } from "../../../src/Echo/Scenario/Step.ts"
import * as Peer from "../Peer.ts"
import { plan } from "../plan.ts"
import * as WsServer from "../WsServer.ts"
import * as MemoryDialer from "./MemoryDialer.ts"

const keeping = (steps: ReadonlyArray<Step>, changes: Partial<LoadPlan> = {}): LoadPlan =>
  plan(0, { scenario: { ...plan(0).scenario, steps }, ramp: { _tag: "Once" }, clients: 1, timeout: 500, ...changes })

const run = (load: LoadPlan) => Effect.flatMap(LocalRun.make(load), ({ report }) => report)

/** Runs over a network in memory, up to a time of the test clock. */
const runFor = (seconds: number, load: LoadPlan) =>
  Effect.gen(function* () {
    const report = yield* Effect.fork(run(load))
    yield* TestClock.adjust(`${seconds} seconds`)
    return yield* Fiber.join(report)
  })

const figure = (report: Report.Report, name: string): number => Figures.of(report).get(name)?.value ?? Number.NaN

describe("a server that does not read", () => {
  it.scopedLive(
    "a server that does not read fails its conversations within the timeout of a reply, and the run ends",
    () =>
      Effect.gen(function* () {
        const http = createServer()
        new WebSocketServer({ server: http }).on("connection", (socket) => socket.pause())
        const { port } = yield* WsServer.listen(http)
        const send = { text: "x".repeat(1 << 18), answered: false }
        const steps = [{ repeat: { times: 200, steps: [{ send }] } }, { expect: "never" }]
        const report = yield* run(keeping(steps, { urls: [`ws://127.0.0.1:${port}/`], clients: 2, timeout: 2000 }))
        assert.strictEqual(report.failures[0]?.cause, "timeout")
        assert.match(report.failures[0]?.kind ?? "", /the server read nothing within 2.00 s/)
        assert.strictEqual(report.failures[0]?.count, 2)
      }).pipe(Effect.provide(WebSocketDialer.layer))
  )
})

describe("an open model", () => {
  const paced = (changes: Partial<LoadPlan>): LoadPlan =>
    keeping(echoing("{{client}} {{round}}").steps, { rate: 200, duration: 2000, clients: 4, ...changes })

  /** Drops its connection at the twentieth message. */
  const dropping: Peer.Behaviour = (peer) => {
    let n = 0
    peer.onMessage = (message) => (++n === 20 ? peer.drop() : peer.send(message))
  }

  it.scoped("an open model stays open if clients fail: they come back and send the planned messages", () =>
    Effect.gen(function* () {
      const report = yield* runFor(5, paced({}))
      assert.isAtLeast(report.failed, 4)
      // If clients did not come back, they would send 80 of the 400 messages. Some are due while a client is away.
      assert.isAtLeast(report.sent, 300)
      assert.strictEqual(report.started, report.completed + report.failed)
      assert.strictEqual(report.unanswered, report.failed)
    }).pipe(Effect.provide(MemoryDialer.layer(dropping)))
  )

  it.scoped("an open model counts a reply that never came with the time for which the client waited", () =>
    Effect.gen(function* () {
      const report = yield* runFor(3, paced({ duration: 1000 }))
      assert.isAtLeast(report.failed, 4)
      assert.strictEqual(report.roundTrip.count, report.failed)
      assert.isAtLeast(report.roundTrip.quantile(0.5), 500)
    }).pipe(Effect.provide(MemoryDialer.layer(Peer.silent)))
  )

  it.scopedLive("an open model ends at once if nothing listens", () =>
    Effect.gen(function* () {
      const report = yield* run(paced({ duration: 60_000 }))
      assert.strictEqual(report.failed, 4)
    }).pipe(Effect.provide(MemoryDialer.refusing))
  )

  it.scoped("an open model counts and times messages before and after the paced ones correctly", () =>
    Effect.gen(function* () {
      const steps = [{ send: "in" }, { expect: "in" }, ...echoing("a").steps, { send: "out" }, { expect: "out" }]
      // Two of the four clients connect a second later.
      const ramp = { _tag: "Steps", size: 2, every: 1000 } as const
      const report = yield* runFor(6, paced({ scenario: { ...plan(0).scenario, steps }, ramp }))
      assert.strictEqual(report.planned, 400)
      assert.strictEqual(figure(report, "unsent"), 0)
      assert.strictEqual(report.sent, 408)
      assert.approximately(figure(report, "sent.rate"), 200, 2)
    }).pipe(Effect.provide(MemoryDialer.layer(Peer.echo)))
  )

  /** Answers paced messages after 300 ms, and others at once. */
  const slowWhilePaced: Peer.Behaviour = (peer) => {
    peer.onMessage = (message) => {
      if (message === "a") peer.timer.after(300, () => peer.send("a"))
      else peer.send(message)
    }
  }

  it.scoped("an open model does not apply the delay of paced messages to a later message", () =>
    Effect.gen(function* () {
      const steps = [...echoing("a").steps, { send: "out" }, { expect: "out" }]
      const load = { clients: 1, rate: 10, duration: 1000, timeout: 10_000 } as const
      const report = yield* runFor(20, paced({ scenario: { ...plan(0).scenario, steps }, ...load }))
      assert.deepStrictEqual(report.failures, [])
      assert.isAbove(report.roundTrip.max, 600)
      assert.isBelow(report.roundTrip.min, 250)
    }).pipe(Effect.provide(MemoryDialer.layer(slowWhilePaced)))
  )

  it.scopedLive("an open model says so if the tool and not the server was the limit", () =>
    Effect.gen(function* () {
      const report = yield* run(paced({ rate: 5_000_000, duration: 400 }))
      assert.isTrue(Report.isOverloaded(report))
      assert.isAbove(figure(report, "tool.busy"), 0.9)
      assert.isAbove(figure(report, "unsent"), 100_000)
      assert.match(warnings(report).join("\n"), /this tool was the limit, not the server/)
    }).pipe(Effect.provide(MemoryDialer.layer(Peer.echo)))
  )
})

describe("a server that closes while a client pauses", () => {
  const says = (words: ReadonlyArray<string>, code: number) =>
    MemoryDialer.layer((peer) => {
      for (const word of words) peer.send(word)
      peer.close(code, "that is all")
    })

  it.scoped("a server that closes while a client pauses is correct if it had sent all expected messages", () =>
    Effect.gen(function* () {
      const report = yield* runFor(3, keeping([{ wait: 1000 }, { expect: "a" }]))
      assert.deepStrictEqual(report.failures, [])
      assert.strictEqual(report.completed, 1)
    }).pipe(Effect.provide(says(["a"], 1000)))
  )

  it.scoped("a server that closes while a client pauses is correct if this close was expected", () =>
    Effect.gen(function* () {
      const steps = [{ wait: 1000 }, { expect: "a" }, { wait: 500 }, { expect: { closed: 4000 } }]
      const report = yield* runFor(3, keeping(steps))
      assert.deepStrictEqual(report.failures, [])
    }).pipe(Effect.provide(says(["a"], 4000)))
  )

  it.scoped("a server that closes while a client pauses is early if a step still needs the connection", () =>
    Effect.gen(function* () {
      const report = yield* runFor(3, keeping([{ wait: 1000 }, { expect: "a" }, { expect: "b" }]))
      assert.strictEqual(report.failures[0]?.cause, "early close")
      assert.include(report.failures[0]?.examples[0]?.detail, 'expected "b"')
    }).pipe(Effect.provide(says(["a"], 1000)))
  )

  it.scoped(
    "a server that closes while a client pauses is early if no message had come, because the connection should have stayed open",
    () =>
      Effect.gen(function* () {
        const report = yield* runFor(3, keeping([{ expect: "a" }, { wait: 1000 }]))
        assert.strictEqual(report.failures[0]?.cause, "early close")
      }).pipe(Effect.provide(says(["a"], 1000)))
  )
})

describe("a url", () => {
  it.scopedLive("a url has placeholders for each client, and its user and password go into a header", () =>
    Effect.gen(function* () {
      const seen: Array<readonly [string | undefined, string | undefined]> = []
      const http = createServer()
      new WebSocketServer({ server: http }).on("connection", (_, request) => {
        seen.push([request.url, request.headers.authorization])
      })
      const { port } = yield* WsServer.listen(http)
      const urls = [`ws://me:p%40ss@127.0.0.1:${port}/room/{{client}}`] as const
      const report = yield* run(keeping([{ wait: 1 }], { urls, clients: 2 }))
      assert.deepStrictEqual(report.failures, [])
      const header = `Basic ${Buffer.from("me:p@ss").toString("base64")}`
      assert.sameDeepMembers(seen, [
        ["/room/1", header],
        ["/room/2", header]
      ])
    }).pipe(Effect.provide(WebSocketDialer.layer))
  )
})
