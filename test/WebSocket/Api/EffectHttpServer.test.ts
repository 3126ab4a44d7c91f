/** Code that is written for Effect's HttpServer runs unchanged on this core: routers, HttpApi, middleware, upgrades. */
import * as HttpApi from "@effect/platform/HttpApi"
import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as HttpLayerRouter from "@effect/platform/HttpLayerRouter"
import * as HttpMiddleware from "@effect/platform/HttpMiddleware"
import * as HttpRouter from "@effect/platform/HttpRouter"
import * as HttpServer from "@effect/platform/HttpServer"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { conversation } from "../../../src/WebSocket/Api/ConversationEndpoint.ts"
import * as EffectHttpServer from "../../../src/WebSocket/Api/EffectHttpServer.ts"
import { upgrade } from "../../../src/WebSocket/Api/UpgradableRequest.ts"
import type { WebSocketServer } from "../../../src/WebSocket/Api/WebSocketServer.ts"
import type { Reactor } from "../../../src/WebSocket/Connection/Reactor.ts"
import * as Codec from "../../../src/WebSocket/Conversation/Codec.ts"
import type { WebSocketRouter } from "../../../src/WebSocket/Http/WebSocketRouter.ts"
import { limit, openingOf, rawClient, WsClient, wsClient } from "../Rig.ts"

type Provided =
  | HttpServer.HttpServer
  | WebSocketServer
  | WebSocketRouter
  | Reactor
  | Layer.Layer.Success<typeof EffectHttpServer.platform>

/** A server on a free port, for layers that are written for Effect's server. */
const serve = <E>(app: Layer.Layer<never, E, Provided>, options: Parameters<typeof EffectHttpServer.layer>[0] = {}) =>
  Layer.build(Layer.provideMerge(app, EffectHttpServer.layer({ host: "127.0.0.1", port: 0, ...options }))).pipe(
    Effect.map((context) => {
      const { address } = Context.get(context, HttpServer.HttpServer)
      if (address._tag !== "TcpAddress") throw new Error(address._tag)
      return address.port
    })
  )

const text = (port: number, path: string, init?: RequestInit) =>
  Effect.promise(async () => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, init)
    return [response.status, await response.text()] as const
  })

const next = (client: WsClient) => limit(Effect.promise(() => client.next()))
const closed = (client: WsClient) => limit(Effect.promise(() => client.closed))

/** The answer that `ws` gets when a handshake is refused. */
const refusal = (port: number, path: string) =>
  Effect.promise(
    () =>
      new Promise<number | undefined>((resolve) => {
        const { socket } = new WsClient(`ws://127.0.0.1:${port}${path}`)
        socket.on("unexpected-response", (_request, response) => {
          response.resume()
          resolve(response.statusCode)
        })
      })
  )

