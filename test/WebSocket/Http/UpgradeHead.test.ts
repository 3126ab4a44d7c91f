import { once } from "node:events"
import * as Http from "node:http"
import type { AddressInfo } from "node:net"
import { connect } from "node:net"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as UpgradeHead from "../../../src/WebSocket/Http/UpgradeHead.ts"
import { openingOf } from "../Rig.ts"

const remoteAddress = "127.0.0.1"
const read = (text: string, most = 16_384) => UpgradeHead.read(Buffer.from(text, "latin1"), most, remoteAddress)

/** What Node's parser reads from bytes: the request, and the bytes after it; `undefined` if it finds no upgrade. */
const node = Effect.acquireRelease(
  Effect.promise(async () => {
    const server = Http.createServer({ maxHeaderSize: 16_384 })
    let heard: (found: { message: Http.IncomingMessage; head: Buffer } | undefined) => void = () => {}
    server.on("upgrade", (message, socket, head) => {
      heard({ message, head })
      socket.destroy()
    })
    server.on("request", (message) => {
      heard(undefined)
      message.socket.destroy()
    })
    server.on("clientError", (_, socket) => {
      heard(undefined)
      socket.destroy()
    })
    await once(server.listen(0, "127.0.0.1"), "listening")
    const { port } = server.address() as AddressInfo
    const parse = (bytes: Buffer) =>
      new Promise<{ message: Http.IncomingMessage; head: Buffer } | undefined>((resolve) => {
        heard = resolve
        const socket = connect(port, "127.0.0.1")
        socket.on("error", () => {})
        socket.on("close", () => resolve(undefined))
        socket.end(bytes)
      })
    return { server, parse }
  }),
  ({ server }) => Effect.promise(async () => void (await new Promise((done) => server.close(done))))
)

const names = FastCheck.constantFrom(
  "Origin",
  "cookie",
  "X-Forwarded-For",
  "USER-AGENT",
  "Accept-Encoding",
  "Expect",
  "TE"
)
const header = FastCheck.tuple(
  names,
  FastCheck.constantFrom(":", ": ", ":  ", ":\t", " : "),
  FastCheck.string({ maxLength: 9 })
)

/** A handshake with headers of all kinds, in which a few bytes may be replaced by another piece. */
const opening = FastCheck.record({
  headers: FastCheck.array(header, { maxLength: 3 }),
  changes: FastCheck.array(
    FastCheck.record({
      at: FastCheck.double({ min: 0, max: 1, noNaN: true }),
      remove: FastCheck.nat(2),
      add: FastCheck.constantFrom(
        "",
        "\r\n",
        "\n",
        "\r",
        " ",
        "\t",
        ":",
        ",",
        "\0",
        "/",
        "%",
        "#",
        "?",
        "\u00e9",
        "a",
        "0"
      )
    }),
    { maxLength: 1 }
  )
}).map(({ changes, headers }) => {
  let text = openingOf("/path/?a=b", headers.map(([name, colon, value]) => `${name}${colon}${value}\r\n`).join(""))
  for (const { add, at, remove } of changes) {
    const start = Math.floor(at * text.length)
    text = text.slice(0, start) + add + text.slice(start + remove)
  }
  return Buffer.from(`${text}rest`, "latin1")
})

describe("UpgradeHead", () => {
  it("UpgradeHead reads a handshake as clients write it, and leaves the bytes after it", () => {
    const text = openingOf(
      "/chat/a%20b/?x=1",
      "Origin: http://localhost:8000\r\nCookie: a=1; b=2\r\nX-Empty-Not: -\r\n"
    )
    const found = read(`${text}after`)
    assert.strictEqual(found?.length, text.length)
    assert.strictEqual(found?.request.url, "/chat/a%20b/?x=1")
    assert.deepInclude(found?.request.headers, {
      host: "localhost",
      origin: "http://localhost:8000",
      cookie: "a=1; b=2"
    })
  })

  const usual = openingOf("/")
  const others: Readonly<Record<string, string>> = {
    "is incomplete": usual.slice(0, -1),
    "comes after a line end": `\r\n${usual}`,
    "has lines without CR": usual.replaceAll("\r\n", "\n"),
    "has a continued line": usual.replace("Host: localhost", "Host:\r\n localhost"),
    "has a space before a colon": usual.replace("Host:", "Host :"),
    "has an empty header": openingOf("/", "X:\r\n"),
    "has a control character": openingOf("/", "X: a\x01\r\n"),
    "has a header twice": openingOf("/", "Host: other\r\n"),
    "has a body": openingOf("/", "Content-Length: 3\r\n"),
    "has a body in chunks": openingOf("/", "Transfer-Encoding: chunked\r\n"),
    "expects something": openingOf("/", "Expect: 100-continue\r\n"),
    "has a header that can't be set in an object": openingOf("/", "__proto__: x\r\n"),
    "is of HTTP/1.0": usual.replace("HTTP/1.1", "HTTP/1.0"),
    "has another method": usual.replace("GET", "POST"),
    "has an absolute url": usual.replace("GET /", "GET http://localhost/"),
    "has a fragment": usual.replace("GET /", "GET /#a"),
    "asks for another upgrade": usual.replace("websocket", "h2c"),
    "is not a valid handshake": usual.replace("Version: 13", "Version: 12"),
    "has very many headers": openingOf("/", Array.from({ length: 70 }, (_, i) => `X-${i}: x\r\n`).join(""))
  }
  for (const [what, text] of Object.entries(others))
    it(`UpgradeHead leaves to Node a request that ${what}`, () => assert.isUndefined(read(text)))

  it("UpgradeHead leaves to Node a head that has all the allowed bytes", () => {
    assert.isUndefined(read(usual, usual.length))
    assert.isDefined(read(usual, usual.length + 1))
  })

  it.scopedLive("UpgradeHead reads whatever it accepts in the same way as Node's parser", () =>
    Effect.gen(function* () {
      const { parse } = yield* node
      let taken = 0
      yield* Effect.promise(() =>
        FastCheck.assert(
          FastCheck.asyncProperty(opening, async (bytes) => {
            const found = UpgradeHead.read(bytes, 16_384, remoteAddress)
            if (found === undefined) return
            taken++
            const theirs = await parse(bytes)
            assert.isDefined(theirs)
            const { head, message } = theirs!
            const { headers, httpVersion, method, url } = message
            const expected = { method: method!, url: url!, httpVersion, headers: { ...headers }, remoteAddress }
            assert.deepStrictEqual(found.request, expected)
            assert.strictEqual(bytes.toString("latin1", found.length), head.toString("latin1"))
          }),
          { numRuns: 1000 }
        )
      )
      assert.isAbove(taken, 100)
    })
  )
})
