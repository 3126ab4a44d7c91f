/**
 * A handshake in one piece is read directly, and one in two pieces by Node. A client must not be able to tell them
 * apart.
 */
import { once } from "node:events"
import * as Https from "node:https"
import * as Tls from "node:tls"
import { assert, describe, it, vi } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import type { Refusal } from "../../../src/WebSocket/Http/Endpoint.ts"
import { relay } from "../../../src/WebSocket/Http/WebSocketRouter.ts"
import { certificate } from "../../certificate.ts"
import { closeFrame, encode } from "../Frames/frames.ts"
import { echo, limit, openingOf, rawClient, serve } from "../Rig.ts"

const broken = relay("/broken", {
  open: () => {
    throw new Error("no handler")
  }
})
const polite = relay("/polite/:name", {
  protocols: ["b", "a"],
  open: (connection, { params, protocol, url }) => {
    connection.send(JSON.stringify({ params, protocol, url }))
    connection.close()
    return { onMessage: () => {}, onClose: () => {} }
  }
})

const admit = (request: { readonly url: string; readonly headers: Readonly<Record<string, unknown>> }) => {
  if (request.url.startsWith("/polite/defect")) throw new Error("admit failed")
  if (request.headers["x-refuse"] === undefined) return { closed: () => {} }
  return { cause: "test", status: 429, text: "enough\n" }
}

/** Waits for an answer, after which the server has read everything that was sent before. */
const ask = (port: number) =>
  Effect.promise(() => fetch(`http://127.0.0.1:${port}/`).then((response) => response.text()))

/**
 * All bytes that a client gets for an opening that is sent in `pieces`, until the server closes or is silent for a
 * while after its echo.
 */
const answerTo = (port: number, pieces: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const client = yield* rawClient(port)
    for (const piece of pieces) {
      client.write(piece)
      // The server reads each piece by itself.
      yield* ask(port)
    }
    client.send({ fin: true, opcode: 8, payload: Buffer.of(3, 232) })
    return String(yield* Effect.promise(() => client.rest()))
  }).pipe(limit)

const openings: Readonly<Record<string, string>> = {
  "is accepted": openingOf("/"),
  "is accepted with a query and cookies": openingOf("/?a=b&c", "Cookie: a=1; b=2\r\nOrigin: http://localhost\r\n"),
  "finds its path as routers do": openingOf("//polite/Ada/", "Sec-WebSocket-Protocol: a, b\r\n"),
  "captures the parameters of its path": openingOf("/polite/a%20b", "Sec-WebSocket-Protocol: c\r\n"),
  "is refused by admit": openingOf("/", "X-Refuse: 1\r\n"),
  "meets an `admit` that throws": openingOf("/polite/defect"),
  "meets an endpoint that throws": openingOf("/broken"),
  "has no endpoint": openingOf("/nowhere"),
  "has no key": openingOf("/").replace(/Sec-WebSocket-Key.*\r\n/, ""),
  "has a bad key": openingOf("/").replace("dGhl", "!Ghl"),
  "has a bad version": openingOf("/").replace("13", "12"),
  "has no host": openingOf("/").replace(/Host.*\r\n/, ""),
  "has two hosts": openingOf("/", "Host: b\r\n"),
  "is of HTTP/1.0": openingOf("/").replace("HTTP/1.1", "HTTP/1.0"),
  "is a POST": openingOf("/").replace("GET", "POST"),
  "has a body": openingOf("/", "Content-Length: 3\r\n"),
  "asks for another upgrade": openingOf("/").replace("websocket", "h2c"),
  "is too long": openingOf("/", `X: ${"x".repeat(20_000)}\r\n`),
  "is not HTTP": "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"
}

/** The parts of an answer that differ each time. */
const timeless = (answer: string): string => answer.replace(/^Date: .*\r\n/m, "")

describe("an opening, in one piece or in two,", () => {
  for (const [what, opening] of Object.entries(openings))
    it.scopedLive(`an opening, in one piece or in two,, that ${what} is answered the same`, () =>
      Effect.gen(function* () {
        const refusals: Array<Pick<Refusal, "cause" | "status">> = []
        const dropped: Array<string> = []
        const { port } = yield* serve(Layer.mergeAll(echo, broken, polite), {
          admit,
          onRefused: ({ cause, status }) => refusals.push({ cause, status }),
          onDropped: (cause) => dropped.push(cause)
        })
        const direct = yield* answerTo(port, [opening])
        const reported = { refusals: refusals.splice(0), dropped: dropped.splice(0) }
        const inPieces = yield* answerTo(port, [opening.slice(0, 5), opening.slice(5)])
        assert.strictEqual(timeless(inPieces), timeless(direct))
        assert.match(direct, /^HTTP\/1\.1 \d{3} /)
        assert.deepStrictEqual({ refusals, dropped }, reported)
      })
    )

  it.scopedLive("an opening, in one piece or in two,, may have its first messages with it, and many more", () =>
    Effect.gen(function* () {
      const { port } = yield* serve(echo)
      const client = yield* rawClient(port)
      client.socket.cork()
      client.write(openingOf("/"))
      for (let i = 0; i < 1000; i++) client.text(String(i))
      client.socket.uncork()
      assert.match(yield* Effect.promise(() => client.head()), /^HTTP\/1.1 101 /)
      for (let i = 0; i < 1000; i++)
        assert.strictEqual(String((yield* Effect.promise(() => client.frame())).payload), String(i))
    })
  )
})

