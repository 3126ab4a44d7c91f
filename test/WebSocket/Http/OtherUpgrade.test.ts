/**
 * Requests for an upgrade to something other than a WebSocket, over real sockets. They are answered as if they had not
 * asked for it.
 */
import { execFile } from "node:child_process"
import { createServer } from "node:http"
import { connect } from "node:tls"
import { promisify } from "node:util"
import * as HttpRouter from "@effect/platform/HttpRouter"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { certificate } from "../../certificate.ts"
import { need } from "../../need.ts"
import { echo, openingOf, rawClient, serve, wsClient } from "../Rig.ts"

const pages = HttpRouter.empty.pipe(
  HttpRouter.get(
    "/",
    Effect.map(HttpServerRequest.HttpServerRequest, ({ headers }) =>
      HttpServerResponse.text(`the page for ${headers["user-agent"]}`)
    )
  ),
  HttpRouter.post(
    "/",
    Effect.flatMap(HttpServerRequest.HttpServerRequest, ({ text }) =>
      Effect.map(text, (body) => HttpServerResponse.text(`got ${body.length} of ${body.slice(0, 5)}`))
    )
  ),
  Effect.catchAll(() => HttpServerResponse.text("none", { status: 404 }))
)

/** Curl's request for HTTP/2 without TLS. */
const H2C = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n"
const get = (headers = H2C) => `GET / HTTP/1.1\r\nHost: localhost\r\nUser-Agent: café\r\n${headers}\r\n`
const post = (body: string, headers = H2C) =>
  `POST / HTTP/1.1\r\nHost: localhost\r\n${headers}Content-Length: ${body.length}\r\n\r\n${body}`

/**
 * Newer versions of Node lose the bytes that follow a request with a body and an upgrade in the same read, so its
 * answer is the connection's last.
 */
const bodyIsLast = "shouldUpgradeCallback" in createServer()

/** The status and the body of the next answer. */
const answer = async (client: Effect.Effect.Success<ReturnType<typeof rawClient>>) => {
  const head = await client.head()
  const length = Number(/content-length: (\d+)/i.exec(head)?.[1])
  return `${head.slice(9, 12)} ${await client.take(length)}`
}

