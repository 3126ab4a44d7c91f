/** The requests of one connection: their order, their limits, and what happens when something goes wrong between them. */
import type { IncomingMessage, ServerResponse } from "node:http"
import { connect } from "node:net"
import { text } from "node:stream/consumers"
import { connect as connectTls } from "node:tls"
import * as HttpRouter from "@effect/platform/HttpRouter"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Logger from "effect/Logger"
import * as Scope from "effect/Scope"
import * as TestClock from "effect/TestClock"
import { relay } from "../../../src/WebSocket/Http/WebSocketRouter.ts"
import { certificate } from "../../certificate.ts"
import { eventually } from "../../eventually.ts"
import { echo, limit, openingOf, rawClient, serve } from "../Rig.ts"

const LARGE = 8 * 1024 * 1024

const pages = HttpRouter.empty.pipe(
  HttpRouter.get("/quick", HttpServerResponse.text("quick")),
  HttpRouter.get("/large", HttpServerResponse.text("x".repeat(LARGE))),
  Effect.catchTag("RouteNotFound", () => HttpServerResponse.text("none", { status: 404 }))
)

const get = (path: string, headers = "Host: localhost\r\n") => `GET ${path} HTTP/1.1\r\n${headers}\r\n`

/** Requests that one client pipelines: more than the server reads at once. */
const MANY = 2000

const last = get("/last", "Host: localhost\r\nConnection: close\r\n")

type Client = Effect.Effect.Success<ReturnType<typeof rawClient>>

/** The statuses of the next answers, whose bodies have a length. */
const statuses = (client: Client, count: number) =>
  limit(
    Effect.promise(async () => {
      const found: Array<number> = []
      for (let i = 0; i < count; i++) {
        const head = await client.head()
        await client.take(Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0))
        found.push(Number(head.slice(9, 12)))
      }
      return found
    })
  )

const ended = (client: Client) => limit(Effect.promise(() => client.rest()))

