/** Each way in which a client can fail to connect, caused for real, and what it does with an open connection. */
import * as Http from "node:http"
import * as Net from "node:net"
import * as Tls from "node:tls"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import { WebSocketServer as WsServer } from "ws"
import { connect } from "../../../src/WebSocket/Api/ConversationClient.ts"
import { Reactor } from "../../../src/WebSocket/Connection/Reactor.ts"
import type { ConnectOptions } from "../../../src/WebSocket/Http/Client.ts"
import { type ConnectFailure, connectError } from "../../../src/WebSocket/Http/ConnectError.ts"
import * as Handshake from "../../../src/WebSocket/Http/Handshake.ts"
import * as HandshakeKey from "../../../src/WebSocket/Http/HandshakeKey.ts"
import { certificate } from "../../certificate.ts"
import { reactorLayer } from "../Rig.ts"

/** A TCP server, or the given one, that handles each connection as told. Returns its port. */
const listen = (act: (socket: Net.Socket) => void, server: Net.Server = Net.createServer()) =>
  Effect.acquireRelease(
    Effect.async<{ readonly port: number; readonly sockets: ReadonlySet<Net.Socket> }>((resume) => {
      const sockets = new Set<Net.Socket>()
      const take = (socket: Net.Socket) => {
        sockets.add(socket)
        socket.on("error", () => {})
        act(socket)
      }
      server.on(server instanceof Tls.Server ? "secureConnection" : "connection", take)
      server.listen(0, "127.0.0.1", () =>
        resume(Effect.succeed({ port: (server.address() as Net.AddressInfo).port, sockets }))
      )
    }),
    ({ sockets }) =>
      Effect.sync(() => {
        server.close()
        for (const socket of sockets) socket.destroy()
      })
  )

/** Answers the first request with the result of `answer` for its key. */
const answering = (answer: (key: string) => string) =>
  listen((socket) =>
    socket.once("data", (request) => {
      const key = /Sec-WebSocket-Key: (\S+)/.exec(request.toString("latin1"))?.[1] ?? ""
      socket.write(answer(key), "latin1")
    })
  )

const tryConnect = (port: number, options: Partial<ConnectOptions> = {}) =>
  Effect.scoped(connect({ url: new URL(`ws://127.0.0.1:${port}/`), timeout: 60_000, ...options })).pipe(
    Effect.flip,
    Effect.provide(reactorLayer())
  )

const failsAs = (port: number, failure: ConnectFailure, words: RegExp, options?: Partial<ConnectOptions>) =>
  Effect.gen(function* () {
    const error = yield* tryConnect(port, options)
    assert.strictEqual(error._tag, "ConnectError")
    if (error._tag !== "ConnectError") return
    assert.strictEqual(error.failure, failure)
    assert.match(error.detail, words)
    assert.notInclude(error.message, "\n")
  })

describe("an answer", () => {
  const opens = (key: string) =>
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: keep-alive\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${Handshake.acceptKey(key)}\r\n`

  it.scopedLive("an answer may follow others of 100 and 103, and have its Connection in two headers", () =>
    Effect.gen(function* () {
      const before = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
      const { port } = yield* answering((key) => `${before}${opens(key)}\r\n\x81\x02hi`)
      const received = yield* connect({ url: new URL(`ws://127.0.0.1:${port}/`) }).pipe(
        Effect.flatMap((conversation) => conversation.receive),
        Effect.provide(reactorLayer())
      )
      assert.strictEqual(received, "hi")
    })
  )

  it.scopedLive("an answer of 1xx that never ends fails, and not with the whole process", () =>
    Effect.gen(function* () {
      const endless = "HTTP/1.1 103 Early Hints\r\n\r\n".repeat(5000)
      const { port } = yield* answering((key) => `${endless}${opens(key)}\r\n`)
      yield* failsAs(port, "Handshake", /longer than 16384 bytes/)
    })
  )

  for (const [name, more] of [
    ["a second Sec-WebSocket-Accept", "Sec-WebSocket-Accept: other\r\n"],
    ["an extension that was not offered", "Sec-WebSocket-Extensions: permessage-deflate\r\n"]
  ] as const)
    it.scopedLive(`an answer fails with ${name}`, () =>
      Effect.flatMap(
        answering((key) => `${opens(key)}${more}\r\n`),
        ({ port }) => failsAs(port, "Handshake", /Sec-WebSocket-Accept|not offered/)
      )
    )
})

