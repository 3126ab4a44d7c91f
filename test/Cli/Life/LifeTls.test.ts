/** `serve` and `life` over TLS, as processes. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { certificate } from "../../certificate.ts"
import * as ServerProcess from "../../Server/ServerProcess.ts"
import { run } from "../processes.ts"

const served = Effect.gen(function* () {
  const { certFile, keyFile } = yield* certificate
  const options = [
    "--host",
    "localhost",
    "--port",
    "0",
    "--history",
    "1MiB",
    "--tls-cert",
    certFile,
    "--tls-key",
    keyFile
  ]
  const server = yield* ServerProcess.start(["serve", ...options])
  const port = yield* Effect.promise(() => server.port())
  return { certFile, at: ["--url", `wss://localhost:${port}`] }
})

const temporary = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "c10k-tls-"))),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
)

describe("a game over TLS", () => {
  it.scopedLive("a game over TLS is played to its end, all cells right", () =>
    Effect.gen(function* () {
      const { at, certFile } = yield* served
      const game = ["-p", "glider", "-s", "12", "-n", "48", "-l", "1000", "--check", "--json"]
      const { errors, output, status } = yield* run(["life", ...at, "--ca", certFile, ...game])
      assert.strictEqual(status, 0, errors)
      const last = JSON.parse(output.trim().split("\n").at(-1)!)
      assert.deepInclude(last, { phase: "ended", reason: "steps", step: 48, population: 5, cells: 144, checked: 49 })
      assert.strictEqual(errors, "")
    })
  )

  it.scopedLive("a game over TLS is recorded and replayed with --ca, and only then", () =>
    Effect.gen(function* () {
      const { at, certFile } = yield* served
      const trust = ["--ca", certFile]
      const game = yield* run(["life", ...at, ...trust, "-p", "glider", "-s", "6", "-n", "4", "-l", "1000"])
      assert.strictEqual(game.status, 0, game.errors)
      const file = join(yield* temporary, "game.c10k")
      const untrusted = yield* run(["life", "record", ...at, "--until-now", file])
      assert.strictEqual(untrusted.status, 1)
      assert.match(untrusted.errors, /^effect-c10k: .*self.signed certificate; .*--ca\n$/m)
      const recorded = yield* run(["life", "record", ...at, ...trust, "--until-now", file])
      assert.strictEqual(recorded.status, 0, recorded.errors)
      for (const [source, more] of [
        [file, []],
        [at[1]!, trust]
      ] as const) {
        const checked = yield* run(["life", "replay", "--check", ...more, source])
        assert.strictEqual(checked.status, 0, checked.errors)
      }
      const pointless = yield* run(["life", "replay", "--check", ...trust, file])
      assert.deepStrictEqual(
        [pointless.status, pointless.errors],
        [1, "effect-c10k: --ca is for wss: URLs: leave it out, or give a --url with wss:\n"]
      )
    })
  )

  it.scopedLive("a game over TLS is not begun with a server that nobody vouches for, or that speaks no TLS", () =>
    Effect.gen(function* () {
      const { at } = yield* served
      const untrusted = yield* run(["life", ...at, "-s", "3", "-n", "1"])
      assert.strictEqual(untrusted.status, 1)
      assert.match(untrusted.errors, /^effect-c10k: .*self.signed certificate; .*--ca\n$/m)
      assert.notMatch(untrusted.errors, /\n\s+at /)
      const [option, url] = at
      const plain = yield* run(["life", option!, url!.replace("wss:", "ws:"), "-s", "3", "-n", "1"])
      assert.strictEqual(plain.status, 1)
      assert.match(plain.errors, /^effect-c10k: .*; if the server speaks TLS, give a URL with wss:\n$/m)
    })
  )
})