describe("requests of one connection", () => {
  for (const [name, headers, status] of [
    ["without a host", "", 400],
    ["with two hosts", "Host: localhost\r\nHost: localhost\r\n", 400],
    ["with a host that is none", "Host: a/b\r\n", 400],
    ["with an expectation that nobody knows", "Host: localhost\r\nExpect: x\r\n", 417]
  ] as const)
    it.scopedLive(`one ${name} is refused, and a handshake that nobody answers may follow in the same write`, () =>
      Effect.gen(function* () {
        const { port } = yield* serve(echo, { pages })
        const client = yield* rawClient(port)
        client.write(get("/quick") + get("/quick", headers) + openingOf("/nowhere"))
        assert.deepStrictEqual(yield* statuses(client, 2), [200, status])
        if (status === 417) assert.deepStrictEqual(yield* statuses(client, 1), [404])
        yield* ended(client)
        const other = yield* rawClient(port)
        other.write(get("/quick"))
        assert.deepStrictEqual(yield* statuses(other, 1), [200])
      })
    )

  it.scopedLive("two requests of one connection are not handled in the same turn, so that others have theirs", () =>
    Effect.gen(function* () {
      const turns: Array<number> = []
      let turn = 0
      let isOver = false
      const count = () => {
        turn++
        if (!isOver) setImmediate(count)
      }
      count()
      const counted = HttpRouter.empty.pipe(
        HttpRouter.get(
          "/turn",
          Effect.sync(() => HttpServerResponse.text(String(turns.push(turn))))
        ),
        Effect.catchTag("RouteNotFound", () => HttpServerResponse.text("none", { status: 404 }))
      )
      const { port } = yield* serve(echo, { pages: counted })
      const client = yield* rawClient(port)
      client.write(get("/turn").repeat(50))
      const found = yield* statuses(client, 50)
      isOver = true
      assert.deepStrictEqual(new Set(found), new Set([200]))
      assert.strictEqual(new Set(turns).size, 50)
    })
  )

  it.scopedLive("an answer before what is not HTTP arrives, and 400 after it", () =>
    Effect.gen(function* () {
      const { port } = yield* serve(echo, { pages })
      const client = yield* rawClient(port)
      client.write(`${get("/large")}}{\x01garbage\r\n\r\n`)
      assert.deepStrictEqual(yield* statuses(client, 2), [200, 400])
    })
  )

  it.scopedLive("a target that is a whole url is its path, and its host is the request's", () =>
    Effect.gen(function* () {
      const { port, reactor } = yield* serve(echo, { pages })
      const client = yield* rawClient(port)
      client.write(get(`http://127.0.0.1:${port}/quick`))
      client.write(openingOf(`http://127.0.0.1:${port}/`))
      assert.deepStrictEqual(yield* statuses(client, 1), [200])
      assert.match(yield* Effect.promise(() => client.head()), /^HTTP\/1.1 101 /)
      assert.strictEqual(reactor.connections.size, 1)
    })
  )

  it.scopedLive("100 comes in its turn, and not in the middle of an earlier answer", () =>
    Effect.gen(function* () {
      const { port } = yield* serve(echo, { pages })
      const client = yield* rawClient(port)
      client.write(get("/large") + get("/quick", "Host: localhost\r\nExpect: 100-continue\r\n"))
      assert.deepStrictEqual(yield* statuses(client, 3), [200, 100, 200])
    })
  )

  it.scopedLive("a client that ends its side behind a pipelined handshake is not kept", () =>
    Effect.gen(function* () {
      const { port, reactor } = yield* serve(echo, { pages })
      for (let i = 0; i < 20; i++) {
        const client = yield* rawClient(port)
        client.socket.end(get("/quick") + openingOf("/"))
        yield* ended(client)
      }
      yield* Effect.promise(() => eventually(() => assert.strictEqual(reactor.connections.size, 0)))
    })
  )

  for (const isTls of [false, true])
    it.scopedLive(
      `those behind one that is not answered are not read, and all get answers${isTls ? ", over TLS" : ""}`,
      () =>
        Effect.gen(function* () {
          const { cert, key } = yield* certificate
          let answer = () => {}
          const shortcut = ({ url }: IncomingMessage, response: ServerResponse): boolean => {
            if (url === "/slow") answer = () => void response.end("slow")
            else response.end("now")
            return true
          }
          const { port, reactor } = yield* serve(echo, { shortcut, ...(isTls ? { certificate: { cert, key } } : {}) })
          const open = () =>
            isTls
              ? connectTls({ port, host: "127.0.0.1", servername: "localhost", ca: cert })
              : connect({ port, host: "127.0.0.1" })
          const client = open()
          const answers = text(client)
          const padded = get("/now", `Host: localhost\r\nPadding: ${"x".repeat(1000)}\r\n`)
          client.write(get("/slow") + padded.repeat(MANY) + last)
          yield* Effect.promise(() => eventually(() => assert.isAbove(reactor.memory.used, 0)))
          // By now all would have been read.
          for (let i = 0; i < 3; i++) {
            const other = open()
            const said = text(other)
            other.write(last)
            assert.include(yield* limit(Effect.promise(() => said)), "200 OK")
          }
          assert.isBelow(reactor.memory.used, (MANY / 4) * 4096)
          answer()
          assert.lengthOf((yield* limit(Effect.promise(() => answers))).match(/HTTP\/1.1 200 OK/g) ?? [], MANY + 2)
          assert.strictEqual(reactor.memory.used, 0)
        })
    )

  it.scopedLive("a callback that throws ends its own connection and is logged", () =>
    Effect.gen(function* () {
      const lines: Array<string> = []
      const logger = Logger.replace(
        Logger.defaultLogger,
        Logger.make(({ message }) => void lines.push(String(message)))
      )
      const deciding = relay("/decides", {
        open: () => ({ onMessage: () => {}, onClose: () => {} }),
        decide: () => {
          throw new Error("a mistake")
        }
      })
      const shortcut = ({ url }: { readonly url?: string | undefined }): boolean => {
        if (url === "/throws") throw new Error("a mistake")
        return false
      }
      const { port } = yield* serve(deciding, { pages, shortcut }).pipe(Effect.provide(logger))
      const other = yield* rawClient(port)
      for (const bytes of [get("/throws"), get("/quick") + get("/throws"), openingOf("/decides")]) {
        const client = yield* rawClient(port)
        client.write(bytes)
        yield* ended(client)
      }
      assert.deepStrictEqual(lines, ["A request failed", "A request failed", "A request failed"])
      other.write(get("/quick"))
      assert.deepStrictEqual(yield* statuses(other, 1), [200])
    })
  )
})

