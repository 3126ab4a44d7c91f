import { type ChildProcess, spawn } from "node:child_process"
import { createServer } from "node:net"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as LocalRun from "../../src/Echo/Load/LocalRun.ts"
import * as WebSocketDialer from "../../src/Echo/Load/WebSocketDialer.ts"
import type { LoadPlan } from "../../src/Echo/Scenario/LoadPlan.ts"
import { plan } from "./plan.ts"
import * as WsServer from "./WsServer.ts"

const file = (path: string): string => new URL(path, import.meta.url).pathname

const start = (command: string, args: ReadonlyArray<string>) =>
  Effect.acquireRelease(
    Effect.sync(() => spawn(command, [...args], { stdio: ["ignore", "pipe", "pipe"] })),
    (child) => Effect.sync(() => child.kill("SIGKILL"))
  )

/** The first match of `pattern` in what a process prints. */
const printed = (child: ChildProcess, pattern: RegExp) =>
  Effect.async<string>((resume) => {
    let text = ""
    const onData = (chunk: Buffer) => {
      text += chunk.toString()
      const match = pattern.exec(text)
      if (match !== null) resume(Effect.succeed(match[1] ?? ""))
    }
    child.stdout?.on("data", onData)
    child.stderr?.on("data", onData)
  }).pipe(Effect.timeout("20 seconds"))

const freePort = Effect.scoped(Effect.map(WsServer.listen(createServer()), ({ port }) => port))

const load = (changes: Partial<LoadPlan>) =>
  Effect.gen(function* () {
    const run = yield* LocalRun.make(plan(100, { clients: 20, timeout: 10_000, ...changes }))
    return yield* run.report
  }).pipe(Effect.provide(WebSocketDialer.layer))

describe("servers that others wrote", () => {
  it.scopedLive("Python websockets", () =>
    Effect.gen(function* () {
      const server = yield* start("/usr/bin/python3", [file("../../bench/peers/python_server.py"), "0"])
      const port = yield* printed(server, /^(\d+)\n/)
      const report = yield* load({ urls: [`ws://127.0.0.1:${port}/test/ws/`] })
      assert.deepStrictEqual(report.failures, [])
      assert.strictEqual(report.completed, 20)
    })
  )

  it.scopedLive("websocketd", () =>
    Effect.gen(function* () {
      const port = yield* freePort
      const child = yield* start("websocketd", ["--address=127.0.0.1", `--port=${port}`, file("peers/conversation.sh")])
      yield* printed(child, /(Starting WebSocket server)/)
      const report = yield* load({ urls: [`ws://127.0.0.1:${port}/`] })
      assert.deepStrictEqual(report.failures, [])
      assert.strictEqual(report.completed, 20)
    })
  )
})
