import { createServer } from "node:http"
import { createRequire } from "node:module"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { useServer } from "graphql-ws/use/ws"
import { Server } from "socket.io"
import { WebSocketServer } from "ws"
import { Findings, render } from "../../../src/Cli/Echo/Import/Conversion.ts"
import { convertHar } from "../../../src/Cli/Echo/Import/Har.ts"
import * as LocalRun from "../../../src/Echo/Load/LocalRun.ts"
import * as WebSocketDialer from "../../../src/Echo/Load/WebSocketDialer.ts"
import * as ScenarioFile from "../../../src/Echo/Scenario/ScenarioFile.ts"
import * as Peer from "../../Echo/Peer.ts"
import { plan } from "../../Echo/plan.ts"
import * as WsServer from "../../Echo/WsServer.ts"

/** The same module that graphql-ws loads. */
const { buildSchema }: typeof import("graphql") = createRequire(import.meta.url)("graphql")

type Message = readonly [type: string, seconds: number, opcode: number, data: string]

/** A request, and the messages of its WebSocket, as Chromium saves them. */
const entryOf = (protocols: string, url: string, ...messages: ReadonlyArray<Message>) => ({
  _resourceType: "websocket",
  request: {
    method: "GET",
    url,
    headers: [
      { name: "Host", value: "localhost" },
      { name: "User-Agent", value: "Browser" },
      { name: "Origin", value: "http://localhost" },
      { name: "Sec-WebSocket-Key", value: "x" },
      { name: "Sec-WebSocket-Protocol", value: protocols }
    ]
  },
  response: { status: 101 },
  ...(messages.length === 0
    ? {}
    : { _webSocketMessages: messages.map(([type, time, opcode, data]) => ({ type, time, opcode, data })) })
})

const entry = (url: string, ...messages: ReadonlyArray<Message>) => entryOf("chat, talk", url, ...messages)

const convert = (text: string, wanted?: string) => {
  const findings = new Findings()
  const made = convertHar(text, findings, wanted)
  return { made, refusals: findings.refusals.map(({ message }) => message), findings }
}

const said = (type: "send" | "receive", ...texts: ReadonlyArray<string>) =>
  texts.map((text): Message => [type, 1, 1, text])

/** Plays what a file becomes with two clients, against the server that it names. */
const play = (text: string) =>
  Effect.gen(function* () {
    const made = Either.getOrThrow(render("it.har", "har", Either.getOrThrow(convert(text).made)!))
    const scenario = Either.getOrThrow(ScenarioFile.parse("s.yaml", made))
    const run = yield* LocalRun.make(
      plan(0, { scenario, urls: [scenario.connect.url!], clients: 2, ramp: { _tag: "Once" } })
    )
    return yield* run.report
  }).pipe(Effect.provide(WebSocketDialer.layer))

const har = (...entries: ReadonlyArray<object>) => JSON.stringify({ log: { version: "1.2", pages: [], entries } })

