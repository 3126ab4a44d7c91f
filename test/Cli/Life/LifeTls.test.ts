/** `serve` and `life` over TLS, as people start them. */
import { assert, describe, it, vi } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { certificate } from "../../certificate.ts"
import * as ServerProcess from "../../Server/ServerProcess.ts"
import { run } from "../processes.ts"

// Processes that start on a busy machine take their time.
vi.setConfig({ testTimeout: 90_000 })

const served = Effect.gen(function* () {
  const { certFile, keyFile } = yield* certificate
  const options = ["--host", "localhost", "--port", "0", "--tls-cert", certFile, "--tls-key", keyFile]
  const server = yield* ServerProcess.start(["serve", ...options])
  const port = yield* Effect.promise(() => server.port())
  return { certFile, at: ["--url", `wss://localhost:${port}`] }
})

describe("a game over TLS", () => {
  it.scopedLive("is played to its end, all cells right", () =>
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

  it.scopedLive("is not begun with a server that nobody vouches for, or that speaks no TLS", () =>
    Effect.gen(function* () {
      const { at } = yield* served
      const untrusted = yield* run(["life", ...at, "-s", "3", "-n", "1"])
      assert.strictEqual(untrusted.status, 1)
      assert.match(untrusted.errors, /^effect-c10k: .*self.signed certificate; .*--ca\n$/m)
      assert.notMatch(untrusted.errors, /\n\s+at /)
      const [option, url] = at
      const plain = yield* run(["life", option!, url!.replace("wss:", "ws:"), "-s", "3", "-n", "1"])
      assert.strictEqual(plain.status, 1)
      assert.match(plain.errors, /^effect-c10k: .*; if it speaks TLS, give a url with wss:\n$/m)
    })
  )
})
