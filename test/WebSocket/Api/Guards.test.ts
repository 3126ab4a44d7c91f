/** Admission as an Effect: which clients are accepted, what others are answered, and what interrupts a decision. */

import * as HttpApiSecurity from "@effect/platform/HttpApiSecurity"
import * as HttpMiddleware from "@effect/platform/HttpMiddleware"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FiberId from "effect/FiberId"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import { conversation } from "../../../src/WebSocket/Api/ConversationEndpoint.ts"
import * as Guards from "../../../src/WebSocket/Api/Guards.ts"
import * as Codec from "../../../src/WebSocket/Conversation/Codec.ts"
import type { WebSocketRouter } from "../../../src/WebSocket/Http/WebSocketRouter.ts"
import { limit, openingOf, rawClient, rawWebSocket, serve } from "../Rig.ts"

class Users extends Context.Tag("test/Users")<
  Users,
  { readonly byToken: (token: string) => Effect.Effect<string, HttpServerResponse.HttpServerResponse> }
>() {
  static readonly layer = Layer.succeed(
    Users,
    Users.of({
      byToken: (token) =>
        Effect.delay(token === "ada" ? Effect.succeed("Ada") : Effect.fail(Guards.refusal(403, "no such user")), 1)
    })
  )
}

const rooms = conversation(
  "/rooms/:room/",
  {
    admit: ({ params, query }) =>
      Effect.gen(function* () {
        const token = yield* Guards.credentials(HttpApiSecurity.bearer)
        const name = yield* Effect.flatMap(Users, (users) => users.byToken(Redacted.value(token)))
        return { name, room: params.room, from: query.get("from") }
      })
  },
  // `admitted` has the type of the result of `admit`.
  (talk, { admitted }) => talk.send(`${admitted.name.toUpperCase()} in ${admitted.room} from ${admitted.from}`)
).pipe(Layer.provide(Users.layer))

/** The answer to a client that asks for the path: the head and the bytes that follow. */
const answerTo = (port: number, path: string, headers = "") =>
  Effect.scoped(
    Effect.flatMap(rawClient(port), (client) =>
      limit(
        Effect.promise(async () => {
          client.write(openingOf(path, headers))
          return { head: await client.head(), body: (await client.rest()).toString() }
        })
      )
    )
  )

const statusOf = (port: number, path: string, headers = "") =>
  Effect.map(answerTo(port, path, headers), ({ head }) => Number(head.split(" ")[1]))

const collected = (lines: Array<string>) =>
  Logger.replace(
    Logger.defaultLogger,
    Logger.make(({ annotations, cause, message }) => {
      lines.push(`${message} ${JSON.stringify(Object.fromEntries(annotations))} ${cause}`)
    })
  )

