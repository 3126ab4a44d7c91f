import { createServer } from "node:http"
import type { AddressInfo, Socket } from "node:net"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/TestClock"
import { WebSocketServer } from "ws"
import * as LocalRun from "../../../src/Echo/Load/LocalRun.ts"
import * as WebSocketDialer from "../../../src/Echo/Load/WebSocketDialer.ts"
import type { LoadPlan } from "../../../src/Echo/Scenario/LoadPlan.ts"
import type { Scenario } from "../../../src/Echo/Scenario/Scenario.ts"
import { freePort } from "../../freePort.ts"
import type * as Peer from "../Peer.ts"
import { plan } from "../plan.ts"
import * as WsServer from "../WsServer.ts"
import * as MemoryDialer from "./MemoryDialer.ts"

const CLIENTS = 5

interface Seen {
  readonly path: string
  readonly messages: Array<string>
  code: number
}

const DOWN = 300

/** An echo server on `ws` that stops at message number `last`, and listens on the same port again after `down` milliseconds. */
const restarting = (last: number, down: number) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const seen: Array<Seen> = []
      const sockets = new Set<Socket>()
      let heard = 0
      const open = (port: number) =>
        new Promise<ReturnType<typeof createServer>>((resolve) => {
          const http = createServer()
          new WebSocketServer({ server: http }).on("connection", (socket, request) => {
            const one: Seen = { path: request.url ?? "", messages: [], code: 0 }
            seen.push(one)
            socket.on("error", () => {})
            socket.on("close", (code) => {
              one.code = code
            })
            socket.on("message", (data: Buffer) => {
              one.messages.push(data.toString())
              socket.send(data.toString())
              if (++heard === last) restart()
            })
          })
          http.on("connection", (socket) => {
            sockets.add(socket)
            socket.on("close", () => sockets.delete(socket))
          })
          http.listen(port, "127.0.0.1", () => resolve(http))
        })
      let http = await open(await freePort("127.0.0.1"))
      const { port } = http.address() as AddressInfo
      const goAway = () => {
        http.close()
        for (const socket of sockets) socket.destroy()
      }
      const restart = () => {
        goAway()
        if (down < Infinity) {
          setTimeout(async () => {
            http = await open(port)
          }, down)
        }
      }
      return { url: `ws://127.0.0.1:${port}/`, seen, goAway }
    }),
    ({ goAway }) => Effect.sync(goAway)
  )

const talking = (changes: Partial<Scenario> = {}): Scenario => ({
  ...plan(0).scenario,
  steps: [{ repeat: { times: 20, steps: [{ send: "{{round}}" }, { expect: "{{round}}" }, { wait: 20 }] } }],
  ...changes
})

const load = (scenario: Scenario, changes: Partial<LoadPlan>) =>
  Effect.flatMap(LocalRun.make(plan(0, { scenario, ramp: { _tag: "Once" }, clients: CLIENTS, ...changes })), (run) =>
    Effect.all([run.report, Effect.succeed(run)])
  )

