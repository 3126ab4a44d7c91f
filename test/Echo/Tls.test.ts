import { execFileSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { createServer } from "node:https"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { WebSocketServer } from "ws"
import type { LoadPlan } from "../../src/Echo/LoadPlan.ts"
import * as LocalRun from "../../src/Echo/LocalRun.ts"
import * as WebSocketDialer from "../../src/Echo/WebSocketDialer.ts"
import { plan } from "./plan.ts"
import * as WsServer from "./WsServer.ts"

/** A certificate for localhost that no authority signed, and its key. */
const certificate = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "echo-tls-"))),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true }))
).pipe(
  Effect.map((folder) => {
    const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")]
    const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    const args = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1"]
    execFileSync("openssl", [...args, ...subject, "-keyout", key, "-out", cert], { stdio: "ignore" })
    return { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") }
  })
)

const load = (trusted: boolean) =>
  Effect.gen(function* () {
    const pair = yield* certificate
    const https = createServer(pair)
    new WebSocketServer({ server: https }).on("connection", (socket) => {
      socket.on("message", (data: Buffer) => socket.send(data.toString()))
    })
    const { port } = yield* WsServer.listen(https)
    const scenario = { ...plan(0).scenario, steps: [{ send: "over TLS" }, { expect: "over TLS" }] }
    const urls: LoadPlan["urls"] = [`wss://localhost:${port}/`]
    const run = yield* LocalRun.make(plan(0, { scenario, urls, ca: trusted ? pair.cert : undefined }))
    return yield* run.report
  }).pipe(Effect.provide(WebSocketDialer.layer))

describe("over TLS", () => {
  it.scopedLive("conversations are held where the certificate is trusted", () =>
    Effect.gen(function* () {
      const report = yield* load(true)
      assert.deepStrictEqual(report.failures, [])
      assert.strictEqual(report.completed, 5)
    })
  )

  it.scopedLive("a certificate that nobody vouches for is a failure of its own", () =>
    Effect.gen(function* () {
      const report = yield* load(false)
      assert.strictEqual(report.failures[0]?.cause, "tls")
      assert.match(report.failures[0]?.kind ?? "", /self.signed/)
    })
  )
})
