import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as LocalRun from "../../src/Echo/Load/LocalRun.ts"
import * as WebSocketDialer from "../../src/Echo/Load/WebSocketDialer.ts"
import type { LoadPlan } from "../../src/Echo/Scenario/LoadPlan.ts"
import * as OtherServers from "./OtherServers.ts"
import { plan } from "./plan.ts"

const load = (changes: Partial<LoadPlan>) =>
  Effect.gen(function* () {
    const run = yield* LocalRun.make(plan(100, { clients: 20, ...changes }))
    return yield* run.report
  }).pipe(Effect.provide(WebSocketDialer.layer))

describe("servers of other projects", () => {
  it.scopedLive("Python websockets", () =>
    Effect.gen(function* () {
      const url = yield* OtherServers.python("../../bench/peers/python_server.py")
      const report = yield* load({ urls: [`${url}/test/ws/`] })
      assert.deepStrictEqual(report.failures, [])
      assert.strictEqual(report.completed, 20)
    })
  )

  it.scopedLive("Python websockets with compression", () =>
    Effect.gen(function* () {
      const url = yield* OtherServers.python("peers/chat.py")
      const text = "the same again, ".repeat(200)
      const steps = [{ expect: { json: { type: "welcome" } } }, { send: text }, { expect: text }]
      for (const contextTakeover of [false, true]) {
        const connect = { headers: {}, subprotocols: [], compress: { contextTakeover } }
        const report = yield* load({ urls: [`${url}/`], scenario: { ...plan(0).scenario, connect, steps } })
        assert.deepStrictEqual(report.failures, [])
        const [[answer, count] = []] = Object.entries(report.compression?.agreed ?? {})
        assert.match(answer ?? "", contextTakeover ? /^permessage-deflate; server_max/ : /server_no_context_takeover/)
        assert.strictEqual(count, 20)
        assert.isBelow(report.wire.received, text.length * 20)
      }
    })
  )

  it.scopedLive("websocketd", () =>
    Effect.gen(function* () {
      const url = yield* OtherServers.websocketd("peers/conversation.sh")
      const report = yield* load({ urls: [`${url}/`] })
      assert.deepStrictEqual(report.failures, [])
      assert.strictEqual(report.completed, 20)
    })
  )
})
