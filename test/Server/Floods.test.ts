import { execFileSync } from "node:child_process"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { bundled } from "../../scripts/bundled.ts"
import { frame, request } from "./RawPeer.ts"
import { start } from "./ServerProcess.ts"
import { dial, metrics, open, upgrade } from "./ServerRig.ts"

const serveArguments = ["serve", "--host", "127.0.0.1", "--port", "0"]

const attack = (mode: "half-open" | "burst", port: number, count: number) =>
  start([mode, String(port), String(count)], { program: bundled("test/Server/attacker.ts") })

/** A new client gets the greeting of `/test/ws/`. */
const greeting = (port: number) =>
  Effect.scoped(
    Effect.gen(function* () {
      const peer = yield* open(port, "/test/ws/")
      assert.strictEqual((yield* Effect.promise(() => peer.frame())).payload.toString(), "Hello!")
    })
  )

describe("Floods", () => {
  it.scopedLive("a new client is served while more handshakes stay open than there are descriptors", () =>
    Effect.gen(function* () {
      // So long that no handshake ends by itself, however slow the machine is. Who waited for them would not be served at all.
      const server = yield* start([...serveArguments, "--handshake-timeout", "1h"], { before: "ulimit -n 400;" })
      const port = yield* Effect.promise(() => server.port())
      const attackers = yield* Effect.all([attack("half-open", port, 400), attack("half-open", port, 400)], {
        concurrency: 2
      })
      yield* Effect.promise(() => Promise.all(attackers.map((attacker) => attacker.printed(/done/))))
      yield* Effect.replicateEffect(greeting(port), 11)
      assert.isAbove((yield* metrics(port)).get('effect_c10k_connections_refused_total{cause="pending"}') ?? 0, 100)
    })
  )

  it.scopedLive("2,000 connections at once: all are served, and all their memory is freed", () =>
    Effect.gen(function* () {
      const server = yield* start(serveArguments)
      const port = yield* Effect.promise(() => server.port())
      const attacker = yield* attack("burst", port, 2_000)
      const [, statuses] = yield* Effect.promise(() => attacker.printed(/done (.*)/))
      assert.deepStrictEqual(JSON.parse(statuses!), { 101: 2_000 })
      assert.strictEqual((yield* metrics(port)).get('effect_c10k_connections{role="watcher"}'), 2_000)
      yield* greeting(port)
      attacker.child.kill("SIGKILL")
      yield* Effect.repeat(metrics(port), {
        until: (figures) => figures.get('effect_c10k_connections{role="watcher"}') === 0
      })
    })
  )

  it.scopedLive("few descriptors: serves as many clients as it can, refuses the rest with 503, recovers", () =>
    Effect.gen(function* () {
      const server = yield* start(serveArguments, { before: "ulimit -n 200;" })
      const port = yield* Effect.promise(() => server.port())
      const limit = (yield* metrics(port)).get("effect_c10k_connections_limit") ?? 0
      assert.isAbove(limit, 50)
      assert.isBelow(limit, 200)
      const peers = yield* Effect.forEach(Array.from({ length: limit }), () => open(port, "/test/echo/"))
      for (let i = 0; i < 200; i++) assert.strictEqual((yield* upgrade(port, "/test/echo/")).status, 503)
      for (const peer of peers) {
        peer.send(frame(1, "still served"))
        assert.strictEqual((yield* Effect.promise(() => peer.frame())).payload.toString(), "still served")
        peer.destroy()
      }
      yield* Effect.repeat(
        Effect.map(upgrade(port, "/test/echo/"), ({ status }) => status),
        {
          until: (status) => status === 101
        }
      )
    })
  )

  it.scopedLive("no descriptor left: goes on, and accepts again when there are some", () =>
    Effect.gen(function* () {
      const server = yield* start([], { program: bundled("test/Server/bareServer.ts") })
      const port = yield* Effect.promise(() => server.port())
      // Not from the start, because compiling the program needs many.
      execFileSync("prlimit", ["--pid", String(server.child.pid), "--nofile=80:80"])
      const first = yield* open(port, "/echo/")
      const crowd = yield* Effect.forEach(Array.from({ length: 200 }), () => dial(port), { concurrency: 20 })
      for (const peer of crowd) peer.send(request("/echo/"))
      // The connections without a descriptor are closed.
      yield* Effect.promise(() => Promise.all(crowd.slice(-100).map((peer) => peer.closed())))
      const served = crowd.filter((peer) => !peer.isClosed)
      assert.isAbove(served.length, 5)
      first.send(frame(1, "still served"))
      assert.strictEqual((yield* Effect.promise(() => first.frame())).payload.toString(), "still served")
      for (const peer of crowd) peer.destroy()
      const again = Effect.scoped(
        Effect.gen(function* () {
          const peer = yield* dial(port)
          peer.send(request("/echo/"))
          return yield* Effect.promise(() => peer.status().catch(() => 0))
        })
      )
      yield* Effect.repeat(again, { until: (status) => status === 101 })
      assert.strictEqual(server.child.exitCode, null)
      assert.strictEqual(server.errors, "")
    })
  )
})
