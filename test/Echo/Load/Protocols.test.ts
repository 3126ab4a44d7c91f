/** Protocols on top of WebSockets, against the servers of their own packages. */
import { createServer, type Server as HttpServer } from "node:http"
import { createRequire } from "node:module"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { useServer } from "graphql-ws/use/ws"
import { Server } from "socket.io"
import { WebSocketServer } from "ws"
import * as LocalRun from "../../../src/Echo/Load/LocalRun.ts"
import * as WebSocketDialer from "../../../src/Echo/Load/WebSocketDialer.ts"
import * as Protocol from "../../../src/Echo/Scenario/Protocol.ts"
import * as ScenarioFile from "../../../src/Echo/Scenario/ScenarioFile.ts"
import { served } from "../../Channels/rig.ts"
import { plan } from "../plan.ts"
import * as WsServer from "../WsServer.ts"

/** The same modules that graphql-ws loads. vitest would load others, whose schemas graphql-ws refuses. */
const { buildSchema, GraphQLError }: typeof import("graphql") = createRequire(import.meta.url)("graphql")

const CLIENTS = 3

const load = (http: HttpServer, text: string) =>
  Effect.flatMap(WsServer.listen(http), ({ port }) => loadAt(`ws://127.0.0.1:${port}`, text))

const loadAt = (url: string, text: string) =>
  Effect.gen(function* () {
    const scenario = yield* ScenarioFile.parse("s.yaml", text)
    const run = yield* LocalRun.make(plan(0, { scenario, urls: [url], clients: CLIENTS, ramp: { _tag: "Once" } }))
    return yield* run.report
  }).pipe(Effect.provide(WebSocketDialer.layer))

/** A server of the package socket.io, with heartbeats so often that a client which does not answer them is cut. */
const socketIo = () => {
  const http = createServer()
  const io = new Server(http, { pingInterval: 100, pingTimeout: 10_000 })
  const seen: Array<unknown> = []
  for (const name of ["/", "/admin"]) {
    io.of(name).use((socket, next) => {
      seen.push(socket.handshake.auth["token"])
      next()
    })
    io.of(name).on("connection", (socket) => {
      socket.on("hello", (value: unknown, answer: (...args: ReadonlyArray<unknown>) => void) => answer("hi", { value }))
      socket.on("join", (room: string) => {
        void socket.join(room)
        io.of(name).to(room).emit("joined", { room })
      })
      // Acknowledges when it has taken the answers to three heartbeats.
      socket.on("beats", (answer: (beats: number) => void) => {
        let beats = 0
        socket.conn.on("heartbeat", () => ++beats === 3 && answer(beats))
      })
    })
  }
  return { http, seen }
}

const count = (values: ReadonlyArray<unknown>, value: unknown) => values.filter((each) => each === value).length

describe("protocol: socket.io", () => {
  it.scopedLive(
    "protocol: socket.io talks to the server of its package: acknowledgements, namespaces, rooms, heartbeats",
    () =>
      Effect.gen(function* () {
        const { http, seen } = socketIo()
        const report = yield* load(
          http,
          `
protocol: {name: socket.io, auth: {token: "t-{{client}}"}}
steps:
  - emit: {event: hello, args: ["{{client}}"], ack: [hi, {value: "{{client}}"}], capture: {back: "$[1].value"}}
    name: hello
  - if: {value: "{{back}}", equals: "{{client}}", steps: [{join: {namespace: /admin, auth: {token: "a-{{client}}"}}}], else: [{close: 4000}]}
  - emit: {namespace: /admin, event: hello, args: [9], ack: true}
  - emit: {event: beats, ack: [3]}
  - emit: {namespace: /admin, event: join, args: ["room{{client}}"]}
  - event: {namespace: /admin, event: joined, args: [{room: "room{{client}}"}]}
`
        )
        assert.deepStrictEqual(report.failures, [])
        assert.strictEqual(report.named.times["step.hello"]?.count, CLIENTS)
        assert.deepStrictEqual([count(seen, "t-1"), count(seen, "a-1")], [1, 1])
      })
  )
})

