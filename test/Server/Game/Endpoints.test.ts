/** The pages and the test endpoints, byte for byte. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { closeFrame } from "../../WebSocket/Frames/frames.ts"
import { limit, openingOf, rawClient, rawWebSocket, wsClient } from "../../WebSocket/Rig.ts"
import { closeOf, next, serveRelay } from "./RelayRig.ts"

const get = (port: number, path: string, options: RequestInit = {}) =>
  limit(
    Effect.promise(async () => {
      const response = await fetch(`http://127.0.0.1:${port}${path}`, options)
      return { status: response.status, headers: response.headers, text: await response.text() }
    })
  )

/** Sends a raw request, because `fetch` corrects odd ones. Returns the whole answer. */
const raw = (port: number, request: string) =>
  Effect.gen(function* () {
    const client = yield* rawClient(port)
    client.write(request)
    return (yield* limit(Effect.promise(() => client.rest()))).toString("latin1")
  })

const rawGet = (port: number, path: string) =>
  raw(port, `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`)

describe("/test/ws/", () => {
  it.scopedLive("/test/ws/ holds the original's conversation", () =>
    Effect.gen(function* () {
      const { port } = yield* serveRelay()
      const client = yield* wsClient(port, "/test/ws/")
      const transcript = [yield* next(client)]
      for (const text of ["Spam?", "Eggs! ☃", ""]) {
        client.socket.send(text)
        transcript.push(yield* next(client))
      }
      transcript.push(yield* next(client))
      assert.deepStrictEqual(transcript, ["Hello!", "1. Spam?", "2. Eggs! ☃", "3. ", "Goodbye!"])
      assert.deepStrictEqual(yield* closeOf(client), { code: 1000, reason: "" })
    })
  )

  it.scopedLive("/test/ws/ answers, byte for byte", () =>
    Effect.gen(function* () {
      const { port } = yield* serveRelay()
      const client = yield* rawClient(port)
      client.write(openingOf("/test/ws/"))
      assert.strictEqual(
        yield* Effect.promise(() => client.head()),
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
      )
      for (const text of ["a", "b", "c"]) client.text(text)
      const goodbye = "\x88\x02\x03\xe8"
      const expected = "\x81\x06Hello!\x81\x041. a\x81\x042. b\x81\x043. c\x81\x08Goodbye!"
      yield* Effect.promise(() => client.received(expected.length + goodbye.length))
      client.send(closeFrame(1000))
      assert.strictEqual((yield* Effect.promise(() => client.rest())).toString("latin1"), expected + goodbye)
    })
  )

  it.scopedLive("/test/ws/ ends for a client that leaves in the middle, and goes on for others", () =>
    Effect.gen(function* () {
      const { port } = yield* serveRelay()
      const leaving = yield* wsClient(port, "/test/ws/")
      yield* next(leaving)
      leaving.socket.terminate()
      const other = yield* wsClient(port, "/test/ws/")
      assert.strictEqual(yield* next(other), "Hello!")
    })
  )
})

describe("/test/echo/", () => {
  for (const size of [0, 1, 125, 126, 65_535, 65_536, 1 << 20, 16 << 20])
    it.scopedLive(`/test/echo/ echoes ${size} bytes, as text and as bytes`, () =>
      Effect.gen(function* () {
        const { port } = yield* serveRelay()
        const client = yield* wsClient(port, "/test/echo/")
        const bytes = Buffer.alloc(size, "\u2603 and then some, ")
        const text = "é".repeat(size >> 1) + "x".repeat(size & 1)
        client.socket.send(bytes)
        client.socket.send(text)
        const echoed = yield* next(client)
        assert.isTrue(Buffer.isBuffer(echoed) && bytes.equals(echoed))
        assert.isTrue((yield* next(client)) === text)
      })
    )

  it.scopedLive("/test/echo/ closes a client that sends more than 16 MiB with 1009", () =>
    Effect.gen(function* () {
      const { port } = yield* serveRelay()
      const client = yield* rawWebSocket(port, "/test/echo/")
      client.write(Buffer.of(0x82, 0xff, 0, 0, 0, 0, 1, 0, 0, 1))
      const [code] = yield* limit(Effect.promise(() => client.close()))
      assert.strictEqual(code, 1009)
    })
  )
})