/** All bytes that a client gets over TLS for an opening in `pieces`, a record for each, and a close frame after it. */
const answerOverTls = (port: number, pieces: ReadonlyArray<string>) =>
  Effect.acquireUseRelease(
    Effect.sync(() => Tls.connect({ port, host: "127.0.0.1", rejectUnauthorized: false })),
    (socket) =>
      Effect.promise(async () => {
        let answer = ""
        socket.setEncoding("utf8").on("data", (chunk: string) => {
          answer += chunk
        })
        // It may end with an error, as the server does not read what follows some refusals.
        socket.on("error", () => {})
        await once(socket, "secureConnect")
        for (const piece of pieces) socket.write(piece)
        socket.write(encode({ ...closeFrame(1000), key: Buffer.alloc(4) }))
        if (!socket.closed) await new Promise((resolve) => socket.once("close", resolve))
        return answer
      }),
    (socket) => Effect.sync(() => socket.destroy())
  ).pipe(limit)

describe("an opening over TLS", () => {
  it.scopedLive("an opening over TLS is answered as one without, in one record or in two", () =>
    Effect.gen(function* () {
      const { cert, key } = yield* certificate
      const endpoints = Layer.mergeAll(echo, broken, polite)
      const { port } = yield* serve(endpoints, { admit, certificate: { cert, key } })
      const plain = yield* serve(endpoints, { admit })
      for (const [what, opening] of Object.entries(openings)) {
        const expected = timeless(yield* answerTo(plain.port, [opening]))
        assert.strictEqual(timeless(yield* answerOverTls(port, [opening])), expected, what)
        const pieces = [opening.slice(0, 5), opening.slice(5)]
        assert.strictEqual(timeless(yield* answerOverTls(port, pieces)), expected, what)
      }
    })
  )

  it.scopedLive("an opening over TLS in one record costs no request of Node's server, and a page's request does", () =>
    Effect.gen(function* () {
      const emitted = yield* Effect.acquireRelease(
        Effect.sync(() => vi.spyOn(Https.Server.prototype, "emit")),
        (spy) => Effect.sync(() => spy.mockRestore())
      )
      const { cert, key } = yield* certificate
      const { port } = yield* serve(echo, { certificate: { cert, key } })
      const requests = () => emitted.mock.calls.filter(([event]) => event === "upgrade" || event === "request").length
      assert.match(yield* answerOverTls(port, [openingOf("/")]), /^HTTP\/1\.1 101 /)
      assert.strictEqual(requests(), 0)
      assert.match(yield* answerOverTls(port, ["GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"]), /^HTTP\/1\.1 404 /)
      assert.strictEqual(requests(), 1)
    })
  )
})

describe("a connection that sends nothing", () => {
  it.scopedLive("a connection that sends nothing is answered 408 in time, and one that ends is ended", () =>
    Effect.gen(function* () {
      const dropped: Array<string> = []
      const { port } = yield* serve(echo, { handshakeTimeout: 1000, onDropped: (cause) => dropped.push(cause) })
      const ends = yield* rawClient(port)
      ends.socket.end()
      assert.strictEqual(String(yield* limit(Effect.promise(() => ends.rest()))), "")
      const silent = yield* rawClient(port)
      assert.match(String(yield* limit(Effect.promise(() => silent.rest()))), /^HTTP\/1\.1 408 Request Timeout\r\n/)
      assert.deepStrictEqual(dropped, ["timeout"])
    })
  )

  it.scopedLive("a connection that sends nothing does not keep the server from ending", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const { port } = yield* Scope.extend(serve(echo), scope)
      const silent = yield* rawClient(port)
      yield* Effect.promise(() => once(silent.socket, "connect"))
      yield* ask(port)
      yield* limit(Scope.close(scope, Exit.void))
      assert.strictEqual(String(yield* Effect.promise(() => silent.rest())), "")
    })
  )
})