describe("protocol: graphql-ws", () => {
  it.scopedLive("protocol: graphql-ws talks to the server of its package: queries, errors, subscriptions", () =>
    Effect.gen(function* () {
      const http = createServer()
      const schema = buildSchema("type Query { n(of: Int!): Int, bad: Int } type Subscription { tick: Int }")
      async function* tick() {
        for (const tick of [1, 2, 3]) yield await Promise.resolve({ tick })
      }
      const roots = {
        query: {
          n: ({ of }: { readonly of: number }) => of,
          bad: () => {
            throw new GraphQLError("no")
          }
        },
        subscription: { tick }
      }
      useServer({ schema, roots }, new WebSocketServer({ server: http }))
      const report = yield* load(
        http,
        `
protocol: graphql-ws
steps:
  - query: {query: "query($of: Int!) { n(of: $of) }", variables: {of: "{{client | number}}"}, data: {n: "{{client | number}}"}}
    name: query
  - query: {query: "{ nothing }", errors: true}
  - subscribe: {query: "subscription { tick }"}
  - next: {data: {tick: 1}}
  - next: {count: 2}
  - completed: true
`
      )
      assert.deepStrictEqual(report.failures, [])
      assert.strictEqual(report.completed, CLIENTS)
      assert.strictEqual(report.named.times["step.query"]?.count, CLIENTS)
    })
  )
})

describe("protocol: json-rpc", () => {
  it.scopedLive("pairs calls with their answers, and takes notifications", () =>
    Effect.gen(function* () {
      const http = createServer()
      new WebSocketServer({ server: http }).on("connection", (socket) => {
        socket.on("message", (data: Buffer) => {
          const { id, method, params } = JSON.parse(data.toString())
          if (method === "note") socket.send('{"jsonrpc":"2.0","method":"noted"}')
          else if (method === "sum") socket.send(JSON.stringify({ jsonrpc: "2.0", id, result: params[0] + params[1] }))
          else socket.send(JSON.stringify({ jsonrpc: "2.0", id, error: { code: -32601, message: "no" } }))
        })
      })
      const steps = `
  - {call: {method: sum, params: [1, "{{client | number}}"], capture: {sum: $.result}}, name: sum}
  - call: {method: none, error: {code: -32601}}
  - notify: {method: note, params: {sum: "{{sum}}"}}
  - notification: {method: noted}`
      const report = yield* load(http, `protocol: json-rpc\nsteps:${steps}`)
      assert.deepStrictEqual(report.failures, [])
      assert.deepStrictEqual([report.named.times["step.sum"]?.count, report.roundTrip.count], [CLIENTS, 2 * CLIENTS])
    })
  )

  it.scopedLive("protocol: json-rpc says what the server answered if it does not speak the protocol", () =>
    Effect.gen(function* () {
      const http = createServer()
      new WebSocketServer({ server: http }).on("connection", (socket) =>
        socket.on("message", () => socket.send("huh?"))
      )
      const report = yield* load(http, "protocol: json-rpc\nsteps: [{call: {method: sum, result: 3}}]")
      const detail = report.failures[0]?.examples[0]?.detail
      assert.include(detail, 'expected JSON with {"id":1,"result":3}, got "huh?"')
    })
  )
})

describe("protocol: centrifugo", () => {
  it.scopedLive(
    "protocol: centrifugo talks to the channels of this package: subscriptions, publications, procedures",
    () =>
      Effect.gen(function* () {
        const { url } = yield* served()
        const report = yield* loadAt(
          new URL(url).origin,
          `
protocol: {name: centrifugo, token: "user:u{{client}}"}
on: [{when: {json: {push: {pub: {data: {n: "1"}}}}}, name: publication}]
steps:
  - {subscribe: {channel: "short:{{client}}"}, name: subscribe}
  - publish: {channel: "short:{{client}}", data: {n: "1"}}
  - rpc: {method: echo, data: [1], result: [1]}
  - unsubscribe: {channel: "short:{{client}}"}
`
        )
        assert.deepStrictEqual(report.failures, [])
        assert.deepStrictEqual(
          [report.named.times["step.subscribe"]?.count, report.roundTrip.count],
          [CLIENTS, 5 * CLIENTS]
        )
        assert.strictEqual(report.named.counts["on.publication"], CLIENTS)
      })
  )
})