describe("an upgrade to something other than a WebSocket", () => {
  for (const [name, headers] of [
    ["h2c, as curl --http2 asks for it", H2C],
    ["h2c alone", "Connection: upgrade\r\nUpgrade: h2c\r\n"],
    ["TLS/1.3, IRC/6.9", "connection: keep-alive, Upgrade\r\nUPGRADE: TLS/1.3, IRC/6.9\r\n"],
    ["two in separate headers", "Connection: Upgrade\r\nUpgrade: h2c\r\nUpgrade: IRC/6.9\r\n"]
  ] as const)
    it.scopedLive(`an upgrade to something other than a WebSocket is ignored: ${name}`, () =>
      Effect.gen(function* () {
        const { port } = yield* serve(echo, { pages })
        const client = yield* rawClient(port)
        client.write(Buffer.from(get(headers), "latin1"))
        assert.strictEqual(yield* Effect.promise(() => answer(client)), "200 the page for café")
      })
    )

  it.scopedLive(
    "an upgrade to something other than a WebSocket leaves the connection as it is: kept alive, pipelined, with bodies, any number of times",
    () =>
      Effect.gen(function* () {
        const warnings: Array<string> = []
        const warned = (warning: Error) => warnings.push(warning.message)
        process.on("warning", warned)
        yield* Effect.addFinalizer(() => Effect.sync(() => process.off("warning", warned)))
        const { port } = yield* serve(echo, { pages })
        const client = yield* rawClient(port)
        for (let i = 0; i < 30; i++) {
          client.write(Buffer.from(get(), "latin1"))
          assert.strictEqual(yield* Effect.promise(() => answer(client)), "200 the page for café")
        }
        client.write(Buffer.from(get() + post("hello", "") + get() + post("world!", "") + get(""), "latin1"))
        for (const said of [
          "the page for café",
          "got 5 of hello",
          "the page for café",
          "got 6 of world",
          "the page for café"
        ])
          assert.strictEqual(yield* Effect.promise(() => answer(client)), `200 ${said}`)
        client.write(Buffer.from(get("Connection: close, Upgrade\r\nUpgrade: h2c\r\n"), "latin1"))
        assert.match(yield* Effect.promise(() => client.head()), /connection: close/i)
        assert.strictEqual(String(yield* Effect.promise(() => client.rest())), "the page for café")
        yield* Effect.promise(async () => new Promise((resolve) => setImmediate(resolve)))
        assert.deepStrictEqual(warnings, [])
      })
  )

  it.scopedLive(
    "an upgrade to something other than a WebSocket may have a body, after which requests are answered, or the connection is closed in the answer",
    () =>
      Effect.gen(function* () {
        const { port } = yield* serve(echo, { pages })
        const client = yield* rawClient(port)
        const large = "large".repeat(200_000)
        client.write(Buffer.from(post(large) + get(), "latin1"))
        const head = yield* Effect.promise(() => client.head())
        assert.strictEqual(String(yield* Effect.promise(() => client.take(20))), "got 1000000 of large")
        if (bodyIsLast) {
          assert.match(head, /connection: close/i)
          assert.lengthOf(yield* Effect.promise(() => client.rest()), 0)
        } else assert.strictEqual(yield* Effect.promise(() => answer(client)), "200 the page for café")
      })
  )

  it.scopedLive("hides no body behind a thousand headers, and what is in the body is no request", () =>
    Effect.gen(function* () {
      const asked: Array<string | undefined> = []
      const shortcut = ({ url }: { readonly url?: string | undefined }) => {
        asked.push(url)
        return false
      }
      const { port } = yield* serve(echo, { pages, shortcut })
      const hidden = "GET /hidden HTTP/1.1\r\nHost: localhost\r\n\r\n"
      const many = "a: 1\r\n".repeat(1100)
      for (const headers of ["", H2C]) {
        const client = yield* rawClient(port)
        const length = `Content-Length: ${hidden.length}\r\n\r\n`
        client.write(`POST /upload HTTP/1.1\r\nHost: localhost\r\n${headers}${many}${length}${hidden}`)
        client.write("GET /last HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        assert.match(String(yield* Effect.promise(() => client.rest())), /^HTTP\/1.1 \d{3} /)
      }
      assert.include(asked, "/upload")
      assert.notInclude(asked, "/hidden")
    })
  )

  it.scopedLive(
    "an upgrade to something other than a WebSocket may be followed by a handshake on the same connection",
    () =>
      Effect.gen(function* () {
        const { port, reactor } = yield* serve(echo, { pages })
        const client = yield* rawClient(port)
        client.write(Buffer.from(get(), "latin1"))
        assert.strictEqual(yield* Effect.promise(() => answer(client)), "200 the page for café")
        client.write(openingOf("/"))
        assert.match(yield* Effect.promise(() => client.head()), /^HTTP\/1.1 101 /)
        client.text("hi")
        assert.strictEqual(String((yield* Effect.promise(() => client.frame())).payload), "hi")
        assert.strictEqual(reactor.connections.size, 1)
      })
  )

  it.scopedLive(
    "an upgrade to something other than a WebSocket counts as one pending connection, until the connection is gone",
    () =>
      Effect.gen(function* () {
        const { port } = yield* serve(echo, { pages, maxPending: 1 })
        const client = yield* rawClient(port)
        for (let i = 0; i < 3; i++) {
          client.write(Buffer.from(get(), "latin1"))
          assert.strictEqual(yield* Effect.promise(() => answer(client)), "200 the page for café")
        }
        yield* wsClient(port)
        assert.lengthOf(yield* Effect.promise(() => client.rest()), 0)
      })
  )

  it.scopedLive("an upgrade to something other than a WebSocket is ignored for curl --http2, which gets the page", () =>
    Effect.gen(function* () {
      need("curl")
      const { port } = yield* serve(echo, { pages })
      const args = ["--silent", "--http2", "--user-agent", "curl"]
      const url = `http://127.0.0.1:${port}/`
      const { stdout } = yield* Effect.promise(() => promisify(execFile)("curl", [...args, url, url]))
      assert.strictEqual(stdout, "the page for curl".repeat(2))
    })
  )

  it.scopedLive("an upgrade to something other than a WebSocket is ignored with TLS too", () =>
    Effect.gen(function* () {
      const { cert, key } = yield* certificate
      const { port } = yield* serve(echo, { pages, certificate: { cert, key } })
      const socket = connect({ port, host: "127.0.0.1", servername: "localhost", ca: cert })
      yield* Effect.addFinalizer(() => Effect.sync(() => socket.destroy()))
      const last = get("Connection: close, Upgrade\r\nUpgrade: h2c\r\n")
      socket.write(Buffer.from(get() + post("hello", "") + last, "latin1"))
      const said = yield* Effect.promise(async () => {
        let said = ""
        for await (const chunk of socket) said += chunk
        return said
      })
      assert.deepStrictEqual(said.match(/the page for café|got 5 of hello/g), [
        "the page for café",
        "got 5 of hello",
        "the page for café"
      ])
    })
  )
})
