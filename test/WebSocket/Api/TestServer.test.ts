/** The layer for users' tests: the real server in memory, with the test's clock. */
import * as Cookies from "@effect/platform/Cookies"
import * as HttpApiSecurity from "@effect/platform/HttpApiSecurity"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpRouter from "@effect/platform/HttpRouter"
import * as HttpServer from "@effect/platform/HttpServer"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import * as TestClock from "effect/TestClock"
import { conversation } from "../../../src/WebSocket/Api/ConversationEndpoint.ts"
import * as Guards from "../../../src/WebSocket/Api/Guards.ts"
import * as TestServer from "../../../src/WebSocket/Api/TestServer.ts"
import { upgrade } from "../../../src/WebSocket/Api/UpgradableRequest.ts"
import { Connector } from "../../../src/WebSocket/Client/Connector.ts"
import { Reactor } from "../../../src/WebSocket/Connection/Reactor.ts"
import * as Codec from "../../../src/WebSocket/Conversation/Codec.ts"
import { relay } from "../../../src/WebSocket/Http/WebSocketRouter.ts"

const connect = (path: string) =>
  Effect.flatMap(Connector, (connector) => connector.connect({ url: new URL(`ws://test${path}`) }, Codec.raw))

const echo = conversation("/echo", (talk) => talk.forEach(talk.send))

/** Lets everything happen that needs no time, in the turns of the event loop that it takes. */
const settle = Effect.promise(async () => {
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve))
})

