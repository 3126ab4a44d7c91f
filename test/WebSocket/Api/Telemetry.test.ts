/** The telemetry of a conversation: a span, log lines that name the connection, and counts. */

import * as HttpRouter from "@effect/platform/HttpRouter"
import * as HttpServer from "@effect/platform/HttpServer"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import type * as Socket from "@effect/platform/Socket"
import * as SocketServer from "@effect/platform/SocketServer"
import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as DefaultServices from "effect/DefaultServices"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Metric from "effect/Metric"
import * as Option from "effect/Option"
import * as Tracer from "effect/Tracer"
import { conversation } from "../../../src/WebSocket/Api/ConversationEndpoint.ts"
import * as EffectSocketServer from "../../../src/WebSocket/Api/EffectSocketServer.ts"
import * as TestServer from "../../../src/WebSocket/Api/TestServer.ts"
import { upgrade } from "../../../src/WebSocket/Api/UpgradableRequest.ts"
import { Connector } from "../../../src/WebSocket/Client/Connector.ts"
import * as Codec from "../../../src/WebSocket/Conversation/Codec.ts"

const connect = (path: string) =>
  Effect.flatMap(Connector, (connector) => connector.connect({ url: new URL(`ws://test${path}`) }, Codec.raw))

/** A tracer that keeps its spans. */
const collecting = (spans: Array<Tracer.Span>) => {
  const live = Context.get(DefaultServices.liveServices, Tracer.Tracer)
  return Layer.setTracer(
    Tracer.make({
      span: (...args) => {
        const span = live.span(...args)
        spans.push(span)
        return span
      },
      context: (f) => f()
    })
  )
}

/** The value of a metric with these labels. */
const stateOf = (name: string, tags: ReadonlyArray<readonly [string, string]>) =>
  Metric.unsafeSnapshot().find(
    ({ metricKey }) =>
      metricKey.name === name &&
      tags.every(([key, value]) => metricKey.tags.some((tag) => tag.key === key && tag.value === value))
  )?.metricState as Readonly<Record<string, unknown>> | undefined

const traceId = "0af7651916cd43dd8448eb211c80319c"
const traceparent = `00-${traceId}-b7ad6b7169203331-01`