describe("/test/http/", () => {
  it.scopedLive("/test/http/ shows both forms, and nothing received", () =>
    Effect.gen(function* () {
      const { port } = yield* serveRelay()
      const { status, text } = yield* get(port, "/test/http/")
      assert.strictEqual(status, 200)
      assert.match(text, /<form[^>]*method="get"/i)
      assert.match(text, /<form[^>]*method="post"/i)
      assert.notInclude(text, "Received by")
    })
  )

  it.scopedLive(
    "/test/http/ refuses a request whose target is no url, and shows the fields of one that is a whole url",
    () =>
      Effect.gen(function* () {
        const { port } = yield* serveRelay()
        const bad = yield* rawGet(port, "http://[bad/test/http/?a=1")
        assert.match(bad, /^HTTP\/1.1 400 /)
        assert.include(bad, "the target of the request is not a path or a url")
        const whole = yield* rawGet(port, `http://127.0.0.1:${port}/test/http/?a=1`)
        assert.match(whole, /^HTTP\/1.1 200 /)
        assert.include(whole, "<dt>a</dt><dd>1</dd>")
      })
  )

  const post = (body: string, type = "application/x-www-form-urlencoded") => ({
    method: "POST",
    body,
    headers: { "content-type": type }
  })

  const cases: ReadonlyArray<readonly [name: string, path: string, options: RequestInit, expected: string]> = [
    ["fields of a GET", "?a=1&b=two+words", {}, "<dt>a</dt><dd>1</dd><dt>b</dt><dd>two words</dd>"],
    ["a name that comes twice", "?a=1&a=2", {}, "<dt>a</dt><dd>1</dd><dt>a</dt><dd>2</dd>"],
    ["markup, escaped", "?%3Cb%3E=%22%26'", {}, "<dt>&lt;b&gt;</dt><dd>&quot;&amp;&#39;</dd>"],
    ["names without values", "?a&=b&", {}, "<dt>a</dt><dd></dd><dt></dt><dd>b</dd>"],
    ["invalid UTF-8", "?a=%ff%zz", {}, "<dt>a</dt><dd>\ufffd%zz</dd>"],
    ["a dollar", "?a=$%26", {}, "<dd>$&amp;</dd>"],
    ["fields of a POST", "", post("a=1&b=caf%C3%A9"), "<dt>a</dt><dd>1</dd><dt>b</dt><dd>café</dd>"],
    ["an empty POST", "", post(""), "No fields were received."],
    ["a POST of the fields only, not of the query", "?a=1", post("b=2"), "<dl><dt>b</dt><dd>2</dd></dl>"]
  ]
  for (const [name, query, options, expected] of cases)
    it.scopedLive(`/test/http/ shows ${name}`, () =>
      Effect.gen(function* () {
        const { port } = yield* serveRelay()
        const { status, text } = yield* get(port, `/test/http/${query}`, options)
        assert.strictEqual(status, 200)
        assert.include(text, `Received by ${options.method ?? "GET"}`)
        assert.include(text, expected)
      })
    )
})