describe("admit", () => {
  it.scopedLive(
    "HTTP middleware applies to a conversation: it may refuse the request, and what it changes is seen",
    () =>
      Effect.gen(function* () {
        const onlyFriends = HttpMiddleware.make((app) =>
          Effect.flatMap(HttpServerRequest.HttpServerRequest, ({ headers }) =>
            headers["x-friend"] === undefined ? Effect.succeed(HttpServerResponse.text("who?", { status: 402 })) : app
          )
        )
        const seen: Array<unknown> = []
        const endpoints = Layer.merge(
          conversation("/open/", { middleware: onlyFriends }, (talk, { headers }) =>
            talk.send(`${headers["x-friend"]}`)
          ),
          conversation(
            "/known/",
            {
              middleware: (app) => HttpMiddleware.xForwardedHeaders(onlyFriends(app)),
              admit: ({ headers }) => Effect.sync(() => void seen.push(headers["host"]))
            },
            (talk) => talk.send("in")
          )
        )
        const { port } = yield* serve(endpoints)
        for (const path of ["/open/", "/known/"]) {
          const { body, head } = yield* answerTo(port, path)
          assert.match(head, /^HTTP\/1.1 402/)
          assert.include(body, "who?")
        }
        assert.deepStrictEqual(seen, [])
        const headers = "x-friend: Bob\r\nx-forwarded-host: outside.test\r\n"
        for (const path of ["/open/", "/known/"])
          assert.match((yield* answerTo(port, path, headers)).head, /^HTTP\/1.1 101/)
        assert.deepStrictEqual(seen, ["outside.test"])
      })
  )

  it.scopedLive("admit accepts a client if it succeeds, and the handler gets its result", () =>
    Effect.gen(function* () {
      const { port } = yield* serve(rooms)
      const client = yield* rawWebSocket(port, "/rooms/a%20b/?from=home", "Authorization: Bearer ada\r\n")
      assert.strictEqual(String((yield* Effect.promise(() => client.frame())).payload), "ADA in a b from home")
      assert.strictEqual((yield* Effect.promise(() => client.close()))[0], 1000)
    })
  )

  it.scopedLive("admit answers others with the response that it fails with, which is logged", () =>
    Effect.gen(function* () {
      const refused: Array<string> = []
      const onRefused: NonNullable<Parameters<typeof serve>[1]>["onRefused"] = ({ cause, status }) => {
        refused.push(`${cause} ${status}`)
      }
      const { port } = yield* serve(rooms, { onRefused })
      const none = yield* answerTo(port, "/rooms/a/")
      assert.match(none.head, /^HTTP\/1.1 401 .*www-authenticate: Bearer/is)
      assert.strictEqual(none.body, "expected Authorization: Bearer TOKEN\n")
      const wrong = yield* answerTo(port, "/rooms/a/", "Authorization: Bearer bob\r\n")
      assert.match(wrong.head, /^HTTP\/1.1 403 /)
      assert.deepStrictEqual(refused, ["admission 401", "admission 403"])
      assert.strictEqual(yield* statusOf(port, "/rooms/a/", "Upgrade: \r\nSec-WebSocket-Version: 7\r\n"), 400)
    })
  )

  it.scopedLive("admit answers 500 if it dies or throws, logs that, and the server goes on", () =>
    Effect.gen(function* () {
      const lines: Array<string> = []
      const endpoints = Layer.mergeAll(
        conversation("/dies", { admit: () => Effect.die(new Error("the store is on fire")) }, () => Effect.void),
        conversation(
          "/throws",
          {
            admit: (): Effect.Effect<void> => {
              throw new Error("a mistake")
            }
          },
          () => Effect.void
        ),
        rooms
      ).pipe(Layer.provide(collected(lines)))
      const { port } = yield* serve(endpoints)
      assert.strictEqual(yield* statusOf(port, "/dies"), 500)
      assert.strictEqual(yield* statusOf(port, "/throws"), 500)
      assert.lengthOf(lines, 2)
      assert.match(lines[0]!, /^Admission failed \{"peer":"127.0.0.1:\d+","path":"\/dies"\}.*the store is on fire/)
      assert.match(lines[1]!, /^Admission failed .*"\/throws".*a mistake/)
      yield* rawWebSocket(port, "/rooms/a/", "Authorization: Bearer ada\r\n")
    })
  )

  it.scopedLive("admit provides the request that Effect's own helpers need", () =>
    Effect.gen(function* () {
      const endpoint = conversation(
        "/",
        {
          codec: Codec.json({ in: Schema.Number, out: Schema.Struct({ page: Schema.Number, session: Schema.String }) }),
          admit: ({ cookies }) =>
            Effect.gen(function* () {
              const { page } = yield* HttpServerRequest.schemaSearchParams(
                Schema.Struct({ page: Schema.NumberFromString })
              )
              const { session } = yield* HttpServerRequest.schemaCookies(Schema.Struct({ session: Schema.String }))
              assert.strictEqual(session, cookies["session"])
              return { page, session }
            }).pipe(Effect.mapError(() => HttpServerResponse.empty({ status: 422 })))
        },
        (talk, { admitted }) => talk.send(admitted)
      )
      const { port } = yield* serve(endpoint)
      const client = yield* rawWebSocket(port, "/?page=7", "Cookie: a=b; session=s1\r\n")
      assert.strictEqual(String((yield* Effect.promise(() => client.frame())).payload), `{"page":7,"session":"s1"}`)
      assert.strictEqual(yield* statusOf(port, "/?page=x", "Cookie: session=s1\r\n"), 422)
    })
  )

  /** An admission that never ends, and what happens to it. */
  const endless = () => {
    const began = Deferred.unsafeMake<void>(FiberId.none)
    const ended = Deferred.unsafeMake<string>(FiberId.none)
    const admit = () =>
      Effect.zipRight(Deferred.succeed(began, undefined), Effect.never).pipe(
        Effect.onInterrupt(() => Deferred.succeed(ended, "interrupted"))
      )
    return {
      endpoint: conversation("/", { admit }, () => Effect.void),
      began: limit(Deferred.await(began)),
      ended: limit(Deferred.await(ended))
    }
  }

  for (const [how, leave] of [
    ["resets", "resetAndDestroy"],
    ["ends its side", "end"]
  ] as const)
    it.scopedLive(`admit is interrupted when the client ${how}`, () =>
      Effect.gen(function* () {
        const { began, ended, endpoint } = endless()
        const { port, reactor } = yield* serve(endpoint)
        const client = yield* rawClient(port)
        client.write(openingOf("/"))
        yield* began
        client.socket[leave]()
        assert.strictEqual(yield* ended, "interrupted")
        assert.strictEqual(reactor.connections.size, 0)
      })
    )

  it.scopedLive("admit is interrupted when the server ends, which does not wait for it", () =>
    Effect.gen(function* () {
      const { began, ended, endpoint } = endless()
      const scope = yield* Scope.make()
      const { port } = yield* Scope.extend(serve(endpoint), scope)
      const client = yield* rawClient(port)
      client.write(openingOf("/"))
      yield* began
      yield* limit(Scope.close(scope, Exit.void))
      assert.strictEqual(yield* ended, "interrupted")
      assert.lengthOf(yield* limit(Effect.promise(() => client.rest())), 0)
    })
  )

  it.scopedLive("admit keeps the bytes that the client sends meanwhile", () =>
    Effect.gen(function* () {
      const go = yield* Deferred.make<void>()
      const endpoint = conversation("/", { admit: () => Deferred.await(go) }, (talk) => talk.forEach(talk.send))
      const { port } = yield* serve(endpoint)
      const client = yield* rawClient(port)
      client.write(openingOf("/"))
      const count = 3000
      for (let i = 0; i < count; i++) client.text(`message ${i}, ${"x".repeat(64)}`)
      yield* Effect.promise(() => new Promise<void>((resolve) => client.socket.write("", () => resolve())))
      yield* Deferred.succeed(go, undefined)
      yield* limit(
        Effect.promise(async () => {
          assert.match(await client.head(), /^HTTP\/1.1 101 /)
          for (let i = 0; i < count; i++)
            assert.match(String((await client.frame()).payload), new RegExp(`^message ${i},`))
        })
      )
    })
  )

  it.scopedLive("admit counts as a pending connection, of which the one that has waited longest is closed", () =>
    Effect.gen(function* () {
      const { began, ended, endpoint } = endless()
      const { port } = yield* serve(endpoint, { maxPending: 1 })
      const client = yield* rawClient(port)
      client.write(openingOf("/"))
      yield* began
      yield* rawClient(port)
      assert.strictEqual(yield* ended, "interrupted")
    })
  )

  it("admit must fail with an error that has a response", () => {
    const admit = () => Effect.fail("no")
    // @ts-expect-error: a string is not a response
    // @effect-diagnostics-next-line missingEffectError:off
    const endpoint: Layer.Layer<never, never, WebSocketRouter> = conversation("/", { admit }, () => Effect.void)
    assert.isTrue(Layer.isLayer(endpoint))
  })
})