describe("a conversation", () => {
  it.scoped(
    "a conversation has a span of the trace that its handshake names, with the attributes of OpenTelemetry",
    () => {
      const spans: Array<Tracer.Span> = []
      const endpoint = conversation("/rooms/:room", (talk) =>
        Effect.zipRight(
          talk.receive,
          Effect.flatMap(Effect.currentSpan, (span) => talk.send(span.traceId))
        )
      ).pipe(Layer.provide(collecting(spans)))
      return Effect.gen(function* () {
        const talk = yield* connect("/rooms/a?token=secret")
        yield* talk.send("which trace?")
        assert.strictEqual(yield* talk.receive, traceId)
        assert.strictEqual((yield* Effect.flip(talk.receive)).code, 1000)
        const [span, ...others] = spans.filter(({ name }) => name === "WebSocket /rooms/:room")
        assert.lengthOf(others, 0)
        assert.strictEqual(span!.kind, "server")
        assert.strictEqual(Option.getOrThrow(span!.parent).spanId, "b7ad6b7169203331")
        assert.strictEqual(span!.status._tag, "Ended")
        const attributes = Object.fromEntries(span!.attributes)
        assert.isNumber(attributes["network.peer.port"])
        assert.isNumber(attributes["websocket.connection.id"])
        assert.deepInclude(attributes, {
          "http.request.method": "GET",
          "http.response.status_code": 101,
          "http.route": "/rooms/:room",
          "url.path": "/rooms/a",
          "url.query": "token=REDACTED",
          "network.protocol.name": "websocket",
          "network.peer.address": "127.0.0.1",
          "user_agent.original": "a test"
        })
      }).pipe(
        Effect.provide(
          Layer.provideMerge(
            endpoint,
            TestServer.layer({ client: { headers: { traceparent, "User-Agent": "a test" } } })
          )
        )
      )
    }
  )

  it.scoped("a conversation has no span without a tracer", () =>
    Effect.gen(function* () {
      const talk = yield* connect("/")
      assert.strictEqual(yield* talk.receive, "false")
    }).pipe(
      Effect.provide(
        conversation("/", (talk) =>
          Effect.flatMap(Effect.option(Effect.currentSpan), (span) => talk.send(String(Option.isSome(span))))
        ).pipe(Layer.provideMerge(TestServer.layer()))
      )
    )
  )

  it.scoped("a conversation names its connection in each log line", () => {
    const lines: Array<Record<string, unknown>> = []
    const logger = Logger.make(({ annotations }) => void lines.push(Object.fromEntries(annotations)))
    const endpoint = conversation("/rooms/:room", (talk) => Effect.zipRight(Effect.log("here"), talk.send("logged")))
    return Effect.gen(function* () {
      yield* (yield* connect("/rooms/a")).receive
      assert.lengthOf(lines, 1)
      assert.strictEqual(lines[0]!["path"], "/rooms/:room")
      assert.match(String(lines[0]!["peer"]), /^127.0.0.1:\d+$/)
      assert.isNumber(lines[0]!["id"])
    }).pipe(
      Effect.provide(
        endpoint.pipe(
          Layer.provide(Logger.replace(Logger.defaultLogger, logger)),
          Layer.provideMerge(TestServer.layer())
        )
      )
    )
  })

  it.scoped(
    "a conversation names it in fibers of its handler and after its end too; the handler's own annotations have priority",
    () => {
      const lines: Array<readonly [message: string, path: unknown, room: unknown]> = []
      const logger = Logger.make(({ annotations, message }) => {
        const { path, room } = Object.fromEntries(annotations)
        lines.push([String(message), path, room])
      })
      const endpoint = conversation("/rooms/:room", (talk) =>
        Effect.gen(function* () {
          yield* Effect.addFinalizer(() => Effect.dieMessage("a broken finalizer"))
          yield* Effect.fork(Effect.log("child")).pipe(Effect.flatMap(Fiber.join))
          yield* Effect.log("own").pipe(Effect.annotateLogs({ path: "mine", room: "a" }))
          yield* talk.send("logged")
        })
      )
      return Effect.gen(function* () {
        const talk = yield* connect("/rooms/a")
        yield* talk.receive
        assert.strictEqual((yield* talk.closed).code, 1011)
        assert.deepStrictEqual(lines.slice(0, 2), [
          ["child", "/rooms/:room", undefined],
          ["own", "mine", "a"]
        ])
        assert.match(lines[2]![0], /^A conversation failed/)
        assert.strictEqual(lines[2]![1], "/rooms/:room")
      }).pipe(
        Effect.provide(
          endpoint.pipe(
            Layer.provide(Logger.replace(Logger.defaultLogger, logger)),
            Layer.provideMerge(TestServer.layer())
          )
        )
      )
    }
  )

  it.scoped("a conversation is counted: opened, open, and closed by code", () => {
    const path = ["path", "/counted"] as const
    return Effect.gen(function* () {
      const first = yield* connect("/counted")
      yield* connect("/counted")
      yield* first.send("end")
      yield* first.closed
      assert.strictEqual(stateOf("websocket_conversations_opened_total", [path])?.["count"], 2)
      assert.strictEqual(stateOf("websocket_conversations", [path])?.["value"], 1)
      assert.strictEqual(stateOf("websocket_conversations_closed_total", [path, ["code", "4000"]])?.["count"], 1)
    }).pipe(
      Effect.provide(
        conversation("/counted", (talk) => Effect.zipRight(talk.receive, talk.close(4000, ""))).pipe(
          Layer.provideMerge(TestServer.layer())
        )
      )
    )
  })
})

