import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { connect } from "@nats-io/transport-node"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Peer from "../../Echo/Peer.ts"
import * as WsServer from "../../Echo/WsServer.ts"
import { freePort } from "../../freePort.ts"
import * as NatsServer from "../../Log/NatsServer.ts"
import { agents, echo, folder } from "./command.ts"

const nats = Effect.map(NatsServer.scoped({ jetstream: false }), ({ url }) => url)

describe("echo --agents", () => {
  it.scopedLive("echo --agents shares clients and rows of data without overlap, and adds the figures", () =>
    Effect.gen(function* () {
      const broker = yield* nats
      const heard: Array<string> = []
      const { url } = yield* WsServer.serve((peer) => {
        peer.onMessage = (message) => {
          heard.push(String(message))
          peer.send(message)
        }
      })
      const path = yield* folder
      // This is larger than a message of NATS may be.
      const rows = Array.from({ length: 20_000 }, (_, index) => `row-${index}-${"x".repeat(80)}`)
      writeFileSync(join(path, "rows.csv"), ["id", ...rows].join("\n"))
      const file = join(path, "it.yaml")
      writeFileSync(
        file,
        `data: {rows: {file: rows.csv, rows: partitioned}}
steps:
  - send: "{{client}} {{rows.id}}"
  - expect: {sent: true}
`
      )
      yield* agents(broker, "alpha", "beta", "gamma")
      const args = ["--nats", broker, "--url", url, "--scenario", file, "--clients", "31", "--repeat", "2"]
      const { status, stderr, stdout } = yield* echo(["--agents", "3", ...args, "--json", "-"])
      assert.match(
        stderr,
        /^agents: (\w+ \(clock [+-]\d+\.\d ms\)(, )?){3}\nTheir clocks differ by up to \d+\.\d ms, measured to /
      )
      const { agents: machines, figures, histograms, lostProcesses } = JSON.parse(stdout)
      assert.deepStrictEqual(machines.map(({ name }: { name: string }) => name).toSorted(), ["alpha", "beta", "gamma"])
      for (const { clockAheadMs, clockMovedMs, clockUncertaintyMs } of machines) {
        // All agents use the clock of this machine.
        assert.isAtMost(Math.abs(clockAheadMs), clockUncertaintyMs)
        assert.isNull(clockMovedMs)
      }
      assert.deepStrictEqual(
        [figures["completed"], figures["sent"], figures["rtt.count"], lostProcesses],
        [62, 62, 62, []]
      )
      assert.strictEqual(
        histograms.rtt.counts.filter((_: number, at: number) => at % 2 === 1).reduce((a: number, b: number) => a + b),
        62
      )
      const times = new Map<string, number>()
      for (const each of heard) times.set(each, (times.get(each) ?? 0) + 1)
      // Two runs of the same plan, each client with the same row.
      assert.deepStrictEqual([times.size, new Set(times.values())], [31, new Set([2])])
      assert.strictEqual(new Set([...times.keys()].map((each) => each.split(" ")[1])).size, 31)
      assert.strictEqual(new Set([...times.keys()].map((each) => each.split(" ")[0])).size, 31)
      assert.strictEqual(status, 0)
    })
  )

  it.scopedLive("echo --agents reports an agent that dies, whose share fails, and one that is stopped", () =>
    Effect.gen(function* () {
      const broker = yield* nats
      const { url } = yield* WsServer.serve(Peer.echo)
      const [, beta, gamma] = yield* agents(broker, "alpha", "beta", "gamma")
      const { status, stdout } = yield* echo(
        ["--agents", "3", "--nats", broker, "--url", url, "--clients", "9", "--rate", "90", "--duration", "9s"],
        [
          /> +9 connections/,
          () => {
            beta?.child.kill("SIGKILL")
            gamma?.child.kill("SIGTERM")
          }
        ]
      )
      assert.match(stdout, /^3 of 9 conversations right/)
      assert.match(
        stdout,
        /agent beta died \(no message came from it for 5 s\): 3 of its 3 clients were in conversation/
      )
      assert.match(stdout, /agent gamma died \(it was stopped\): 3 of its 3 clients were in conversation/)
      assert.strictEqual(status, 1)
    })
  )

  it.scopedLive("echo --agents frees the agents when a leader dies, and stops them with Ctrl-C", () =>
    Effect.gen(function* () {
      const broker = yield* nats
      const { url } = yield* WsServer.serve(Peer.echo)
      yield* agents(broker, "alpha")
      const args = ["--agents", "1", "--nats", broker, "--url", url, "--clients", "2", "--rate", "20"]
      const killed = yield* echo([...args, "--duration", "10m"], [/> +2 connections/, (child) => child.kill("SIGKILL")])
      assert.strictEqual(killed.status, null)
      // The leader looks for the agent until it is free again.
      const next = yield* echo([...args, "--duration", "10m"], [/> +2 connections/, (child) => child.kill("SIGINT")])
      assert.match(next.stdout, /^2 of 2 conversations right/)
      assert.strictEqual(next.status, 130)
    })
  )

  it.scopedLive("echo --agents refuses to start if agents are missing, work for another leader, or are too small", () =>
    Effect.gen(function* () {
      const broker = yield* nats
      const { url } = yield* WsServer.serve(Peer.echo)
      const load = ["--url", url, "--clients", "2", "--rate", "20", "--duration", "10m"]
      const none = yield* echo(["--agents", "1", "--nats", broker, ...load])
      assert.match(none.stderr, /^effect-c10k: --agents 1: found no agents; start `effect-c10k echo agent --join /)
      yield* agents(broker, "alpha")
      const first = yield* Effect.fork(echo(["--agents", "1", "--nats", broker, ...load]))
      const busy = yield* echo(["--agents", "2", "--nats", broker, ...load])
      assert.match(busy.stderr, /--agents 2: found only alpha( \(works for another\))?; start/)
      yield* Fiber.interrupt(first)
      const far = yield* echo([
        "--agents",
        "1",
        "--nats",
        `nats://127.0.0.1:${yield* Effect.promise(() => freePort("127.0.0.1"))}`,
        ...load
      ])
      assert.match(far.stderr, /^effect-c10k: --nats: NATS at nats:\/\/127\.0\.0\.1:\d+ does not answer/)
      assert.deepStrictEqual([none.status, busy.status, far.status], [1, 1, 1])
    })
  )

  it.scopedLive("echo --agents lets each agent check its own machine before the start", () =>
    Effect.gen(function* () {
      const broker = yield* nats
      const { url } = yield* WsServer.serve(Peer.echo)
      yield* agents(broker, "alpha")
      const load = ["--agents", "1", "--nats", broker, "--url", url, "--clients", "9000000", "--duration", "1s"]
      const { status, stderr, stdout } = yield* echo([...load, "--rate", "10"])
      assert.match(stderr, /effect-c10k: alpha: .*9,000,000 clients at one time need/)
      assert.strictEqual(stdout, "")
      assert.strictEqual(status, 1)
    })
  )

  it.scopedLive("echo --agents ignores foreign messages on its subjects", () =>
    Effect.gen(function* () {
      const broker = yield* nats
      const { url } = yield* WsServer.serve(Peer.echo)
      const { ended } = (yield* agents(broker, "alpha"))[0]!
      const somebody = yield* Effect.acquireRelease(
        Effect.promise(() => connect({ servers: broker })),
        (connection) => Effect.promise(() => connection.close())
      )
      // Foreign messages in both directions, after the first real one.
      const subjects = new Set<string>()
      somebody.subscribe("c10k.echo.run.>", {
        callback: (_, { subject }) => {
          if (subjects.has(subject)) return
          subjects.add(subject)
          somebody.publish(subject, "\0no message")
        }
      })
      const load = ["--url", url, "--clients", "2", "--rate", "20", "--duration", "2s", "--threshold", "unsent<1000"]
      const { status, stdout } = yield* echo(["--agents", "1", "--nats", broker, ...load])
      assert.match(stdout, /^2 of 2 conversations right/)
      assert.strictEqual(status, 0)
      assert.strictEqual(subjects.size, 2)
      assert.isTrue(Option.isNone(yield* Effect.timeoutOption(ended, 0)))
    })
  )

  it.scopedLive("echo --agents says which options belong together", () =>
    Effect.gen(function* () {
      const alone = yield* echo(["--agents", "2"])
      assert.match(alone.stderr, /--agents and --nats belong together/)
      const both = yield* echo(["--agents", "2", "--nats", "nats://localhost", "--processes", "2"])
      assert.match(both.stderr, /--processes and --local-address are for this machine/)
      const bad = yield* echo(["agent", "--join", "http://localhost"])
      assert.match(bad.stderr, /--join http:\/\/localhost: expected a URL such as nats:\/\/localhost:4222/)
      assert.deepStrictEqual([alone.status, both.status, bad.status], [1, 1, 1])
    })
  )
})