describe("echo import har", () => {
  it.scopedLive("the WebSocket of a HAR file becomes a scenario that holds its conversation", () =>
    Effect.gen(function* () {
      const { url } = yield* WsServer.serve(Peer.original)
      const from = 1_767_225_600.5
      const { made, refusals } = convert(
        har(
          entry("http://localhost/"),
          entry(
            url,
            ["receive", from, 1, "Hello!"],
            ["send", from + 0.04, 1, "Spam?"],
            ["receive", from + 0.041, 1, "1. Spam?"],
            ["send", from + 0.042, 1, '{"a":1}'],
            ["receive", from + 0.043, 1, '2. {"a":1}'],
            ["send", from + 0.043, 2, "AQI="],
            ["receive", from + 0.044, 1, "3. \u0001\u0002"],
            ["receive", from + 0.044, 1, "Goodbye!"],
            ["error", from + 0.045, -1, "gone"]
          )
        )
      )
      assert.deepStrictEqual(refusals, [])
      const converted = Either.getOrThrow(made)!
      const text = Either.getOrThrow(render("it.har", "har", converted))
      const scenario = Either.getOrThrow(ScenarioFile.parse("s.yaml", text))
      assert.deepStrictEqual(scenario.connect, {
        url,
        headers: { origin: "http://localhost" },
        subprotocols: ["chat", "talk"]
      })
      assert.deepStrictEqual(scenario.steps.slice(0, 5), [
        { expect: "Hello!" },
        { wait: 40 },
        { send: "Spam?" },
        { expect: "1. Spam?" },
        { send: { json: { a: 1 } } }
      ])
      const connect = { headers: {}, subprotocols: [] }
      const steps = scenario.steps.filter(({ close }) => close === undefined)
      const run = yield* LocalRun.make(
        plan(0, { scenario: { ...scenario, connect, steps }, urls: [url], clients: 2, ramp: { _tag: "Once" } })
      )
      const report = yield* run.report
      assert.deepStrictEqual(report.failures, [])
      assert.deepStrictEqual([report.completed, report.sent], [2, 6])
    }).pipe(Effect.provide(WebSocketDialer.layer))
  )

  it.scopedLive(
    "a visit to a server of Socket.IO becomes a scenario of its protocol, without the ids of that visit",
    () =>
      Effect.gen(function* () {
        const http = createServer()
        const io = new Server(http, { pingInterval: 50, pingTimeout: 10_000 })
        for (const name of ["/", "/admin"]) {
          io.of(name).use((socket, next) =>
            next(socket.handshake.auth["token"] === "t" ? undefined : new Error("who?"))
          )
          io.of(name).on("connection", (socket) => {
            socket.on("hello", (answer: (text: string) => void) => setTimeout(() => answer("hi"), 120))
          })
        }
        const { port } = yield* WsServer.listen(http)
        const report = yield* play(
          har(
            entry(
              `ws://127.0.0.1:${port}/socket.io/?EIO=4&transport=websocket`,
              ...said(
                "receive",
                '0{"sid":"a","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}'
              ),
              ...said("send", '40{"token":"t"}'),
              ...said("receive", '40{"sid":"b"}', "2"),
              ...said("send", "3", '40/admin,{"token":"t"}'),
              ...said("receive", '40/admin,{"sid":"c"}'),
              ...said("send", '42/admin,0["hello"]'),
              ...said("receive", '43/admin,0["hi"]'),
              ...said("send", '421["hello"]'),
              ...said("receive", "2", '431["hi"]')
            )
          )
        )
        assert.deepStrictEqual(report.failures, [])
        assert.strictEqual(report.completed, 2)
      })
  )

  it.scopedLive("a visit to a server of graphql-ws becomes a scenario of its protocol, without the heartbeats", () =>
    Effect.gen(function* () {
      const http = createServer()
      const schema = buildSchema("type Query { n: Int } type Subscription { tick: Int }")
      async function* tick() {
        for (const tick of [1, 2]) yield await Promise.resolve({ tick })
        await new Promise(() => {})
      }
      const roots = { query: { n: () => 7 }, subscription: { tick } }
      const onConnect = ({ connectionParams }: { readonly connectionParams?: unknown }) =>
        JSON.stringify(connectionParams) === '{"token":"t"}'
      useServer({ schema, roots, onConnect }, new WebSocketServer({ server: http }))
      const { port } = yield* WsServer.listen(http)
      const report = yield* play(
        har(
          entryOf(
            "graphql-transport-ws",
            `ws://127.0.0.1:${port}/`,
            ...said("send", '{"type":"connection_init","payload":{"token":"t"}}'),
            ...said("receive", '{"type":"connection_ack"}', '{"type":"ping"}'),
            ...said("send", '{"type":"pong"}', '{"id":"a","type":"subscribe","payload":{"query":"{ n }"}}'),
            ...said("receive", '{"id":"a","type":"next","payload":{"data":{"n":7}}}', '{"id":"a","type":"complete"}'),
            ...said("send", '{"id":"b","type":"subscribe","payload":{"query":"subscription { tick }"}}'),
            ...said("receive", '{"id":"b","type":"next","payload":{"data":{"tick":1}}}'),
            ...said("receive", '{"type":"pong"}', '{"id":"b","type":"next","payload":{"data":{"tick":2}}}'),
            ...said("send", '{"id":"b","type":"complete"}')
          )
        )
      )
      assert.deepStrictEqual(report.failures, [])
      assert.deepStrictEqual([report.completed, report.unanswered], [2, 0])
    })
  )

  it("a packet of Socket.IO that holds no JSON is sent as it is, and a visit of nothing but the protocol has no step of its own", () => {
    const url = "ws://localhost/socket.io/?EIO=4&transport=websocket"
    const scenarioOf = (...texts: ReadonlyArray<string>) =>
      JSON.stringify(
        Either.getOrThrow(convert(har(entry(url, ...texts.map((text): Message => ["send", 1, 1, text])))).made)
          ?.scenario
      )
    assert.include(scenarioOf("40{bad", "421"), '"send":"40{bad"')
    assert.notInclude(scenarioOf("40{bad", "421"), '"protocol":')
    assert.include(scenarioOf("40", "3"), '"protocol":"socket.io"')
    assert.notInclude(scenarioOf("40", "3"), '"send"')
  })

  it("a HAR file with several WebSockets needs the number of one, and one without any is refused", () => {
    const [a, b] = ["a", "b"].map((name) => entry(`ws://localhost/${name}?token=1`, ["send", 1, 1, name]))
    const both = convert(har(a!, entry("ws://localhost/empty"), b!))
    assert.deepStrictEqual(both.refusals, [
      "the file has 2 WebSockets: choose one with --scenario NUMBER; 1 is ws://localhost/a with 1 messages, 2 is ws://localhost/b with 1 messages"
    ])
    const second = Either.getOrThrow(convert(har(a!, b!), "2").made)
    assert.include(JSON.stringify(second?.scenario), '"send":"b"')
    assert.match(convert(har(a!), "3").refusals.join(), /^the file has 1 WebSocket: choose one/)
    assert.match(convert(har(entry("http://localhost/"))).refusals.join(), /^no WebSocket of the file has messages/)
    for (const text of ["", "{}", "[1]"]) assert.isTrue(Either.isLeft(convert(text).made), text)
  })
})