describe("an HttpServer on this core", () => {
  const echo = HttpRouter.get(
    "/ws",
    Effect.gen(function* () {
      const socket = yield* HttpServerRequest.upgrade
      const write = yield* socket.writer
      yield* socket.runRaw((message) => write(typeof message === "string" ? `echo ${message}` : message))
      return HttpServerResponse.empty()
    })
  )

  it.scopedLive(
    "an HttpServer on this core serves pages and upgrades of a router, with middleware, beside endpoints",
    () =>
      Effect.gen(function* () {
        const seen: Array<string> = []
        const noting = HttpMiddleware.make((app) =>
          Effect.zipRight(
            Effect.flatMap(HttpServerRequest.HttpServerRequest, ({ url }) => Effect.sync(() => seen.push(url))),
            app
          )
        )
        const app = HttpRouter.empty.pipe(
          HttpRouter.get("/page", HttpServerResponse.text("a page")),
          echo,
          HttpServer.serve(noting)
        )
        const port = yield* serve(
          Layer.merge(
            app,
            conversation("/own", (talk) => talk.forEach(talk.send))
          )
        )
        assert.deepStrictEqual(yield* text(port, "/page"), [200, "a page"])
        const [client, own] = yield* Effect.all([wsClient(port, "/ws"), wsClient(port, "/own")])
        client.socket.send("one")
        client.socket.send(Buffer.of(1, 2))
        assert.strictEqual(yield* next(client), "echo one")
        assert.deepStrictEqual(yield* next(client), Buffer.of(1, 2))
        own.socket.send("own")
        assert.strictEqual(yield* next(own), "own")
        client.socket.close(1000)
        assert.strictEqual((yield* closed(client)).code, 1000)
        assert.deepStrictEqual(seen, ["/page", "/ws"])
      })
  )

  it.scopedLive(
    "an HttpServer on this core gives a route its conversation, with path schemas, services and typed messages",
    () =>
      Effect.gen(function* () {
        class Greeting extends Context.Tag("Greeting")<Greeting, string>() {}
        const codec = Codec.json({ in: Schema.Number, out: Schema.Struct({ says: Schema.String }) })
        const route = HttpRouter.get(
          "/rooms/:room",
          Effect.gen(function* () {
            const { room } = yield* HttpRouter.schemaPathParams(Schema.Struct({ room: Schema.NumberFromString }))
            const greeting = yield* Greeting
            const talk = yield* upgrade({ codec, protocols: ["v1"] })
            yield* talk.forEach((n) => talk.send({ says: `${greeting} ${n + room} ${talk.protocol}` }))
            return HttpServerResponse.empty()
          })
        )
        const app = HttpRouter.empty.pipe(
          HttpRouter.mount("/api", route(HttpRouter.empty)),
          Effect.catchTag("ParseError", () => HttpServerResponse.text("no such room", { status: 404 })),
          HttpServer.serve(HttpMiddleware.xForwardedHeaders),
          Layer.provide(Layer.succeed(Greeting, "hello"))
        )
        const port = yield* serve(app)
        const client = yield* wsClient(port, "/api/rooms/40", ["v1"])
        client.socket.send("2")
        assert.strictEqual(yield* next(client), '{"says":"hello 42 v1"}')
        client.socket.send("no number")
        assert.strictEqual((yield* closed(client)).code, 1007)
        assert.strictEqual(yield* refusal(port, "/api/rooms/red"), 404)
      })
  )

  it.scopedLive(
    "an HttpServer on this core closes the connection of a route that ends with 1000, with 1011 if it failed, and after its goodbye with 1001 if the server ends",
    () =>
      Effect.gen(function* () {
        const app = HttpRouter.empty.pipe(
          HttpRouter.get("/ends", Effect.as(upgrade(), HttpServerResponse.empty())),
          HttpRouter.get("/fails", Effect.zipRight(upgrade(), Effect.fail("no"))),
          HttpRouter.get(
            "/stays",
            Effect.flatMap(upgrade(), (talk) => Effect.onInterrupt(Effect.never, () => Effect.ignore(talk.send("bye"))))
          ),
          HttpServer.serve()
        )
        const scope = yield* Scope.make()
        const port = yield* Scope.extend(serve(app), scope)
        const stays = yield* wsClient(port, "/stays")
        assert.strictEqual((yield* closed(yield* wsClient(port, "/ends"))).code, 1000)
        assert.strictEqual((yield* closed(yield* wsClient(port, "/fails"))).code, 1011)
        yield* limit(Scope.close(scope, Exit.void))
        assert.strictEqual((yield* closed(stays)).code, 1001)
        assert.deepStrictEqual(stays.received, ["bye"])
      })
  )

  it.scopedLive(
    "an HttpServer on this core answers an upgrade that a route does not accept like any other request, and refuses an invalid one",
    () =>
      Effect.gen(function* () {
        const refused: Array<string> = []
        const app = HttpRouter.empty.pipe(
          HttpRouter.get("/page", HttpServerResponse.text("a page")),
          echo,
          HttpServer.serve()
        )
        const port = yield* serve(app, { onRefused: ({ cause, status }) => refused.push(`${cause} ${status}`) })
        assert.strictEqual(yield* refusal(port, "/page"), 200)
        assert.strictEqual(yield* refusal(port, "/nowhere"), 404)
        const client = yield* rawClient(port)
        client.write(openingOf("/ws").replace("Version: 13", "Version: 12"))
        assert.match(yield* limit(Effect.promise(() => client.head())), /^HTTP\/1.1 (4|5)00/)
        const [status] = yield* text(port, "/ws")
        assert.isAtLeast(status, 400)
        assert.deepStrictEqual(refused.slice(0, 2), ["path 200", "path 404"])
      })
  )

  it.scopedLive("an HttpServer on this core serves HttpApi with its OpenAPI", () =>
    Effect.gen(function* () {
      const group = HttpApiGroup.make("rooms").add(
        HttpApiEndpoint.get("count", "/count").addSuccess(Schema.Struct({ rooms: Schema.Number }))
      )
      const api = HttpApi.make("chat").add(group)
      const implementation = HttpApiBuilder.group(api, "rooms", (handlers) =>
        handlers.handle("count", () => Effect.succeed({ rooms: 3 }))
      )
      const app = HttpApiBuilder.serve().pipe(
        Layer.provide(HttpApiBuilder.middlewareOpenApi()),
        Layer.provide(HttpApiBuilder.api(api).pipe(Layer.provide(implementation)))
      )
      const port = yield* serve(app)
      assert.deepStrictEqual(yield* text(port, "/count"), [200, '{"rooms":3}'])
      const [, spec] = yield* text(port, "/openapi.json")
      assert.hasAllKeys(JSON.parse(spec).paths, ["/count"])
    })
  )

  it.scopedLive("an HttpServer on this core serves HttpLayerRouter", () =>
    Effect.gen(function* () {
      const routes = Layer.merge(
        HttpLayerRouter.add("GET", "/page", HttpServerResponse.text("a page")),
        HttpLayerRouter.add(
          "GET",
          "/count",
          Effect.gen(function* () {
            const talk = yield* upgrade()
            yield* Stream.runForEach(Stream.take(talk.messages, 1), (message) => talk.send(`got ${message}`))
            return HttpServerResponse.empty()
          })
        )
      )
      const port = yield* serve(HttpLayerRouter.serve(routes, { disableLogger: true, disableListenLog: true }))
      assert.deepStrictEqual(yield* text(port, "/page"), [200, "a page"])
      const client = yield* wsClient(port, "/count")
      client.socket.send("it")
      assert.strictEqual(yield* next(client), "got it")
      assert.strictEqual((yield* closed(client)).code, 1000)
    })
  )

  it.scopedLive("an HttpServer on this core answers 503 while no app is served", () =>
    Effect.gen(function* () {
      const port = yield* serve(Layer.empty)
      assert.strictEqual((yield* text(port, "/"))[0], 503)
      assert.strictEqual(yield* refusal(port, "/ws"), 503)
    })
  )

  it.scopedLive("an HttpServer on this core interrupts a route whose client leaves before the answer", () =>
    Effect.gen(function* () {
      const [began, interrupted] = yield* Effect.all([Deferred.make<void>(), Deferred.make<void>()])
      const waiting = Effect.zipRight(Deferred.succeed(began, undefined), Effect.never)
      const app = HttpRouter.empty.pipe(
        HttpRouter.get(
          "/ws",
          Effect.onInterrupt(waiting, () => Deferred.succeed(interrupted, undefined))
        ),
        HttpServer.serve()
      )
      const port = yield* serve(app)
      const client = yield* rawClient(port)
      client.write(openingOf("/ws"))
      yield* limit(Deferred.await(began))
      client.socket.resetAndDestroy()
      yield* limit(Deferred.await(interrupted))
    })
  )
})
