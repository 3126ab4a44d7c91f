/** Requests that come before earlier ones are answered, over real sockets. The answers come in order. */
import * as HttpRouter from "@effect/platform/HttpRouter"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { echo, openingOf, rawClient, serve } from "../Rig.ts"

const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`

/** `/slow` and `/last` are answered when `answer` is called. `asked` waits for a request for `/slow`. */
const slowPages = Effect.gen(function* () {
  const latch = yield* Effect.makeLatch(false)
  const asked = yield* Effect.makeLatch(false)
  const pages = HttpRouter.empty.pipe(
    HttpRouter.get("/slow", asked.open.pipe(Effect.zipRight(latch.await), Effect.as(HttpServerResponse.text("slow")))),
    HttpRouter.get(
      "/last",
      Effect.as(latch.await, HttpServerResponse.text("last", { headers: { connection: "close" } }))
    ),
    HttpRouter.get("/quick", HttpServerResponse.text("quick")),
    Effect.catchAll(() => HttpServerResponse.text("none", { status: 404 }))
  )
  return { pages, asked: asked.await, answer: latch.open }
})

const body = async (client: Effect.Effect.Success<ReturnType<typeof rawClient>>) => {
  const head = await client.head()
  return String(await client.take(Number(/content-length: (\d+)/i.exec(head)?.[1])))
}

describe("a pipelined upgrade", () => {
  it.scopedLive("a pipelined upgrade is answered after the earlier requests, and none of its frames is lost", () =>
    Effect.gen(function* () {
      const { answer, asked, pages } = yield* slowPages
      const { port, reactor } = yield* serve(echo, { pages })
      const client = yield* rawClient(port)
      client.write(get("/slow") + get("/quick") + openingOf("/"))
      client.text("at once")
      yield* asked
      assert.strictEqual(reactor.connections.size, 0)
      yield* answer
      assert.strictEqual(yield* Effect.promise(() => body(client)), "slow")
      assert.strictEqual(yield* Effect.promise(() => body(client)), "quick")
      assert.match(yield* Effect.promise(() => client.head()), /^HTTP\/1.1 101 /)
      assert.strictEqual(String((yield* Effect.promise(() => client.frame())).payload), "at once")
      client.text("later")
      assert.strictEqual(String((yield* Effect.promise(() => client.frame())).payload), "later")
    })
  )

  it.scopedLive("a pipelined upgrade is refused after the answers to earlier requests", () =>
    Effect.gen(function* () {
      const { answer, pages } = yield* slowPages
      const { port } = yield* serve(echo, { pages })
      const client = yield* rawClient(port)
      client.write(get("/slow") + openingOf("/nowhere"))
      yield* answer
      assert.strictEqual(yield* Effect.promise(() => body(client)), "slow")
      assert.match(yield* Effect.promise(() => client.head()), /^HTTP\/1.1 404 /)
    })
  )

  it.scopedLive("a pipelined upgrade is dropped if the connection ends with the answer before it, or earlier", () =>
    Effect.gen(function* () {
      const { answer, asked, pages } = yield* slowPages
      const { port, reactor } = yield* serve(echo, { pages })
      const leaves = yield* rawClient(port)
      leaves.write(get("/slow") + openingOf("/"))
      yield* asked
      leaves.socket.resetAndDestroy()
      const last = yield* rawClient(port)
      last.write(get("/last") + openingOf("/"))
      yield* answer
      assert.match(String(yield* Effect.promise(() => last.rest())), /last$/)
      assert.strictEqual(reactor.connections.size, 0)
    })
  )
})

describe("no WebSocket is opened", () => {
  for (const [name, request, status] of [
    ["over HTTP/1.0", openingOf("/").replace("HTTP/1.1", "HTTP/1.0"), 400],
    ["without a host", openingOf("/").replace("Host: localhost\r\n", ""), 400],
    ["with a body", `${openingOf("/", "Content-Length: 5\r\n")}hello`, 400],
    ["with a body in chunks", `${openingOf("/", "Transfer-Encoding: chunked\r\n")}0\r\n\r\n`, 400]
  ] as const)
    it.scopedLive(name, () =>
      Effect.gen(function* () {
        const pages = HttpServerResponse.text("Invalid WebSocket handshake.", { status: 400 })
        const { port, reactor } = yield* serve(echo, { pages })
        const client = yield* rawClient(port)
        client.write(request)
        assert.strictEqual(Number((yield* Effect.promise(() => client.head())).slice(9, 12)), status)
        assert.strictEqual(reactor.connections.size, 0)
      })
    )
})
