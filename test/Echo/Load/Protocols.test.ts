/** Protocols on top of WebSockets, against the servers of their own packages. */
import { createServer, type Server as HttpServer } from "node:http"
import { createRequire } from "node:module"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { useServer } from "graphql-ws/use/ws"
import { Socket } from "phoenix"
import { Server } from "socket.io"
import { WebSocket, WebSocketServer } from "ws"
import * as LocalRun from "../../../src/Echo/Load/LocalRun.ts"
import { type Happening, Trace } from "../../../src/Echo/Load/Trace.ts"
import * as WebSocketDialer from "../../../src/Echo/Load/WebSocketDialer.ts"
import type { Protocol } from "../../../src/Echo/Scenario/Protocol.ts"
import * as ProtocolExpansion from "../../../src/Echo/Scenario/ProtocolExpansion.ts"
import * as ScenarioFile from "../../../src/Echo/Scenario/ScenarioFile.ts"
import { served } from "../../Channels/rig.ts"
import * as PhoenixServer from "../PhoenixServer.ts"
import { plan } from "../plan.ts"
import * as WsServer from "../WsServer.ts"

/** The same modules that graphql-ws loads. vitest would load others, whose schemas graphql-ws refuses. */
const { buildSchema, GraphQLError }: typeof import("graphql") = createRequire(import.meta.url)("graphql")

const CLIENTS = 3

const load = (http: HttpServer, text: string) =>
  Effect.flatMap(WsServer.listen(http), ({ port }) => loadAt(`ws://127.0.0.1:${port}`, text))