describe("a connection fails as", () => {
  it.scopedLive("Refused where nothing listens", () =>
    Effect.gen(function* () {
      const { port } = yield* Effect.scoped(listen(() => {}))
      yield* failsAs(port, "Refused", /refused: nothing listens there/)
    })
  )

  it.scopedLive("Reset where the server resets", () =>
    Effect.flatMap(
      listen((socket) => socket.once("data", () => socket.resetAndDestroy())),
      ({ port }) => failsAs(port, "Reset", /reset/)
    )
  )

  it.scopedLive("Timeout where the server is silent", () =>
    Effect.flatMap(
      listen(() => {}),
      ({ port }) => failsAs(port, "Timeout", /no connection within 0\.1 s/, { timeout: 100 })
    )
  )

  it.scopedLive.each([Infinity, 2 ** 31])("not Timeout if it may take %d ms: more than a timer takes", (timeout) =>
    Effect.flatMap(
      // By then a timer that overflows has long expired.
      listen((socket) => socket.once("data", () => setTimeout(() => socket.end(), 10))),
      ({ port }) => failsAs(port, "Closed", /closed the connection before it was open/, { timeout })
    )
  )

  it.scopedLive("Closed where the server hangs up", () =>
    Effect.flatMap(
      listen((socket) => socket.once("data", () => socket.end())),
      ({ port }) => failsAs(port, "Closed", /closed the connection before it was open/)
    )
  )

  it.scopedLive("Handshake where the server answers with an alert of TLS", () =>
    Effect.flatMap(
      listen((socket) => socket.once("data", () => socket.write(Buffer.from([21, 3, 1, 0, 2, 2, 70])))),
      ({ port }) => failsAs(port, "Handshake", /answered in TLS: should the url begin with wss:/)
    )
  )

  it.scopedLive("Closed where the server hangs up in the middle of its answer", () =>
    Effect.flatMap(
      listen((socket) => socket.once("data", () => socket.end("HTTP/1.1 101 Switching Protocols\r\nUpgr"))),
      ({ port }) => failsAs(port, "Closed", /before it was open/)
    )
  )

  it.scopedLive("Dns where the name has no address", () =>
    failsAs(1, "Dns", /unknown host|looked up/, { url: new URL("ws://no-such-host.invalid/") })
  )

  it.scopedLive("Local where the address to connect from is not this machine's", () =>
    Effect.flatMap(
      listen(() => {}),
      ({ port }) => failsAs(port, "Local", /local address/, { localAddress: "203.0.113.1" })
    )
  )

  it.scopedLive("Local where that address is of another family than the server's", () =>
    failsAs(1, "Local", /local address or port can't be used: EINVAL/, { localAddress: "::1" })
  )

  it("System, which is not final, where a system call fails for an unknown reason", () => {
    const error = Object.assign(new Error("connect EACCES 192.0.2.1:80"), { code: "EACCES", syscall: "connect" })
    const { detail, failure } = connectError(new URL("ws://192.0.2.1/"), error)
    assert.strictEqual(failure, "System")
    assert.strictEqual(detail, "connect failed: EACCES")
  })

  it.scopedLive("an error without token, user and password", () =>
    Effect.gen(function* () {
      const { port } = yield* Effect.scoped(listen(() => {}))
      const error = yield* tryConnect(port, { url: new URL(`ws://us3r:passw0rd@127.0.0.1:${port}/a?token=s3cret`) })
      assert.strictEqual(error.message, `ws://127.0.0.1:${port}/a?...: connection refused: nothing listens there`)
      assert.notMatch(JSON.stringify(error), /s3cret|passw0rd|us3r/)
    })
  )

  it.scopedLive("Status where there is no WebSocket, with the server's text", () =>
    Effect.gen(function* () {
      const server = Http.createServer((_, response) => response.writeHead(404).end("no such page\nreally"))
      const { port } = yield* listen(() => {}, server)
      const error = yield* tryConnect(port)
      assert.strictEqual(error._tag === "ConnectError" && error.failure, "Status")
      assert.strictEqual(error._tag === "ConnectError" && error.status, 404)
      assert.match(error.message, /answered 404 Not Found/)
    })
  )

  const upgraded = (key: string, headers = "") =>
    Handshake.accepted(key, undefined).replace(/\r\n\r\n$/, `\r\n${headers}\r\n`)

  const improper: ReadonlyArray<readonly [string, (key: string) => string, RegExp]> = [
    ["is not HTTP", () => "220 mail ready\r\n\r\n", /not HTTP/],
    ["has the wrong key", () => upgraded("AAAAAAAAAAAAAAAAAAAAAA=="), /has the wrong Sec-WebSocket-Accept/],
    ["upgrades to nothing", () => "HTTP/1.1 101 Switching Protocols\r\n\r\n", /not an upgrade/],
    ["has an extension", (key) => upgraded(key, "Sec-WebSocket-Extensions: permessage-deflate\r\n"), /extension/],
    ["has a subprotocol", (key) => upgraded(key, "Sec-WebSocket-Protocol: x\r\n"), /subprotocol x/],
    ["has no end", () => `HTTP/1.1 101 Switching Protocols\r\nX: ${"x".repeat(20_000)}`, /longer than 16384 bytes/]
  ]
  for (const [name, answer, words] of improper)
    it.scopedLive(`Handshake where the answer ${name}`, () =>
      Effect.flatMap(answering(answer), ({ port }) => failsAs(port, "Handshake", words))
    )

  const said = [
    ["no length", "\r\nnot today\n", /503 Unavailable: not today$/],
    ["chunks", "Transfer-Encoding: chunked\r\n\r\n9\r\nnot today\r\n0\r\n\r\n", /503 Unavailable: not today$/],
    ["no chunk", "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", /503 Unavailable$/]
  ] as const
  for (const [name, rest, words] of said)
    it.scopedLive(`Status with the first line of the text, in an answer with ${name}`, () =>
      Effect.flatMap(
        answering(() => `HTTP/1.1 503 Unavailable\r\n${rest}`),
        ({ port }) => failsAs(port, "Status", words)
      )
    )

  it.scopedLive("Request where a header has a line end, and nothing is sent to the server", () =>
    Effect.gen(function* () {
      const received: Array<Net.Socket> = []
      const { port } = yield* listen((socket) => received.push(socket))
      yield* failsAs(port, "Request", /X-Name has a line end/, { headers: { "X-Name": "a\u010d\u010aX-Admin: yes" } })
      yield* failsAs(port, "Request", /expected a url that begins with ws: or wss:/, {
        url: new URL(`http://127.0.0.1:${port}/`)
      })
      yield* failsAs(port, "Request", /is not a token/, { protocols: ["a\r\n\r\n"] })
      yield* failsAs(port, "Request", /the option maxPayload is 0: expected a number of bytes/, { maxPayload: 0 })
      yield* failsAs(port, "Request", /the option timeout is NaN: expected milliseconds/, { timeout: Number.NaN })
      assert.lengthOf(received, 0)
    })
  )

  it.scopedLive("Request where Node can't use an option", () =>
    Effect.gen(function* () {
      const { port } = yield* listen(() => {})
      yield* failsAs(port, "Request", /an option can't be used: Invalid IP address: nonsense/, {
        localAddress: "nonsense"
      })
      yield* failsAs(port, "Request", /the certificates or the key can't be used \(no start line\): expected PEM/, {
        url: new URL(`wss://127.0.0.1:${port}/`),
        tls: { cert: "no PEM", key: "no PEM" }
      })
    })
  )

  it.scopedLive("Tls where the server does not speak TLS", () =>
    Effect.gen(function* () {
      const { port } = yield* listen((socket) =>
        socket.once("data", () => socket.write("HTTP/1.1 400 Bad Request\r\n\r\n"))
      )
      yield* failsAs(port, "Tls", /does not speak TLS/, { url: new URL(`wss://127.0.0.1:${port}/`) })
    })
  )
})