describe("a request that admit decides about", () => {
  it.scoped("a request that admit decides about has no span with the secrets of its query", () => {
    const spans: Array<Tracer.Span> = []
    const endpoint = conversation("/admitted", { admit: () => Effect.void }, (talk) => talk.send("hello")).pipe(
      Layer.provide(collecting(spans))
    )
    return Effect.gen(function* () {
      const talk = yield* connect("/admitted?token=secret")
      assert.strictEqual(yield* talk.receive, "hello")
      yield* talk.closed
      const served = spans.filter(({ kind }) => kind === "server")
      assert.isAbove(served.length, 0)
      for (const { attributes } of served) assert.notInclude(JSON.stringify([...attributes]), "secret")
    }).pipe(Effect.provide(Layer.provideMerge(endpoint, TestServer.layer())))
  })
})

describe("an upgraded request", () => {
  const app = (spans: Array<Tracer.Span>, lines: Array<Record<string, unknown>>) =>
    HttpRouter.empty.pipe(
      HttpRouter.get(
        "/upgraded/:room",
        Effect.gen(function* () {
          const talk = yield* upgrade()
          yield* Effect.log("here")
          yield* talk.send(yield* talk.receive).pipe(Effect.withSpan("answering"))
          return HttpServerResponse.empty()
        })
      ),
      HttpServer.serve(),
      Layer.provide(collecting(spans)),
      Layer.provide(
        Logger.replace(
          Logger.defaultLogger,
          Logger.make(({ annotations }) => void lines.push(Object.fromEntries(annotations)))
        )
      )
    )

  it.scoped(
    "an upgraded request has a span within the request's for as long as its connection, log lines that name it, and counts",
    () => {
      const spans: Array<Tracer.Span> = []
      const lines: Array<Record<string, unknown>> = []
      const path = ["path", "/upgraded/:room"] as const
      return Effect.gen(function* () {
        const talk = yield* connect("/upgraded/a?token=secret")
        yield* talk.send("hello")
        assert.strictEqual(yield* talk.receive, "hello")
        assert.strictEqual(stateOf("websocket_conversations", [path])?.["value"], 1)
        assert.strictEqual((yield* talk.closed).code, 1000)
        const span = spans.find(({ name }) => name === "WebSocket /upgraded/:room")
        const attributes = Object.fromEntries(span!.attributes)
        assert.strictEqual(span!.status._tag, "Ended")
        assert.strictEqual(span!.traceId, traceId)
        const inner = spans.find(({ name }) => name === "answering")
        assert.strictEqual(Option.getOrThrow(inner!.parent).spanId, span!.spanId)
        assert.deepInclude(attributes, {
          "http.response.status_code": 101,
          "http.route": "/upgraded/:room",
          "url.query": "token=REDACTED",
          "network.peer.address": "127.0.0.1"
        })
        assert.deepInclude(lines[0], { path: "/upgraded/:room", id: attributes["websocket.connection.id"] })
        assert.strictEqual(stateOf("websocket_conversations_opened_total", [path])?.["count"], 1)
        assert.strictEqual(stateOf("websocket_conversations_closed_total", [path, ["code", "1000"]])?.["count"], 1)
      }).pipe(
        Effect.provide(
          Layer.provideMerge(app(spans, lines), TestServer.layer({ client: { headers: { traceparent } } }))
        )
      )
    }
  )
})

describe("a SocketServer", () => {
  it.scoped("a SocketServer has the span and the counts of an endpoint", () => {
    const spans: Array<Tracer.Span> = []
    const sockets = Layer.scopedDiscard(
      Effect.gen(function* () {
        const server = yield* SocketServer.SocketServer
        const echo = (socket: Socket.Socket) =>
          Effect.scoped(Effect.flatMap(socket.writer, (write) => socket.runRaw((data) => write(data))))
        yield* Effect.forkScoped(server.run(echo))
      })
    ).pipe(Layer.provide(EffectSocketServer.layer("/sockets")), Layer.provide(collecting(spans)))
    return Effect.gen(function* () {
      yield* Effect.yieldNow()
      const talk = yield* connect("/sockets")
      yield* talk.send("hello")
      assert.strictEqual(yield* talk.receive, "hello")
      const [span] = spans.filter(({ name }) => name === "WebSocket /sockets")
      assert.strictEqual(span!.traceId, traceId)
      assert.strictEqual(stateOf("websocket_conversations", [["path", "/sockets"]])?.["value"], 1)
    }).pipe(Effect.provide(Layer.provideMerge(sockets, TestServer.layer({ client: { headers: { traceparent } } }))))
  })
})