const loadAt = (url: string, text: string, clients = CLIENTS) =>
  Effect.gen(function* () {
    const scenario = yield* ScenarioFile.parse("s.yaml", text)
    const run = yield* LocalRun.make(plan(0, { scenario, urls: [url], clients, ramp: { _tag: "Once" } }))
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
    "a failure in a protocol names the step as it stands in the file, not those that the protocol made",
    () =>
      Effect.gen(function* () {
        const late = yield* load(
          socketIo().http,
          `
protocol: socket.io
steps:
  - emit: {event: hello, args: [1], ack: true}
  - repeat:
      times: 1
      steps:
        - emit: {event: hello, args: [2], ack: true}
        - emit: {event: hello, args: [3], ack: [nobody]}
          name: greeting
`
        )
        assert.strictEqual(late.failures[0]?.kind, "at step 4 (greeting)")
        const set = (steps: string) => `{protocol: socket.io, scenarios: [{name: one, steps: ${steps}}]}`
        const silent = yield* load(socketIo().http, set("[{set: {a: 1}}, {event: {event: never, timeout: 50ms}}]"))
        assert.strictEqual(silent.failures[0]?.kind, "no reply at step 2 (event) within 50.0 ms")
        const refused = yield* load(
          socketIo().http,
          "{protocol: {name: socket.io, namespace: /nowhere}, steps: [{emit: {event: hello}}]}"
        )
        assert.strictEqual(refused.failures[0]?.kind, "at step 0 (the beginning of the protocol)")
      })
  )

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
      const schema = buildSchema(
        "type Query { n(of: Int!): Int, bad: Int } type Subscription { tick: Int, said: Int } type Mutation { say(n: Int!): Int }"
      )
      const heard = new Set<(n: number) => void>()
      async function* said() {
        for (;;) yield { said: await new Promise<number>((resolve) => heard.add(resolve)) }
      }
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
        subscription: { tick, said },
        mutation: {
          // The news come before the answer, to everybody who has subscribed.
          say: async ({ n }: { readonly n: number }) => {
            const turn = () => new Promise((resolve) => setImmediate(resolve))
            while (heard.size === 0) await turn()
            for (const hear of heard) hear(n)
            heard.clear()
            for (let turns = 0; turns < 20; turns++) await turn()
            return n
          }
        }
      }
      useServer({ schema, roots }, new WebSocketServer({ server: http }))
      const { port } = yield* WsServer.listen(http)
      const url = `ws://127.0.0.1:${port}`
      const report = yield* loadAt(
        url,
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
      const news = yield* loadAt(
        url,
        `
protocol: graphql-ws
steps:
  - subscribe: {query: "subscription { said }"}
  - query: {query: "mutation { say(n: 7) }", data: {say: 7}}
  - next: {data: {said: 7}}
  - unsubscribe: true
`,
        1
      )
      assert.deepStrictEqual([news.failures, news.roundTrip.count], [[], 2])
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
          else if (method === "odd")
            socket.send(JSON.stringify({ error: null, id, result: { error: { text: "error" } } }))
          else if (method === "sum") socket.send(JSON.stringify({ jsonrpc: "2.0", id, result: params[0] + params[1] }))
          else socket.send(JSON.stringify({ jsonrpc: "2.0", id, error: { code: -32601, message: "no" } }))
        })
      })
      const { port } = yield* WsServer.listen(http)
      const url = `ws://127.0.0.1:${port}`
      const steps = `
  - {call: {method: sum, params: [1, "{{client | number}}"], capture: {sum: $.result}}, name: sum}
  - call: {method: none, error: {code: -32601}}
  - call: {method: odd}
  - notify: {method: note, params: {sum: "{{sum}}"}}
  - notification: {method: noted}`
      const report = yield* loadAt(url, `protocol: json-rpc\nsteps:${steps}`)
      assert.deepStrictEqual(report.failures, [])
      assert.deepStrictEqual([report.named.times["step.sum"]?.count, report.roundTrip.count], [CLIENTS, 3 * CLIENTS])
      const refused = yield* loadAt(url, "{protocol: json-rpc, steps: [{call: {method: none}}]}")
      assert.strictEqual(refused.failures[0]?.kind, "at step 1 (call)")
    })
  )

  it.scopedLive("protocol: json-rpc says what the server answered if it does not speak the protocol", () =>
    Effect.gen(function* () {
      const http = createServer()
      new WebSocketServer({ server: http }).on("connection", (socket) =>
        socket.on("message", () => socket.send("huh?"))
      )
      const { port } = yield* WsServer.listen(http)
      const url = `ws://127.0.0.1:${port}`
      const report = yield* loadAt(url, "protocol: json-rpc\nsteps: [{call: {method: sum, result: 3}}]")
      const detail = report.failures[0]?.examples[0]?.detail
      assert.include(detail, 'expected JSON with {"id":1,"result":3}, got "huh?"')
      const ended: Array<string> = []
      const unsafeNote = ({ kind, what }: Happening) => void (kind === "ended" && ended.push(String(what)))
      yield* loadAt(
        url,
        "{protocol: json-rpc, unmatched: ignore, steps: [{call: {method: sum, result: 3, timeout: 1s}}]}"
      ).pipe(Effect.provideService(Trace, { unsafeNote }))
      assert.match(ended[0] ?? "", /^timeout: no reply at step 1 .*; the last other message was "huh\?"$/)
    })
  )

  it.scopedLive("protocol: json-rpc ends a pause when the server closes, also after a push was kept and taken", () =>
    Effect.gen(function* () {
      const http = createServer()
      new WebSocketServer({ server: http }).on("connection", (socket) =>
        socket.on("message", (data: Buffer) => {
          const { id, method } = JSON.parse(data.toString())
          if (method === "leave") return socket.close(4000, "bye")
          socket.send('{"jsonrpc":"2.0","method":"noted"}')
          socket.send(JSON.stringify({ jsonrpc: "2.0", id, result: 1 }))
        })
      )
      const report = yield* load(
        http,
        "{protocol: json-rpc, steps: [{call: {method: work}}, {notification: {method: noted}}, {notify: {method: leave}}, {wait: 30m}]}"
      )
      assert.deepStrictEqual(
        report.failures.map(({ cause, count }) => [cause, count]),
        [["early close", CLIENTS]]
      )
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
  - publish: {channel: "short:{{client}}", data: {n: "2"}}
  - publish: {channel: "short:{{client}}", data: {n: "3"}}
  - publication: {channel: "short:{{client}}", data: {n: "2"}}
  - publication: {channel: "short:{{client}}", data: {n: "3"}}
  - unsubscribe: {channel: "short:{{client}}"}
`
        )
        assert.deepStrictEqual(report.failures, [])
        assert.deepStrictEqual(
          [report.named.times["step.subscribe"]?.count, report.roundTrip.count],
          [CLIENTS, 7 * CLIENTS]
        )
        assert.strictEqual(report.named.counts["on.publication"], CLIENTS)
      })
  )
})

/** What Phoenix's own client says and hears: it joins two topics, sends, leaves one, and can't join a third. */
const phoenixTalk = (url: string) =>
  Effect.async<ReadonlyArray<unknown>>((resume) => {
    const heard: Array<unknown> = []
    const socket = new Socket(`${url}/socket`, { transport: WebSocket })
    const note = (name: string) => (value?: unknown) => void heard.push(value === undefined ? name : [name, value])
    const room = socket.channel("room:1", { user: "1" })
    const other = socket.channel("room:2", {})
    room.on("shout", note("shout"))
    room.on("heard", (payload) => {
      note("heard")(payload)
      room.push("quiet", { b: 2 })
      room.leave().receive("ok", () => note("left")())
    })
    room.onClose(() => {
      note("closed")()
      const unknown = socket.channel("other", {})
      unknown.join().receive("error", (reason) => {
        note("refused")(reason)
        socket.disconnect(() => resume(Effect.succeed(heard)))
      })
    })
    room.join().receive("ok", (response) => {
      note("joined")(response)
      other.join().receive("ok", () => {
        room.push("shout", { a: 1 }).receive("ok", note("answered"))
      })
    })
    socket.connect()
  })

describe("protocol: phoenix", () => {
  it.scopedLive("protocol: phoenix says the same as Phoenix's own client, and takes what that takes", () =>
    Effect.gen(function* () {
      const { http, paths, talks } = PhoenixServer.make()
      const { port } = yield* WsServer.listen(http)
      const heard = yield* phoenixTalk(`ws://127.0.0.1:${port}`)
      const said = { a: 1 }
      const answers = ["answered", "shout", "heard"].map((name) => [name, said])
      const refused = ["refused", { reason: "unmatched topic" }]
      assert.deepStrictEqual(heard, [["joined", { user: "1" }], ...answers, "closed", "left", refused])
      const report = yield* loadAt(
        `ws://127.0.0.1:${port}`,
        `
protocol: phoenix
steps:
  - {join: {topic: "room:{{client}}", payload: {user: "{{client}}"}, response: {user: "{{client}}"}}, name: join}
  - join: {topic: "room:2"}
  - push: {topic: "room:{{client}}", event: shout, payload: {a: 1}, response: {a: 1}}
  - broadcast: {topic: "room:{{client}}", event: shout, payload: {a: 1}}
  - pushed: {topic: "room:{{client}}", event: heard, payload: {a: 1}}
  - push: {topic: "room:{{client}}", event: quiet, payload: {b: 2}, noReply: true}
  - leave: {topic: "room:{{client}}"}
  - join: {topic: other, status: error, response: {reason: "unmatched topic"}}
`,
        1
      )
      assert.deepStrictEqual(report.failures, [])
      assert.strictEqual(report.named.times["step.join"]?.count, 1)
      assert.deepStrictEqual(paths, ["/socket/websocket?vsn=2.0.0", "/socket/websocket?vsn=2.0.0"])
      const [client = [], ours = []] = talks.map(PhoenixServer.renumbered)
      assert.isAbove(client.length, 10)
      assert.deepStrictEqual(ours, client)
    })
  )

  it.scopedLive("protocol: phoenix keeps a connection alive by heartbeats, and adds parameters to its own", () =>
    Effect.gen(function* () {
      const { http, paths, talks } = PhoenixServer.make()
      const report = yield* load(
        http,
        `
protocol: phoenix
connect: {query: {token: "a b&{{client}}/"}}
every: {10ms: {json: [null, heartbeat, phoenix, heartbeat, {}]}}
steps: [{join: {topic: "room:1"}}, {wait: 500ms}, {push: {topic: "room:1", event: shout}}, {until: {pattern: heard}}]
`
      )
      assert.deepStrictEqual(report.failures, [])
      assert.deepStrictEqual(
        paths.toSorted(),
        [1, 2, 3].map((client) => `/socket/websocket?vsn=2.0.0&token=a%20b%26${client}%2F`)
      )
      for (const talk of talks) {
        const beats = talk.filter(({ parts: [, ref, topic] }) => ref === "heartbeat" && topic === "phoenix")
        assert.isAtLeast(beats.length, 2)
      }
    })
  )
})