describe("a server that restarts in the middle of a run", () => {
  it.scopedLive(
    "a server that restarts in the middle of a run fails no conversation that reconnects, and the recovery time is measured",
    () =>
      Effect.gen(function* () {
        const server = yield* restarting(5 * CLIENTS, DOWN)
        const scenario = talking({ connect: { headers: {}, subprotocols: [], reconnect: { after: 50 } } })
        const [report] = yield* load(scenario, { urls: [server.url] })
        assert.deepStrictEqual(report.failures, [])
        assert.strictEqual(report.completed, CLIENTS)
        assert.strictEqual(report.started, CLIENTS)
        assert.isAtLeast(report.named.counts["reconnects"] ?? 0, CLIENTS)
        const recovery = report.named.times["recovery"]
        assert.strictEqual(recovery?.count, CLIENTS)
        assert.strictEqual(server.seen.filter(({ messages }) => messages.length === 20).length, CLIENTS)
      }).pipe(Effect.provide(WebSocketDialer.layer))
  )

  it.scoped(
    "a server that restarts in the middle of a run is normal for a run with a duration: clients fail, come back and recover",
    () => {
      const peers = new Set<Peer.Peer>()
      let heard = 0
      let isDown = false
      const restarting: Peer.Behaviour = (peer) => {
        peers.add(peer)
        peer.onMessage = (message) => {
          peer.send(message)
          if (++heard !== 5 * CLIENTS) return
          isDown = true
          for (const one of peers) one.drop()
          peer.timer.after(DOWN, () => {
            isDown = false
          })
        }
      }
      return Effect.gen(function* () {
        const endless = talking({ steps: [{ repeat: { steps: [{ send: "a" }, { expect: "a" }, { wait: 20 }] } }] })
        const fiber = yield* Effect.fork(load(endless, { duration: 4000 }))
        yield* TestClock.adjust("6 seconds")
        const [report] = yield* Fiber.join(fiber)
        assert.strictEqual(report.completed, CLIENTS)
        assert.isAtLeast(report.failed, CLIENTS)
        assert.strictEqual(report.named.times["recovery"]?.count, CLIENTS)
        assert.isAtLeast(report.named.times["recovery"]?.min ?? 0, DOWN)
        assert.strictEqual(report.started, report.completed + report.failed)
      }).pipe(Effect.provide(MemoryDialer.layer(restarting, () => isDown)))
    }
  )

  it.scopedLive(
    "a server that restarts in the middle of a run that does not come back fails the conversations after a number of attempts",
    () =>
      Effect.gen(function* () {
        const server = yield* restarting(5 * CLIENTS, Infinity)
        const scenario = talking({ connect: { headers: {}, subprotocols: [], reconnect: { after: 20, times: 3 } } })
        const [report, run] = yield* load(scenario, { urls: [server.url] })
        assert.strictEqual(report.failed, CLIENTS)
        assert.strictEqual(report.failures[0]?.cause, "refused")
        assert.strictEqual(report.named.counts["reconnects"], 3 * CLIENTS)
        const { away, connecting, open } = run.unsafeSnapshot()
        assert.deepStrictEqual({ away, connecting, open }, { away: 0, connecting: 0, open: 0 })
      }).pipe(Effect.provide(WebSocketDialer.layer))
  )
})

describe("a client that reconnects", () => {
  /** Nothing listens on this port. */
  const down = Effect.map(
    Effect.promise(() => freePort("127.0.0.1")),
    (port) => ({ urls: [`ws://127.0.0.1:${port}/`] as const, clients: 2 })
  )
  const reconnect = { after: 5 }
  const scenario = talking({ connect: { headers: {}, subprotocols: [], reconnect } })

  it.scopedLive("a client that reconnects gives up a server that is down, also without a number of attempts", () =>
    Effect.gen(function* () {
      const [report] = yield* load(scenario, yield* down)
      assert.strictEqual(report.failed, 2)
      assert.strictEqual(report.failures[0]?.cause, "refused")
      assert.strictEqual(report.named.counts["reconnects"], 20)
    }).pipe(Effect.provide(WebSocketDialer.layer))
  )

  it.scopedLive("a client that reconnects does not keep a run with a duration from its end", () =>
    Effect.gen(function* () {
      const [report] = yield* load(scenario, { ...(yield* down), duration: 200 })
      assert.strictEqual(report.peak, 0)
      assert.isAtLeast(report.failed, 2)
      assert.strictEqual(report.started, report.failed)
    }).pipe(Effect.provide(WebSocketDialer.layer))
  )

  it.scopedLive("a client that reconnects gives up a server that always crashes at the same place", () =>
    Effect.gen(function* () {
      let met = 0
      const { url } = yield* WsServer.serve((peer) => {
        met++
        let heard = 0
        peer.onMessage = (message) => (++heard === 3 ? peer.drop() : peer.send(message))
      })
      const [report] = yield* load(scenario, { urls: [url], clients: 1 })
      assert.strictEqual(report.failed, 1)
      assert.strictEqual(report.failures[0]?.cause, "early close")
      assert.strictEqual(met, 11)
    }).pipe(Effect.provide(WebSocketDialer.layer))
  )
})

describe("a reconnect step", () => {
  it.scopedLive("a reconnect step closes, connects again and continues with the next step; variables stay", () =>
    Effect.gen(function* () {
      const server = yield* restarting(Infinity, 0)
      const steps = [
        { send: "before" },
        { expect: { pattern: ".+", capture: { heard: { pattern: "^(.+)$" } } } },
        { reconnect: { after: 100, code: 4001 } },
        { send: "after {{heard}}" },
        { expect: "after before" }
      ]
      const [report] = yield* load(talking({ steps }), { urls: [server.url], clients: 1 })
      assert.deepStrictEqual(report.failures, [])
      assert.deepStrictEqual(
        server.seen.map(({ code, messages }) => ({ code, messages })),
        [
          { code: 4001, messages: ["before"] },
          { code: 1000, messages: ["after before"] }
        ]
      )
      assert.strictEqual(report.named.times["recovery"]?.count, 1)
    }).pipe(Effect.provide(WebSocketDialer.layer))
  )
})