describe("Guards", () => {
  const requestWith = (
    guard: Effect.Effect<unknown, HttpServerResponse.HttpServerResponse, HttpServerRequest.HttpServerRequest>
  ) =>
    Effect.gen(function* () {
      const endpoint = conversation("/", { admit: () => guard }, (talk, { admitted }) =>
        talk.send(JSON.stringify(admitted) ?? "let in")
      )
      const { port } = yield* serve(endpoint)
      return (headers: string, path = "/") =>
        Effect.gen(function* () {
          const client = yield* rawClient(port)
          client.write(openingOf(path, headers))
          const head = yield* Effect.promise(() => client.head())
          if (!head.startsWith("HTTP/1.1 101 ")) return Number(head.split(" ")[1])
          return String((yield* Effect.promise(() => client.frame())).payload)
        })
    })

  it.scopedLive("origin refuses the pages of other sites", () =>
    Effect.gen(function* () {
      const ask = yield* requestWith(
        Guards.origin({ hosts: ["Chat.example"], origins: ["https://friend.example"], proxies: ["127.0.0.0/8"] })
      )
      assert.strictEqual(yield* ask(""), "let in")
      assert.strictEqual(yield* ask("Origin: http://localhost\r\n"), "let in")
      assert.strictEqual(yield* ask("Origin: https://friend.example\r\n"), "let in")
      assert.strictEqual(yield* ask("Origin: http://evil.example\r\n"), 403)
      assert.strictEqual(yield* ask("Origin: https://localhost\r\n"), 403)
      assert.strictEqual(yield* ask("Origin: https://localhost\r\nX-Forwarded-Proto: https\r\n"), "let in")
    })
  )

  it.scopedLive("client is the one that a trusted proxy forwards for, and not one that others claim", () =>
    Effect.gen(function* () {
      const name = Effect.map(Guards.client({ proxies: ["127.0.0.1"] }), ({ address }) => address)
      const ask = yield* requestWith(name)
      assert.strictEqual(yield* ask("X-Forwarded-For: 203.0.113.9\r\n"), `"203.0.113.9"`)
      const trusting = yield* requestWith(Effect.map(Guards.client(), ({ address }) => address))
      assert.strictEqual(yield* trusting("X-Forwarded-For: 203.0.113.9\r\n"), `"127.0.0.1"`)
      assert.throws(() => Guards.client({ proxies: ["proxy.example"] }), /proxy.example is not an address or subnet/)
    })
  )

  it.scopedLive("credentials are found where the scheme puts them", () =>
    Effect.gen(function* () {
      const key = (where: "header" | "query" | "cookie") =>
        requestWith(Effect.map(Guards.credentials(HttpApiSecurity.apiKey({ key: "X-Key", in: where })), Redacted.value))
      const inHeader = yield* key("header")
      assert.strictEqual(yield* inHeader("x-key: k1\r\n"), `"k1"`)
      assert.strictEqual(yield* inHeader(""), 401)
      const inQuery = yield* key("query")
      assert.strictEqual(yield* inQuery("", "/?X-Key=k%202"), `"k 2"`)
      assert.strictEqual(yield* inQuery("", "/"), 401)
      const inCookie = yield* key("cookie")
      assert.strictEqual(yield* inCookie("Cookie: X-Key=k3\r\n"), `"k3"`)
      const basic = yield* requestWith(
        Effect.map(
          Guards.credentials(HttpApiSecurity.basic),
          ({ password, username }) => `${username} ${Redacted.value(password)}`
        )
      )
      assert.strictEqual(
        yield* basic(`Authorization: Basic ${Buffer.from("ada:a:b").toString("base64")}\r\n`),
        `"ada a:b"`
      )
      assert.strictEqual(yield* basic("Authorization: Basic bm9ib2R5\r\n"), 401)
    })
  )
})