describe("a protocol in a file", () => {
  const problem = (text: string) => Either.getOrThrow(Either.flip(ScenarioFile.parse("s.yaml", text)))

  it("a protocol in a file is written as steps: its beginning first, and the reply to a named step by its name", () => {
    const own: Protocol = {
      begin: () => [{ send: "hi" }, { expect: "hi" }],
      steps: { say: (text) => [{ send: String(text) }, { expect: String(text) }] }
    }
    const steps = [{ http: { url: "http://a/" } }, { say: "a", name: "first" }, { repeat: { steps: [{ say: "b" }] } }]
    const { placeOf, value } = Either.getOrThrow(ProtocolExpansion.expand({ steps }, own, {}))
    const beginning = { place: { number: 0, name: "the beginning of the protocol" } }
    const first = { place: { number: 2, name: "first" } }
    const inside = { place: { number: 4, name: "say" } }
    const made = [
      { http: { url: "http://a/" }, place: { number: 1 } },
      ...[
        { send: "hi", ...beginning },
        { expect: "hi", ...beginning }
      ],
      ...[
        { send: "a", name: "first", ...first },
        { expect: { answers: "first", exact: "a" }, ...first }
      ],
      {
        repeat: {
          steps: [
            { send: "b", ...inside },
            { expect: "b", ...inside }
          ]
        },
        place: { number: 3 }
      }
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