describe("over TLS", () => {
  const secure = Effect.gen(function* () {
    const pem = yield* certificate
    const server = Tls.createServer(pem)
    const { port } = yield* listen((socket) => {
      socket.once("data", (request) => {
        const key = /Sec-WebSocket-Key: (\S+)/.exec(request.toString("latin1"))?.[1] ?? ""
        // The first message comes in the same write as the answer.
        socket.write(`${Handshake.accepted(key, undefined)}\x81\x02hi`, "latin1")
      })
    }, server)
    return { url: new URL(`wss://localhost:${port}/`), ca: pem.cert }
  })

  it.scopedLive("a trusted certificate opens the connection", () =>
    Effect.gen(function* () {
      const conversation = yield* connect({ ...(yield* secure), timeout: 60_000 })
      assert.strictEqual(yield* conversation.receive, "hi")
    }).pipe(Effect.provide(reactorLayer({ closeTimeout: 50 })))
  )

  it.scopedLive("a self-signed certificate does not", () =>
    Effect.gen(function* () {
      const { url } = yield* secure
      yield* failsAs(0, "Tls", /certificate/, { url })
    })
  )
})

/** A server of `ws`. Returns its port. */
const wsServer = (handle: (socket: import("ws").WebSocket, request: Http.IncomingMessage) => void, options = {}) =>
  Effect.gen(function* () {
    const server = Http.createServer()
    const wss = new WsServer({ server, ...options })
    wss.on("connection", handle)
    const { port } = yield* listen(() => {}, server)
    return port
  })