describe("pages and files", () => {
  it.scopedLive("the watch page's title has the size of the grid", () =>
    Effect.gen(function* () {
      const { port } = yield* serveRelay()
      const { headers, status, text } = yield* get(port, "/")
      assert.strictEqual(status, 200)
      assert.strictEqual(headers.get("content-type"), "text/html; charset=utf-8")
      assert.match(text, /<title>[^<]*32x32[^<]*<\/title>/)
    })
  )

  const files = [
    ["/static/shared.css", "text/css; charset=utf-8"],
    ["/static/icon.svg", "image/svg+xml"],
    ["/static/watch/main.js", "text/javascript; charset=utf-8"],
    ["/test/", "text/html; charset=utf-8"]
  ] as const
  for (const [path, type] of files)
    it.scopedLive(`${path} has its type and an ETag, and is not sent again to a client that has it`, () =>
      Effect.gen(function* () {
        const { port } = yield* serveRelay()
        const first = yield* get(port, path)
        assert.strictEqual(first.status, 200)
        assert.strictEqual(first.headers.get("content-type"), type)
        assert.strictEqual(first.headers.get("x-content-type-options"), "nosniff")
        const etag = first.headers.get("etag") ?? ""
        assert.match(etag, /^"[^"]+"$/)
        for (const known of [etag, `W/${etag}`, `"other", ${etag}`]) {
          const again = yield* get(port, path, { headers: { "if-none-match": known } })
          assert.deepStrictEqual([again.status, again.text], [304, ""])
        }
        const changed = yield* get(port, path, { headers: { "if-none-match": '"other"' } })
        assert.strictEqual(changed.text, first.text)
      })
    )

  const outside = [
    "/static/../package.json",
    "/static/../../etc/passwd",
    "/static/%2e%2e/package.json",
    "/static/%2e%2e%2fpackage.json",
    "/static/..%2fpackage.json",
    "/static/..%5cpackage.json",
    "/static/....//package.json",
    "/static//etc/passwd",
    "/static/shared.css%00.png",
    "/static/watch/main.ts",
    "/static/tsconfig.json",
    "/static/",
    "/static",
    "/static/watch",
    "/package.json",
    "/src/main.ts",
    "/none",
    "/test/none",
    "/%",
    "/static/%zz",
    "/%2e%2e/package.json",
    "/__proto__",
    "/static/__proto__",
    "/static/constructor"
  ]
  it.scopedLive("only the listed files are served; others are 404", () =>
    Effect.gen(function* () {
      const { port } = yield* serveRelay()
      for (const path of outside) {
        const answer = yield* rawGet(port, path)
        assert.match(answer, /^HTTP\/1\.1 404 /, path)
        assert.notMatch(answer, /"name"|root:|import /, path)
      }
    })
  )

  for (const path of ["/worker/", "/watcher/", "/reset/", "/test/ws/", "/test/echo/"])
    it.scopedLive(`${path} without a handshake is answered 400 in the original's words`, () =>
      Effect.gen(function* () {
        const { port } = yield* serveRelay()
        for (const options of [{}, { method: "POST", body: "x" }]) {
          const { status, text } = yield* get(port, path, options)
          assert.deepStrictEqual([status, text], [400, "Invalid WebSocket handshake."])
        }
        const proper = openingOf(path)
        for (const handshake of [
          proper.replace("Version: 13", "Version: 8"),
          proper.replace(/Sec-WebSocket-Key.*\r\n/, ""),
          proper.replace("dGhlIHNhbXBsZSBub25jZQ==", "short"),
          proper.replace("GET", "POST")
        ]) {
          const answer = yield* raw(port, handshake)
          assert.match(answer, /^HTTP\/1\.1 400 Bad Request\r\n/)
          assert.match(answer, /\r\nSec-WebSocket-Version: 13\r\n/)
          assert.isTrue(answer.endsWith("\r\n\r\nInvalid WebSocket handshake."))
        }
      })
    )

  it.scopedLive("a handshake to an unknown path, or to a page, is answered 404 with the paths of WebSockets", () =>
    Effect.gen(function* () {
      const { port } = yield* serveRelay()
      for (const path of ["/none", "/", "/test/", "/test/ws/more", "/%", "/static/shared.css"]) {
        const answer = yield* raw(port, openingOf(path))
        assert.match(answer, /^HTTP\/1\.1 404 Not Found\r\n/, path)
        assert.match(answer, /\r\n\r\nno WebSocket is here, but at .*\/test\/ws\/.*\/worker\/\n$/)
        // Clients show this much of it.
        assert.isBelow(answer.split("\r\n\r\n")[1]?.length ?? 0, 200)
      }
    })
  )

  it.scopedLive("HEAD has no body, and bytes that are not HTTP are answered 400", () =>
    Effect.gen(function* () {
      const { port } = yield* serveRelay()
      const head = yield* raw(port, "HEAD /test/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
      assert.match(head, /^HTTP\/1\.1 200 /)
      assert.isTrue(head.endsWith("\r\n\r\n"))
      assert.match(yield* raw(port, "\x16\x03\x01 not http\r\n\r\n"), /^HTTP\/1\.1 400 Bad Request\r\n/)
    })
  )
})
