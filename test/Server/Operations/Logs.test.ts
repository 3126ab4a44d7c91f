import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import { ServerConsole } from "../../../src/Server/Operations/ServerConsole.ts"
import { freePort } from "../../freePort.ts"
import { frame } from "../RawPeer.ts"
import { start } from "../ServerProcess.ts"
import { dial, open, upgrade } from "../ServerRig.ts"

const serveArguments = ["serve", "--host", "127.0.0.1", "--port", "0"]

describe("Logs", () => {
  it.effect("a flood of games writes some lines a second, and the number of those left out", () => {
    const lines: Array<string> = []
    const logger = Logger.make(({ message }) => void lines.push(String(message)))
    return Effect.gen(function* () {
      const { unsafeLine, unsafeProgress } = yield* ServerConsole
      // No second passes meanwhile.
      for (let game = 0; game < 500; game++) {
        unsafeProgress(`${game} begins`)
        unsafeLine(`${game} has ended`)
      }
    }).pipe(
      Effect.provide(Layer.provide(ServerConsole.layerLog, Logger.replace(Logger.defaultLogger, logger))),
      Effect.andThen(() => {
        assert.deepStrictEqual([lines[0], lines.at(-2)], ["0 begins", "149 has ended"])
        assert.deepStrictEqual(lines.slice(300), ["700 more lines about games"])
      })
    )
  })

  it.scopedLive("a closed pipe does not stop the server", () =>
    Effect.gen(function* () {
      const server = yield* start(serveArguments)
      const port = yield* Effect.promise(() => server.port())
      server.child.stdout?.destroy()
      server.child.stderr?.destroy()
      for (let i = 0; i < 3; i++) {
        assert.strictEqual((yield* upgrade(port, "/watcher/", { Origin: "https://evil.example" })).status, 403)
        yield* Effect.scoped(open(port, "/watcher/"))
      }
      const peer = yield* open(port, "/test/ws/")
      assert.strictEqual((yield* Effect.promise(() => peer.frame())).payload.toString(), "Hello!")
      server.child.kill("SIGTERM")
      yield* Effect.promise(() => peer.close())
      peer.send(frame(8, ""))
      assert.strictEqual(yield* Effect.promise(() => server.ended), 0)
    })
  )

  it.scopedLive("a full disk does not stop the server", () =>
    Effect.gen(function* () {
      const port = yield* Effect.promise(() => freePort("127.0.0.1"))
      const server = yield* start(["serve", "--host", "127.0.0.1", "--port", String(port)], {
        after: ">/dev/full 2>/dev/full"
      })
      const isUp = Effect.map(Effect.exit(Effect.scoped(dial(port))), ({ _tag }) => _tag === "Success")
      yield* Effect.repeat(Effect.delay(isUp, 50), { until: (up) => up })
      for (let i = 0; i < 3; i++) {
        assert.strictEqual((yield* upgrade(port, "/watcher/", { Origin: "https://evil.example" })).status, 403)
        yield* open(port, "/watcher/")
      }
      assert.strictEqual(server.child.exitCode, null)
    })
  )

  it.scopedLive("a normal stop says how many connections it closes, and warns of nothing", () =>
    Effect.gen(function* () {
      const server = yield* start(serveArguments)
      const port = yield* Effect.promise(() => server.port())
      yield* open(port, "/watcher/")
      server.child.kill("SIGTERM")
      assert.strictEqual(yield* Effect.promise(() => server.ended), 0)
      assert.match(`${server.output}${server.errors}`, / INFO Closing 1 connection$/m)
      assert.notMatch(`${server.output}${server.errors}`, /WARN|ERROR/)
    })
  )

  it.scopedLive("JSON lines have the events, and no secret", () =>
    Effect.gen(function* () {
      const server = yield* start([...serveArguments, "--log-format", "json", "--worker-queue", "2048"], {
        env: { EFFECT_C10K_TOKEN: "s3cret" }
      })
      const port = yield* Effect.promise(() => server.port())
      yield* upgrade(port, "/worker/?token=wr0ng", { Authorization: "Bearer wr0ng" })
      const [, text] = yield* Effect.promise(() => server.printed(/^(.*Connection refused.*)$/m))
      const line = JSON.parse(text!)
      assert.strictEqual(line.logLevel, "WARN")
      assert.deepInclude(line.annotations, { cause: "token", path: "/worker/", status: 401, address: "127.0.0.1" })
      const peer = yield* open(port, "/worker/?token=s3cret")
      peer.send(frame(1, "0 0 0 1"))
      yield* Effect.promise(() => server.printed(/Connection closed.*4003/))
      assert.notMatch(server.output + server.errors, /s3cret|wr0ng/)
      for (const line of server.errors.trim().split("\n")) assert.isObject(JSON.parse(line))
      assert.strictEqual(server.output, "")
    })
  )

  it.scopedLive("Logs name the token of a client, if there are several", () =>
    Effect.gen(function* () {
      const folder = yield* Effect.acquireRelease(
        Effect.sync(() => mkdtempSync(join(tmpdir(), "c10k-tokens-"))),
        (folder) => Effect.sync(() => rmSync(folder, { recursive: true }))
      )
      const file = join(folder, "tokens")
      writeFileSync(file, "ada: s3cret-a\nbob: s3cret-b\n")
      const server = yield* start([...serveArguments, "--token-file", file, "--max-games-per-token", "1"])
      const port = yield* Effect.promise(() => server.port())
      const ask = (name: string) =>
        Effect.gen(function* () {
          const peer = yield* open(port, `/games/${name}/reset/`, { Authorization: "Bearer s3cret-b" })
          peer.send(frame(1, "2"))
          return yield* Effect.promise(() => peer.close())
        })
      yield* ask("first")
      assert.strictEqual(yield* ask("second"), "4011 at most 1 games of one token")
      yield* Effect.promise(() => server.printed(/Connection closed .*code=4011 .*role=reset token=bob/))
      assert.notInclude(server.output + server.errors, "s3cret")
    })
  )

  it.scopedLive("a flood of refusals writes some lines a second, and the number of those left out", () =>
    Effect.gen(function* () {
      const server = yield* start(serveArguments)
      const port = yield* Effect.promise(() => server.port())
      const begun = performance.now()
      yield* Effect.forEach(Array.from({ length: 500 }), () => Effect.scoped(upgrade(port, "/nowhere/")), {
        concurrency: 50
      })
      // Each second has ten lines at most. If there were more, one line counts the rest.
      const report = Effect.sync(() => {
        const written = [...server.errors.matchAll(/Connection refused/g)].length
        const counts = [...server.errors.matchAll(/(\d+) more connections were refused/g)]
        return { written, all: counts.reduce((sum, [, more]) => sum + Number(more), written) }
      })
      const reported = yield* Effect.repeat(Effect.delay(report, "20 millis"), { until: ({ all }) => all >= 500 })
      assert.strictEqual(reported.all, 500)
      assert.isAtMost(reported.written, 10 * (Math.ceil((performance.now() - begun) / 1000) + 1))
    })
  )
})