describe("an answer that opens the connection", () => {
  const hi = "\x81\x02hi"
  const inOtherWords = (key: string) =>
    `HTTP/1.1 101 Yes\r\nServer: x\r\nconnection: keep-alive, upgrade\r\nupgrade: WebSocket\r\nsec-websocket-accept: ${Handshake.acceptKey(key)}\r\n\r\n`
  const answers: ReadonlyArray<readonly [string, (key: string) => string]> = [
    ["in the usual words", (key) => Handshake.accepted(key, undefined)],
    ["in other words", inOtherWords]
  ]
  for (const [name, answer] of answers)
    it.scopedLive(`${name} may come in pieces, or with the first frame behind it`, () =>
      Effect.gen(function* () {
        const length = answer("").length + hi.length
        for (const cut of [1, 20, length - hi.length - 1, length - hi.length, length - 1, length]) {
          const { port } = yield* listen((socket) =>
            socket.once("data", (request) => {
              const key = /Sec-WebSocket-Key: (\S+)/.exec(request.toString("latin1"))?.[1] ?? ""
              const bytes = Buffer.from(answer(key) + hi, "latin1")
              socket.setNoDelay(true)
              socket.write(bytes.subarray(0, cut), () => setImmediate(() => socket.write(bytes.subarray(cut))))
              // The client's close frame.
              socket.once("data", () => socket.destroy())
            })
          )
          yield* Effect.scoped(
            Effect.gen(function* () {
              const talk = yield* connect({ url: new URL(`ws://127.0.0.1:${port}/`), protocols: ["x"] })
              assert.isUndefined(talk.protocol)
              assert.strictEqual(yield* talk.receive, "hi")
            })
          )
        }
      }).pipe(Effect.provide(reactorLayer()))
    )
})

describe("keys of handshakes", () => {
  it("keys of handshakes are 16 bytes, and none comes twice", () => {
    const keys = Array.from({ length: 2000 }, HandshakeKey.make)
    for (const key of keys) assert.match(key, /^[+/0-9A-Za-z]{22}==$/)
    assert.strictEqual(new Set(keys).size, keys.length)
  })
})

