import { createServer } from "node:http"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { Server } from "socket.io"
import { convertArtillery } from "../../../src/Cli/Echo/Import/Artillery/Artillery.ts"
import { Findings, render } from "../../../src/Cli/Echo/Import/Conversion.ts"
import * as LocalRun from "../../../src/Echo/Load/LocalRun.ts"
import * as WebSocketDialer from "../../../src/Echo/Load/WebSocketDialer.ts"
import * as ScenarioFile from "../../../src/Echo/Scenario/ScenarioFile.ts"
import { plan } from "../../Echo/plan.ts"
import * as WsServer from "../../Echo/WsServer.ts"

const convert = (script: string) => {
  const findings = new Findings()
  const converted = Either.getOrThrow(convertArtillery(script, findings, undefined))
  const lines = (list: Findings["notes"]) => list.map(({ line, message }) => `${line}: ${message}`)
  return { converted, notes: lines(findings.notes), refusals: lines(findings.refusals) }
}

describe("echo import artillery of the engine socketio", () => {
  it.scopedLive("a script of Artillery's engine socketio has its load, and its events and answers are checked", () =>
    Effect.gen(function* () {
      const http = createServer()
      const io = new Server(http)
      const came: Array<unknown> = []
      for (const name of ["/", "/admin"]) {
        io.of(name).on("connection", (socket) => {
          socket.on("echo", (value: unknown) => {
            came.push(value)
            socket.emit("echoed", { value, from: name, room: socket.handshake.query["room"] })
          })
          socket.on("sum", (a: number, b: number, answer: (sum: object) => void) => answer({ sum: a + b }))
        })
      }
      const { port } = yield* WsServer.listen(http)
      const { converted, notes, refusals } = convert(`config:
  target: http://127.0.0.1:${port}
  phases: [{duration: 2, arrivalRate: 5}]
  socketio: {query: {room: red}, extraHeaders: {x-a: b}}
  variables: {word: [hello]}
scenarios:
  - engine: socketio
    flow:
      - emit: {channel: echo, data: "{{ word }}", response: {channel: echoed, data: {value: hello, room: red}, capture: {json: $.from, as: from}}}
      - think: 1ms
      - emit: ["sum", 1, 2]
        acknowledge: {match: {json: $.0.sum, value: 3}, capture: {json: $.0.sum, as: sum}}
      - loop:
          - emit: {channel: echo, data: {sum: "{{ sum }}", at: "{{ from }}"}, namespace: /admin, response: {on: echoed, match: {json: $.from, value: /admin}}}
        count: 2
`)
      assert.deepStrictEqual(refusals, [])
      assert.deepStrictEqual(notes, ["4: transports: the clients begin with a WebSocket, without polling before it"])
      assert.strictEqual(converted?.options.join(" "), "--arrivals 5/s for 2s")
      const text = Either.getOrThrow(render("it.yml", "artillery", converted!))
      const scenario = Either.getOrThrow(ScenarioFile.parse("s.yaml", text))
      const { url } = scenario.connect
      const run = yield* LocalRun.make(plan(0, { scenario, urls: [url!], clients: 3, ramp: { _tag: "Once" } }))
      const report = yield* run.report
      assert.deepStrictEqual(report.failures, [])
      assert.strictEqual(report.completed, 3)
      const other = { sum: "3", at: "/" }
      assert.deepStrictEqual(
        came.map((each) => JSON.stringify(each)).toSorted(),
        ["hello", "hello", "hello", ...Array<object>(6).fill(other)].map((each) => JSON.stringify(each)).toSorted()
      )
    }).pipe(Effect.provide(WebSocketDialer.layer))
  )

  it("a script of Artillery's engine socketio is refused where it has no counterpart, each with its line", () => {
    const { refusals } = convert(`config:
  target: http://localhost
  socketio: {upgrade: false}
scenarios:
  - engine: socketio
    flow:
      - emit: {channel: a, data: 1, room: b}
      - emit: {channel: a, acknowledge: {match: {json: $.1.a, value: 1}}}
      - emit: {channel: a, response: {data: 1, beforeRequest: f}}
      - send: x
`)
    assert.deepStrictEqual(refusals, [
      "3: socketio.upgrade has no counterpart",
      "7: room has no counterpart: expected channel, data, namespace, acknowledge, response",
      "8: only a path in the first value has a counterpart",
      "9: beforeRequest has no counterpart: expected channel, on, data, args, match, capture",
      "9: a response needs its channel",
      "10: send has no counterpart: emit, think and loop have"
    ])
  })
})
