/** `connect.compress` with servers on `ws`, with and without compression. */
import { createServer } from "node:http"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { type PerMessageDeflateOptions, type WebSocket, WebSocketServer } from "ws"
import * as LocalRun from "../../../src/Echo/Load/LocalRun.ts"
import * as WebSocketDialer from "../../../src/Echo/Load/WebSocketDialer.ts"
import * as Figures from "../../../src/Echo/Measure/Figures.ts"
import * as Summary from "../../../src/Echo/Report/Summary.ts"
import type { Connect } from "../../../src/Echo/Scenario/Connect.ts"
import type { LoadPlan } from "../../../src/Echo/Scenario/LoadPlan.ts"
import { plan } from "../plan.ts"
import { listen } from "../WsServer.ts"

const CLIENTS = 3
const text = "All work and no play makes Jack a dull boy. ".repeat(100)

/** Answers each message with `answer(message)`. */
const serve = (perMessageDeflate: boolean | PerMessageDeflateOptions, answer = (message: string) => message) => {
  const http = createServer()
  const wss = new WebSocketServer({ server: http, perMessageDeflate })
  wss.on("connection", (socket: WebSocket) => {
    socket.on("error", () => {})
    socket.on("message", (data: Buffer) => socket.send(answer(data.toString())))
  })
  return Effect.map(listen(http), ({ port }) => `ws://127.0.0.1:${port}/`)
}

const load = (url: string, compress: Connect["compress"], changes: Partial<LoadPlan> = {}) =>
  Effect.gen(function* () {
    const steps = [{ repeat: { times: 5, steps: [{ send: text }, { expect: text }] } }]
    const scenario = { ...plan(0).scenario, connect: { headers: {}, subprotocols: [], compress }, steps }
    const run = yield* LocalRun.make(plan(0, { scenario, urls: [url], clients: CLIENTS, ...changes }))
    return yield* run.report
  }).pipe(Effect.provide(WebSocketDialer.layer))

const BYTES = CLIENTS * 5 * text.length

describe("compression of a run", () => {
  for (const [what, compress, answer] of [
    ["without what came before", true, "permessage-deflate; server_no_context_takeover; client_no_context_takeover"],
    ["with what came before", { contextTakeover: true, level: 9 }, "permessage-deflate"]
  ] as const) {
    it.scopedLive(`compression of a run is offered, ${what}: tells what was agreed, and both numbers of bytes`, () =>
      Effect.gen(function* () {
        const url = yield* serve({ threshold: 0 })
        const report = yield* load(url, compress)
        assert.deepStrictEqual(report.failures, [])
        assert.deepStrictEqual(report.compression, {
          agreed: { [answer]: CLIENTS },
          declined: 0,
          payload: { sent: BYTES, received: BYTES }
        })
        assert.isBelow(report.wire.sent, BYTES / 10)
        assert.isBelow(report.wire.received, BYTES / 10)
        assert.isAbove(report.wire.received, 0)
        const lines = Summary.render(report).join("\n")
        assert.include(lines, `compression: ${CLIENTS} connections, ${answer}`)
        assert.match(
          lines,
          /66,000 bytes of messages sent as [\d,]+ \(\d+(?:\.\d)? %\) on the wire, 66,000 received as/
        )
        assert.notInclude(lines, "permessage-deflate: none")
      })
    )
  }

  it.scopedLive("compression of a run detects a wrong reply that was compressed", () =>
    Effect.gen(function* () {
      const url = yield* serve({ threshold: 0 }, (message) => message.replace(/boy\. $/, "bot. "))
      const report = yield* load(url, true)
      assert.strictEqual(report.failed, CLIENTS)
      assert.strictEqual(report.failures[0]?.cause, "wrong reply")
    })
  )

  it.scopedLive("compression of a run continues without it if the server does not support it, and says so", () =>
    Effect.gen(function* () {
      const report = yield* load(yield* serve(false), true)
      assert.strictEqual(report.completed, CLIENTS)
      assert.deepStrictEqual(report.compression?.agreed, {})
      assert.strictEqual(Figures.find(report, "compression.declined")?.value, CLIENTS)
      assert.isAbove(report.wire.sent, BYTES)
      assert.include(
        Summary.render(report).join("\n"),
        "warning: the server does not speak permessage-deflate: none of 3 connections was compressed"
      )
    })
  )

  it.scopedLive("compression of a run is not offered by default, and then has no figures", () =>
    Effect.gen(function* () {
      const report = yield* load(yield* serve({ threshold: 0 }), undefined)
      assert.strictEqual(report.completed, CLIENTS)
      assert.isUndefined(report.compression)
      assert.isUndefined(Figures.find(report, "payload.sent"))
      assert.isAbove(Figures.find(report, "wire.sent")?.value ?? 0, BYTES)
      assert.match(Summary.render(report)[2]!, /^[\d,]+ bytes sent, [\d,]+ received on the wire$/)
    })
  )

  it.scopedLive("compression of a run leaves messages below its threshold as they are", () =>
    Effect.gen(function* () {
      const report = yield* load(yield* serve({ threshold: 1 << 20 }), { threshold: "8KiB" })
      assert.strictEqual(report.completed, CLIENTS)
      assert.strictEqual(report.compression?.declined, 0)
      assert.isAbove(report.wire.sent, BYTES)
    })
  )

  it.scopedLive("compression of a run counts only the bytes after a warm-up", () =>
    Effect.gen(function* () {
      const steps = [{ repeat: { steps: [{ wait: 5 }, { send: text }, { expect: text }] } }]
      const scenario = {
        ...plan(0).scenario,
        connect: { headers: {}, subprotocols: [], compress: { threshold: "1MiB" } },
        steps
      }
      const url = yield* serve({ threshold: 0 })
      const report = yield* load(url, true, { scenario, duration: 200, warmUp: 300 })
      const { compression, sent, wire } = report
      assert.strictEqual(compression?.payload.sent, sent * text.length)
      // An uncompressed frame has 8 bytes around this text. When the warm-up ends, one message of each client may be sent but not
      // yet written; at the end there is a close frame.
      assert.isBelow(Math.abs(wire.sent - sent * (text.length + 8)), (CLIENTS + 1) * (text.length + 8))
    })
  )
})