describe("a client of a server on `ws`", () => {
  it.scopedLive("a client of a server on `ws` talks, and closes with 1000 when its scope ends", () =>
    Effect.gen(function* () {
      let closed: (code: number) => void = () => {}
      const ended = new Promise<number>((resolve) => {
        closed = resolve
      })
      const port = yield* wsServer(
        (socket, request) => {
          socket.send(`${request.url} ${request.headers["x-name"]} ${socket.protocol}`)
          socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }))
          socket.on("close", closed)
        },
        { perMessageDeflate: true }
      )
      const url = new URL(`ws://127.0.0.1:${port}/a?b=c`)
      yield* Effect.scoped(
        Effect.gen(function* () {
          const talk = yield* connect({ url, headers: { "X-Name": "me" }, protocols: ["p", "q"] })
          assert.strictEqual(talk.protocol, "p")
          assert.strictEqual(yield* talk.receive, "/a?b=c me p")
          for (const size of [0, 1, 125, 126, 65_535, 65_536, 1 << 20]) {
            yield* talk.send("x".repeat(size))
            assert.strictEqual(yield* talk.receive, "x".repeat(size))
            yield* talk.send(new Uint8Array(size).fill(200))
            assert.deepStrictEqual(yield* talk.receive, new Uint8Array(size).fill(200))
          }
        })
      )
      assert.strictEqual(yield* Effect.promise(() => ended), 1000)
    }).pipe(Effect.provide(reactorLayer()))
  )

  it.scopedLive("a client of a server on `ws` learns how the server closed", () =>
    Effect.gen(function* () {
      const port = yield* wsServer((socket) => socket.close(4321, "enough"))
      const talk = yield* connect({ url: new URL(`ws://127.0.0.1:${port}/`) })
      assert.deepStrictEqual(yield* talk.closed, { code: 4321, reason: "enough" })
      const error = yield* Effect.flip(talk.receive)
      assert.deepStrictEqual([error.code, error.reason], [4321, "enough"])
    }).pipe(Effect.provide(reactorLayer()))
  )

  it.scopedLive("a client of a server on `ws` reports 1006 when the server is just gone", () =>
    Effect.gen(function* () {
      const port = yield* wsServer((socket) => socket.terminate())
      const talk = yield* connect({ url: new URL(`ws://127.0.0.1:${port}/`) })
      assert.deepStrictEqual(yield* talk.closed, { code: 1006, reason: "" })
    }).pipe(Effect.provide(reactorLayer()))
  )

  it.scopedLive("a client of a server on `ws` refuses masked frames, and messages over its limit", () =>
    Effect.gen(function* () {
      const port = yield* wsServer((socket) => socket.send("x".repeat(101)))
      const talk = yield* connect({ url: new URL(`ws://127.0.0.1:${port}/`), maxPayload: 100 })
      assert.strictEqual((yield* talk.closed).code, 1009)
      const masked = yield* answering((key) => `${Handshake.accepted(key, undefined)}\x81\x81\x00\x00\x00\x00x`)
      const other = yield* connect({ url: new URL(`ws://127.0.0.1:${masked.port}/`) })
      yield* Effect.fork(Effect.sync(() => [...masked.sockets].map((socket) => socket.end())))
      assert.strictEqual((yield* other.closed).code, 1002)
    }).pipe(Effect.provide(reactorLayer({ closeTimeout: 100 })))
  )

  it.scopedLive("a client of a server on `ws` gives up when it is interrupted, and leaves nothing behind", () =>
    Effect.gen(function* () {
      let gone: () => void = () => {}
      const ended = new Promise<void>((resolve) => {
        gone = resolve
      })
      let came: () => void = () => {}
      const asked = new Promise<void>((resolve) => {
        came = resolve
      })
      const { port } = yield* listen((socket) => {
        socket.once("data", () => came())
        socket.once("close", () => gone())
      })
      const fiber = yield* Effect.fork(Effect.scoped(connect({ url: new URL(`ws://127.0.0.1:${port}/`) })))
      yield* Effect.promise(() => asked)
      yield* Fiber.interrupt(fiber)
      yield* Effect.promise(() => ended)
      assert.strictEqual((yield* Reactor).connections.size, 0)
    }).pipe(Effect.provide(reactorLayer()))
  )

  it.scopedLive("a client of a server on `ws` closes with 1001 when its reactor ends first", () =>
    Effect.gen(function* () {
      const codes: Array<number> = []
      let closed: () => void = () => {}
      const ended = new Promise<void>((resolve) => {
        closed = resolve
      })
      const port = yield* wsServer((socket) =>
        socket.on("close", (code) => {
          codes.push(code)
          closed()
        })
      )
      const scope = yield* Scope.make()
      yield* Effect.scoped(
        Effect.provide(Scope.extend(connect({ url: new URL(`ws://127.0.0.1:${port}/`) }), scope), reactorLayer())
      )
      yield* Scope.close(scope, Exit.void)
      yield* Effect.promise(() => ended)
      assert.deepStrictEqual(codes, [1001])
    })
  )
})