describe("a client that does not read", () => {
  it.scopedLive(
    "a client that does not read gets one answer at a time, and is cut when it takes nothing of it for some time",
    () =>
      Effect.gen(function* () {
        let answered = 0
        const shortcut = () => {
          answered++
          return false
        }
        const dropped: Array<string> = []
        const onDropped = (cause: string) => void dropped.push(cause)
        const { port } = yield* serve(echo, { pages, shortcut, onDropped, answerTimeout: 500 })
        const client = yield* rawClient(port)
        client.socket.pause()
        client.write(get("/large").repeat(50))
        yield* Effect.promise(() => eventually(() => assert.deepStrictEqual(dropped, ["unread"])))
        assert.strictEqual(answered, 1)
      })
  )

  it.scopedLive("a client that does not read is counted with what waits for it, and is cut when that is too much", () =>
    Effect.gen(function* () {
      const { port, reactor } = yield* serve(echo, { pages }, { maxMemory: LARGE / 2 })
      const client = yield* rawClient(port)
      client.socket.pause()
      client.write(get("/large"))
      yield* Effect.promise(() => eventually(() => assert.strictEqual(reactor.memory.givenUp, 1)))
      assert.strictEqual(reactor.memory.used, 0)
    })
  )

  it.scopedLive("a client that does not read leaves nothing in the memory budget when it has left", () =>
    Effect.gen(function* () {
      const { cert, key } = yield* certificate
      const { port, reactor } = yield* serve(echo, { pages, certificate: { cert, key } })
      const leaving = connectTls({ port, host: "127.0.0.1", servername: "localhost", ca: cert })
      leaving.pause()
      leaving.write(get("/large") + get("/quick").repeat(MANY))
      yield* Effect.promise(() => eventually(() => assert.isAbove(reactor.memory.used, LARGE / 2)))
      leaving.destroy()
      yield* Effect.promise(() => eventually(() => assert.strictEqual(reactor.memory.used, 0)))
    })
  )
})

describe("a connection", () => {
  it.scoped("a connection has one deadline, which the first bytes of a request do not extend", () =>
    Effect.gen(function* () {
      const { port } = yield* serve(echo, { pages, handshakeTimeout: 1000 })
      /** The server has accepted and read what came before. */
      const settled = Effect.gen(function* () {
        const client = yield* rawClient(port)
        client.write(last)
        yield* ended(client)
      })
      const early = yield* rawClient(port)
      yield* settled
      yield* TestClock.adjust(500)
      const late = yield* rawClient(port)
      let isLateOpen = true
      late.socket.on("end", () => {
        isLateOpen = false
      })
      yield* settled
      yield* TestClock.adjust(300)
      early.write("G")
      yield* settled
      yield* TestClock.adjust(200)
      assert.match(String(yield* ended(early)), /^HTTP\/1.1 408 /)
      yield* settled
      assert.isTrue(isLateOpen)
      yield* TestClock.adjust(500)
      yield* ended(late)
    })
  )
})

describe("the end of a server", () => {
  it.scopedLive("the end of a server ends idle connections at once, and others after the answer to their request", () =>
    Effect.gen(function* () {
      const asked = yield* Effect.makeLatch(false)
      const answer = yield* Effect.makeLatch(false)
      const slow = HttpRouter.empty.pipe(
        HttpRouter.get("/", asked.open.pipe(Effect.zipRight(answer.await), Effect.as(HttpServerResponse.text("slow")))),
        Effect.catchTag("RouteNotFound", () => HttpServerResponse.text("none", { status: 404 }))
      )
      const scope = yield* Scope.make()
      const { port } = yield* Scope.extend(serve(echo, { pages: slow }), scope)
      const idle = yield* rawClient(port)
      const busy = yield* rawClient(port)
      busy.write(get("/"))
      yield* asked.await
      const closing = yield* Effect.fork(Scope.close(scope, Exit.void))
      yield* ended(idle)
      yield* answer.open
      assert.deepStrictEqual(yield* statuses(busy, 1), [200])
      yield* ended(busy)
      yield* limit(closing.await)
    })
  )
})