describe("a server in memory", () => {
  it.scoped("a server in memory answers its clients, in both styles, with messages of any size", () =>
    Effect.gen(function* () {
      const talk = yield* connect("/echo")
      yield* talk.send("Spam?")
      assert.strictEqual(yield* talk.receive, "Spam?")
      const large = "x".repeat(900_000)
      yield* talk.send(large)
      assert.strictEqual(yield* talk.receive, large)
      const other = yield* connect("/relay")
      yield* other.send(new Uint8Array([1, 2, 3]))
      assert.deepStrictEqual(yield* other.receive, new Uint8Array([1, 2, 3]))
    }).pipe(
      Effect.provide(
        Layer.merge(
          echo,
          relay("/relay", { open: (one) => ({ onMessage: (message) => one.send(message), onClose: () => {} }) })
        ).pipe(Layer.provideMerge(TestServer.layer()))
      )
    )
  )

  it.scoped(
    "a server in memory gives what HTTP applications require, an HTTP client, and headers to each WebSocket client",
    () =>
      Effect.gen(function* () {
        const http = yield* HttpClient.HttpClient
        const cookieOf = (name: string) =>
          Effect.map(http.get(`http://test/login/${name}`), ({ cookies }) => Cookies.toCookieHeader(cookies))
        const { connect } = yield* Connector
        for (const name of ["ada", "bob"]) {
          const headers = { cookie: yield* cookieOf(name) }
          const conversation = yield* connect({ url: new URL("ws://test/who"), headers }, Codec.raw)
          assert.strictEqual(yield* conversation.receive, name)
        }
        assert.strictEqual((yield* http.get("http://test/nowhere")).status, 404)
      }).pipe(
        Effect.provide(
          Layer.merge(
            conversation("/who", { admit: ({ cookies }) => Effect.succeed(cookies["user"]) }, (talk, { admitted }) =>
              talk.send(admitted ?? "nobody")
            ),
            HttpRouter.empty.pipe(
              HttpRouter.get(
                "/login/:name",
                Effect.flatMap(HttpRouter.params, ({ name = "" }) =>
                  HttpServerResponse.setCookie(HttpServerResponse.empty(), "user", name)
                )
              ),
              // Its platform services come from the layer.
              HttpRouter.get("/file", HttpServerResponse.file("package.json")),
              HttpServer.serve()
            )
          ).pipe(Layer.provideMerge(TestServer.layer()))
        )
      )
  )

  it.scoped("a server in memory reports refusals, closes and lost connections as a real one does", () =>
    Effect.gen(function* () {
      const missing = yield* Effect.flip(connect("/nowhere"))
      assert.deepInclude(missing, { failure: "Status", status: 503 })
      const refused = yield* Effect.flip(connect("/secret"))
      assert.deepInclude(refused, { failure: "Status", status: 401 })
      const talk = yield* connect("/bye")
      assert.deepStrictEqual(yield* talk.closed, { code: 4001, reason: "bye" })
    }).pipe(
      Effect.provide(
        Layer.merge(
          conversation("/secret", { admit: () => Guards.credentials(HttpApiSecurity.bearer) }, () => Effect.void),
          conversation("/bye", (talk) => talk.close(4001, "bye"))
        ).pipe(Layer.provideMerge(TestServer.layer()))
      )
    )
  )

  it.scoped("a server in memory lets its clients send headers that say who they are", () =>
    Effect.gen(function* () {
      const talk = yield* connect("/me")
      assert.strictEqual(yield* talk.receive, "ada")
    }).pipe(
      Effect.provide(
        conversation("/me", { admit: ({ cookies }) => Effect.succeed(cookies["name"]) }, (talk, { admitted }) =>
          talk.send(admitted ?? "nobody")
        ).pipe(Layer.provideMerge(TestServer.layer({ client: { headers: { Cookie: "name=ada" } } })))
      )
    )
  )

  it.scoped("a server in memory runs HTTP apps and their upgrades", () =>
    Effect.gen(function* () {
      const talk = yield* connect("/route")
      assert.strictEqual(yield* talk.receive, "from a route")
      assert.strictEqual((yield* Effect.flip(connect("/closed"))).status, 403)
    }).pipe(
      Effect.provide(
        HttpRouter.empty.pipe(
          HttpRouter.get(
            "/route",
            Effect.flatMap(upgrade(), (talk) => Effect.as(talk.send("from a route"), HttpServerResponse.empty()))
          ),
          HttpRouter.get("/closed", HttpServerResponse.empty({ status: 403 })),
          HttpServer.serve(),
          Layer.provideMerge(TestServer.layer())
        )
      )
    )
  )

  it.scoped("a server in memory uses the test's clock for a handler that sleeps", () =>
    Effect.gen(function* () {
      const late = yield* connect("/late")
      const received = yield* Effect.fork(late.receive)
      yield* settle
      yield* TestClock.adjust("59 minutes")
      yield* settle
      assert.strictEqual((yield* Fiber.poll(received))._tag, "None")
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(yield* Fiber.join(received), "at last")
    }).pipe(
      Effect.provide(
        conversation("/late", (talk) => Effect.delay(talk.send("at last"), "1 hour")).pipe(
          Layer.provideMerge(TestServer.layer())
        )
      )
    )
  )

  it.scoped("a server in memory uses the test's clock to close a client that nobody reads after five minutes", () =>
    Effect.gen(function* () {
      const unread = yield* connect("/deaf")
      yield* unread.send("x".repeat(100_000))
      yield* settle
      yield* TestClock.adjust("4 minutes")
      yield* settle
      assert.isTrue(unread.isOpen)
      yield* TestClock.adjust("2 minutes")
      assert.strictEqual((yield* unread.closed).code, 1013)
    }).pipe(Effect.provide(conversation("/deaf", () => Effect.never).pipe(Layer.provideMerge(TestServer.layer()))))
  )

  it.scoped("a server in memory closes its clients when it ends", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const server = yield* Layer.buildWithScope(Layer.provideMerge(echo, TestServer.layer()), scope)
      const talk = yield* Effect.provide(connect("/echo"), server)
      const ending = yield* Effect.fork(Scope.close(scope, Exit.void))
      assert.strictEqual((yield* talk.closed).code, 1001)
      yield* Fiber.join(ending)
    })
  )

  it.scoped("a server in memory can have a thousand clients", () =>
    Effect.gen(function* () {
      const talks = yield* Effect.all(
        Array.from({ length: 1000 }, () => connect("/echo")),
        { concurrency: "unbounded" }
      )
      const { connections } = yield* Reactor
      assert.strictEqual(connections.size, 2000)
      yield* Effect.forEach(talks, (talk, i) => talk.send(`${i}`), { discard: true })
      const answers = yield* Effect.forEach(talks, (talk) => talk.receive)
      assert.deepStrictEqual(
        answers,
        talks.map((_, i) => `${i}`)
      )
    }).pipe(Effect.provide(Layer.provideMerge(echo, TestServer.layer())))
  )

  it.scoped("a server in memory reads a client that sends too fast again when the clock has advanced", () => {
    const received: Array<unknown> = []
    return Effect.gen(function* () {
      const talk = yield* connect("/slow")
      const send = (text: string) => Effect.zipRight(talk.send(text), settle)
      // One second's messages and one more, after which the client is not read until the excess is made up for.
      for (const text of ["1", "2", "3", "4"]) yield* send(text)
      yield* send("5")
      yield* TestClock.adjust("300 millis")
      yield* settle
      assert.deepStrictEqual(received, ["1", "2", "3"])
      yield* TestClock.adjust("1 second")
      yield* settle
      assert.deepStrictEqual(received, ["1", "2", "3", "4", "5"])
    }).pipe(
      Effect.provide(
        conversation("/slow", (talk) => talk.forEach((message) => Effect.sync(() => received.push(message)))).pipe(
          Layer.provideMerge(TestServer.layer({ maxRate: 2 }))
        )
      )
    )
  })

  it.scoped("a server in memory gives up a connection that does not open in time, by the test's clock", () =>
    Effect.gen(function* () {
      const connecting = yield* Effect.fork(Effect.flip(connect("/never")))
      yield* settle
      yield* TestClock.adjust("29 seconds")
      yield* settle
      assert.isNull(connecting.unsafePoll())
      yield* TestClock.adjust("1 second")
      assert.deepInclude(yield* Fiber.join(connecting), { failure: "Timeout", detail: "no connection within 30 s" })
    }).pipe(
      Effect.provide(
        conversation("/never", { admit: () => Effect.never }, () => Effect.void).pipe(
          Layer.provideMerge(TestServer.layer())
        )
      )
    )
  )
})

describe("a handler whose finalizer never ends", () => {
  it.scoped("a handler whose finalizer never ends does not stop the end of its server", () =>
    Effect.gen(function* () {
      const opened = yield* Deferred.make<void>()
      const stuck = conversation("/", () =>
        Effect.zipRight(
          Effect.addFinalizer(() => Effect.never),
          Effect.zipRight(Deferred.succeed(opened, undefined), Effect.never)
        )
      )
      const scope = yield* Scope.make()
      const context = yield* Layer.buildWithScope(Layer.provideMerge(stuck, TestServer.layer()), scope)
      const { connect: open } = Context.get(context, Connector)
      yield* Effect.forkScoped(Effect.zipRight(open({ url: new URL("ws://test/") }, Codec.raw), Effect.never))
      yield* Deferred.await(opened)
      const ending = yield* Effect.fork(Scope.close(scope, Exit.void))
      // The time of the closing handshake, and of the handlers.
      yield* Effect.repeat(Effect.zipRight(TestClock.adjust(1000), settle), {
        until: () => Effect.map(Fiber.poll(ending), Option.isSome)
      })
      assert.isTrue(Exit.isSuccess(yield* Fiber.await(ending)))
    })
  )
})