describe("a client", () => {
  const echo = conversation("/echo", (talk) => talk.forEach(talk.send))

  it.scoped(
    "a client has a span for as long as its connection, which is the parent of the server's, and counts",
    () => {
      const spans: Array<Tracer.Span> = []
      const server = ["server", "client.test:80"] as const
      return Effect.gen(function* () {
        const connector = yield* Connector
        const url = new URL("ws://user:secret@client.test/echo?token=secret")
        yield* Effect.scoped(
          Effect.gen(function* () {
            const talk = yield* connector.connect({ url }, Codec.raw)
            yield* talk.send("hello")
            assert.strictEqual(yield* talk.receive, "hello")
            assert.strictEqual(stateOf("websocket_client_conversations", [server])?.["value"], 1)
          })
        ).pipe(Effect.withSpan("a program"))
        const [program, client, served] = ["a program", "WebSocket GET", "WebSocket /echo"].map((known) =>
          spans.find(({ name }) => name === known)
        )
        assert.strictEqual(client!.kind, "client")
        assert.strictEqual(client!.status._tag, "Ended")
        assert.strictEqual(Option.getOrThrow(client!.parent).spanId, program!.spanId)
        assert.strictEqual(Option.getOrThrow(served!.parent).spanId, client!.spanId)
        assert.deepInclude(Object.fromEntries(client!.attributes), {
          "http.request.method": "GET",
          "http.response.status_code": 101,
          "url.full": "ws://client.test/echo?token=REDACTED",
          "server.address": "client.test",
          "server.port": 80
        })
        assert.strictEqual(stateOf("websocket_client_conversations_opened_total", [server])?.["count"], 1)
      }).pipe(Effect.provide(echo.pipe(Layer.provideMerge(TestServer.layer()), Layer.provideMerge(collecting(spans)))))
    }
  )

  it.scoped("a client ends its span with the failure if there is no connection", () => {
    const spans: Array<Tracer.Span> = []
    return Effect.gen(function* () {
      const connector = yield* Connector
      const error = yield* Effect.flip(connector.connect({ url: new URL("ws://missing.test/nowhere") }, Codec.raw))
      assert.strictEqual(error.status, 503)
      const span = spans.find(({ name }) => name === "WebSocket GET")
      assert.strictEqual(span!.status._tag, "Ended")
      assert.deepInclude(Object.fromEntries(span!.attributes), {
        "error.type": "Status",
        "http.response.status_code": 503
      })
      const labels = [
        ["server", "missing.test:80"],
        ["failure", "Status"]
      ] as const
      assert.strictEqual(stateOf("websocket_client_failures_total", labels)?.["count"], 1)
    }).pipe(Effect.provide(Layer.provideMerge(TestServer.layer(), collecting(spans))))
  })

  it.scoped("a client sends no traceparent without a tracer", () => {
    const reported: Array<string | undefined> = []
    const endpoint = conversation("/", (_, { headers }) =>
      Effect.sync(() => reported.push(headers["traceparent"] as string))
    )
    const talks = Effect.scoped(Effect.flatMap(connect("/"), (talk) => talk.closed))
    return Effect.gen(function* () {
      yield* talks
      yield* talks.pipe(Effect.withTracerEnabled(false), Effect.provide(collecting([])))
      yield* talks.pipe(Effect.provide(collecting([])))
      assert.deepStrictEqual(reported.slice(0, 2), [undefined, undefined])
      assert.match(String(reported[2]), /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/)
    }).pipe(Effect.provide(Layer.provideMerge(endpoint, TestServer.layer())))
  })
})