describe("protocol: phoenix", () => {
  it.scopedLive("protocol: phoenix joins topics, pushes, and takes broadcasts", () =>
    Effect.gen(function* () {
      const http = createServer()
      const paths: Array<string | undefined> = []
      new WebSocketServer({ server: http }).on("connection", (socket, { url }) => {
        paths.push(url)
        const say = (...parts: ReadonlyArray<unknown>) => socket.send(JSON.stringify(parts))
        socket.on("message", (data: Buffer) => {
          const [join, ref, topic, event, payload] = JSON.parse(data.toString())
          const known = topic === "room:1"
          say(join, ref, topic, "phx_reply", {
            status: known ? "ok" : "error",
            response: known ? payload : { reason: "no" }
          })
          if (event === "shout") say(null, null, topic, event, payload)
        })
      })
      const report = yield* load(
        http,
        `
protocol: phoenix
steps:
  - {join: {topic: "room:1", payload: {user: "{{client}}"}, response: {user: "{{client}}"}}, name: join}
  - push: {topic: "room:1", event: shout, payload: {a: 1}}
  - broadcast: {topic: "room:1", event: shout, payload: {a: 1}}
  - leave: {topic: "room:1"}
  - join: {topic: "room:2", status: error, response: {reason: "no"}}
`
      )
      assert.deepStrictEqual(report.failures, [])
      assert.strictEqual(report.named.times["step.join"]?.count, CLIENTS)
      assert.deepStrictEqual(new Set(paths), new Set(["/socket/websocket?vsn=2.0.0"]))
    })
  )
})

describe("a protocol in a file", () => {
  const problem = (text: string) => Either.getOrThrow(Either.flip(ScenarioFile.parse("s.yaml", text)))

  it("a protocol in a file is written as steps: its beginning first, and the reply to a named step by its name", () => {
    const own: Protocol.Protocol = {
      begin: () => [{ send: "hi" }, { expect: "hi" }],
      steps: { say: (text) => [{ send: String(text) }, { expect: String(text) }] }
    }
    const steps = [{ http: { url: "http://a/" } }, { say: "a", name: "first" }, { repeat: { steps: [{ say: "b" }] } }]
    const { placeOf, value } = Either.getOrThrow(Protocol.expand({ steps }, own, {}))
    const made = [
      ...[{ http: { url: "http://a/" } }, { send: "hi" }, { expect: "hi" }],
      ...[{ send: "a", name: "first" }, { expect: { answers: "first", exact: "a" } }],
      { repeat: { steps: [{ send: "b" }, { expect: "b" }] } }
    ]
    assert.deepStrictEqual(value, { connect: {}, on: [], every: {}, steps: made })
    assert.deepStrictEqual(placeOf(["steps", 4, "expect"]), ["steps", 1, "expect"])
    assert.deepStrictEqual(placeOf(["steps", 5, "repeat", "steps", 1]), ["steps", 2, "repeat", "steps", 0])
  })

  it("a protocol in a file has its problems at the lines of its steps", () => {
    const head = "protocol: socket.io\nsteps:\n  - wait: 1s\n"
    assert.include(problem(`${head}  - emit: {evnt: a}`), "s.yaml:4: steps[2].emit: ")
    assert.include(
      problem(`${head}  - emit: {event: "{{x}}"}`),
      "s.yaml:4: steps[2].send.json[1]: no step before this sets {{x}}"
    )
    assert.include(
      problem(`${head}  - repeat: {times: 2, steps: [{wait: 1s}, {emit: {event: a}, sned: b}]}`),
      "steps[2].repeat.steps[2].sned: expected only name"
    )
    assert.include(
      problem("protocol: socketio\nsteps: [{wait: 1}]"),
      "s.yaml:1: protocol: there is no protocol socketio; did you mean socket.io?"
    )
    assert.include(problem("protocol: {name: socket.io, namespace: admin}\nsteps: [{wait: 1}]"), "s.yaml:1: protocol: ")
  })
})
