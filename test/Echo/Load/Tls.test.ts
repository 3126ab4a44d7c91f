import { createServer } from "node:https"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { WebSocketServer } from "ws"
import * as LocalRun from "../../../src/Echo/Load/LocalRun.ts"
import * as WebSocketDialer from "../../../src/Echo/Load/WebSocketDialer.ts"
import type { LoadPlan } from "../../../src/Echo/Scenario/LoadPlan.ts"
import { certificate } from "../../certificate.ts"
import { plan } from "../plan.ts"
import * as WsServer from "../WsServer.ts"

const load = (trusted: boolean, scheme: "ws" | "wss" = "wss") =>
  Effect.gen(function* () {
    const pair = yield* certificate
    const https = createServer(pair)
    new WebSocketServer({ server: https }).on("connection", (socket) => {
      socket.on("message", (data: Buffer) => socket.send(data.toString()))
    })
    const { port } = yield* WsServer.listen(https)
    const scenario = { ...plan(0).scenario, steps: [{ send: "over TLS" }, { expect: "over TLS" }] }
    const urls: LoadPlan["urls"] = [`${scheme}://localhost:${port}/`]
    const run = yield* LocalRun.make(plan(0, { scenario, urls, certificates: trusted ? { ca: pair.cert } : {} }))
    return yield* run.report
  }).pipe(Effect.provide(WebSocketDialer.layer))

describe("over TLS", () => {
  it.scopedLive("conversations succeed if the certificate is trusted", () =>
    Effect.gen(function* () {
      const report = yield* load(true)
      assert.deepStrictEqual(report.failures, [])
      assert.strictEqual(report.completed, 5)
    })
  )

  it.scopedLive("a URL with ws: fails with the scheme to give", () =>
    Effect.gen(function* () {
      const report = yield* load(true, "ws")
      assert.strictEqual(report.failures[0]?.cause, "reset")
      assert.match(report.failures[0]?.kind ?? "", /; if the server speaks TLS, give a URL with wss:$/)
    })
  )

  it.scopedLive("an untrusted certificate has its own cause of failure, with the options to give", () =>
    Effect.gen(function* () {
      const report = yield* load(false)
      assert.strictEqual(report.failures[0]?.cause, "tls")
      assert.match(report.failures[0]?.kind ?? "", /self.signed.*--ca.*--insecure \(-k\)/)
    })
  )
})
