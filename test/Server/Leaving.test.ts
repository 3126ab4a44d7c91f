import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import * as TestClock from "effect/TestClock"
import { eventually } from "../eventually.ts"
import { frame } from "./RawPeer.ts"
import { start } from "./ServerProcess.ts"
import { dial, open, serve } from "./ServerRig.ts"

const serveArguments = ["serve", "--host", "127.0.0.1", "--port", "0"]

describe("Leaving", () => {
  it.scoped(
    "Leaving closes a twenty-millisecond share of the clients at a time, so that they do not all reconnect at once",
    () =>
      Effect.gen(function* () {
        const scope = yield* Scope.make()
        const port = yield* Scope.extend(serve({ drain: 1000 }), scope)
        const peers = yield* Effect.forEach(Array.from({ length: 100 }), () => open(port, "/watcher/"))
        let closed = 0
        for (const peer of peers)
          void peer.close().then(() => {
            closed++
            peer.send(frame(8, ""))
          })
        const ended = yield* Effect.fork(Scope.close(scope, Exit.void))
        for (let round = 1; round <= 5; round++) {
          yield* Effect.promise(() => eventually(() => assert.isAtLeast(closed, 20 * round)))
          yield* Effect.yieldNow()
          assert.strictEqual(closed, 20 * round)
          yield* TestClock.adjust(20)
        }
        yield* Fiber.join(ended)
      })
  )

  it.scopedLive("SIGTERM closes all clients, accepts no more, and ends with the status 0", () =>
    Effect.gen(function* () {
      const server = yield* start([...serveArguments, "--drain", "5"])
      const port = yield* Effect.promise(() => server.port())
      const peers = yield* Effect.forEach(Array.from({ length: 1000 }), () => open(port, "/watcher/"), {
        concurrency: 50
      })
      // A page's connection that stays open must not delay the end.
      const page = yield* dial(port)
      page.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
      assert.strictEqual(yield* Effect.promise(() => page.status()), 200)
      const closes = peers.map(async (peer) => {
        const reason = await peer.close()
        peer.send(frame(8, ""))
        await peer.closed()
        return reason
      })
      server.child.kill("SIGTERM")
      const reasons = yield* Effect.promise(() => Promise.all(closes))
      assert.deepStrictEqual([...new Set(reasons)], ["1001 going away"])
      assert.strictEqual(yield* Effect.promise(() => server.ended), 0)
      assert.isTrue((yield* Effect.exit(dial(port)))._tag === "Failure")
      assert.match(server.errors, /^\S+ INFO Closing [\d,]+ connections?\n$/)
    })
  )

  it.scopedLive("SIGINT: the same, and the status is 130", () =>
    Effect.gen(function* () {
      const server = yield* start(serveArguments)
      const port = yield* Effect.promise(() => server.port())
      const peer = yield* open(port, "/watcher/")
      server.child.kill("SIGINT")
      assert.strictEqual(yield* Effect.promise(() => peer.close()), "1001 going away")
      peer.send(frame(8, ""))
      assert.strictEqual(yield* Effect.promise(() => server.ended), 130)
    })
  )

  it.scopedLive(
    "Leaving waits at most some seconds for clients that do not answer, and a second signal ends at once",
    () =>
      Effect.gen(function* () {
        const [patient, hurried] = yield* Effect.all([start(serveArguments), start(serveArguments)], { concurrency: 2 })
        const mute = (server: typeof patient) =>
          Effect.gen(function* () {
            const port = yield* Effect.promise(() => server.port())
            const peer = yield* open(port, "/watcher/")
            server.child.kill("SIGTERM")
            assert.strictEqual(yield* Effect.promise(() => peer.close()), "1001 going away")
          })
        yield* Effect.all([mute(patient), mute(hurried)], { concurrency: 2 })
        // A signal that follows within a quarter of a second counts as the same one: npm and tsx pass it on twice.
        yield* Effect.sleep(400)
        hurried.child.kill("SIGTERM")
        assert.strictEqual(yield* Effect.promise(() => hurried.ended), 143)
        assert.strictEqual(yield* Effect.promise(() => patient.ended), 0)
      })
  )

  it.scopedLive("Leaving tells systemd when it is ready and when it stops", () =>
    Effect.gen(function* () {
      const folder = yield* Effect.acquireRelease(
        Effect.promise(() => mkdtemp(`${tmpdir()}/notify-`)),
        (folder) => Effect.promise(() => rm(folder, { recursive: true }))
      )
      yield* Effect.promise(async () => {
        await writeFile(`${folder}/systemd-notify`, `#!/bin/sh\necho "$@" >> "${folder}/told"\n`)
        await chmod(`${folder}/systemd-notify`, 0o755)
      })
      const PATH = `${folder}:${process.env["PATH"]}`
      const server = yield* start(serveArguments, { env: { PATH, NOTIFY_SOCKET: "/nowhere" } })
      yield* Effect.promise(() => server.port())
      const reported = () => readFile(`${folder}/told`, "utf8").catch(() => "")
      while ((yield* Effect.promise(reported)) === "") yield* Effect.yieldNow()
      server.child.kill("SIGTERM")
      assert.strictEqual(yield* Effect.promise(() => server.ended), 0)
      assert.strictEqual(yield* Effect.promise(reported), "READY=1\nSTOPPING=1\n")
    })
  )
})
