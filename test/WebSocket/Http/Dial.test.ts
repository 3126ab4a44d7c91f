/** Each way to reach a server of `ws`: TLS with all options of a client, a Unix socket, IPv6, a proxy. */
import { mkdtempSync, rmSync } from "node:fs"
import * as Http from "node:http"
import * as Https from "node:https"
import * as Net from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Tls from "node:tls"
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import { WebSocketServer } from "ws"
import { connect } from "../../../src/WebSocket/Api/ConversationClient.ts"
import { Reactor } from "../../../src/WebSocket/Connection/Reactor.ts"
import * as Client from "../../../src/WebSocket/Http/Client.ts"
import * as DialTarget from "../../../src/WebSocket/Http/DialTarget.ts"
import { certificate } from "../../certificate.ts"
import { reactorLayer } from "../Rig.ts"

const listen = (server: Net.Server, at: Net.ListenOptions = { port: 0, host: "127.0.0.1" }) =>
  Effect.acquireRelease(
    Effect.async<{ readonly port: number; readonly sockets: ReadonlySet<Net.Socket> }>((resume) => {
      const sockets = new Set<Net.Socket>()
      server.on("connection", (socket) => {
        sockets.add(socket)
        socket.on("error", () => {})
      })
      server.listen(at, () => {
        const address = server.address()
        resume(Effect.succeed({ port: typeof address === "object" && address !== null ? address.port : 0, sockets }))
      })
    }),
    ({ sockets }) =>
      Effect.sync(() => {
        server.close()
        for (const socket of sockets) socket.destroy()
      })
  )

/** The details of its clients that a server saw. */
interface Seen {
  readonly host: string | undefined
  readonly servername: unknown
  readonly commonName: unknown
  readonly resumed: boolean
}

/** An echo server of `ws`, over the given server. */
const echoing = (server: Http.Server | Https.Server): Array<Seen> => {
  const seen: Array<Seen> = []
  new WebSocketServer({ server }).on("connection", (socket, request) => {
    const transport = request.socket
    const tls = transport instanceof Tls.TLSSocket ? transport : undefined
    const commonName = tls?.getPeerCertificate().subject?.CN
    const servername: unknown = tls === undefined ? undefined : Reflect.get(tls, "servername")
    seen.push({ host: request.headers.host, servername, commonName, resumed: tls?.isSessionReused() ?? false })
    socket.on("message", (data: Buffer) => socket.send(data.toString()))
  })
  return seen
}

const says = (options: Client.ConnectOptions, text: string) =>
  Effect.scoped(
    Effect.gen(function* () {
      const conversation = yield* connect({ timeout: 60_000, ...options })
      yield* conversation.send(text)
      assert.strictEqual(yield* conversation.receive, text)
    })
  ).pipe(Effect.provide(reactorLayer({ closeTimeout: 200 })))

const refused = (options: Client.ConnectOptions) =>
  Effect.scoped(connect({ timeout: 60_000, ...options })).pipe(
    Effect.flip,
    Effect.map((error) => (error._tag === "ConnectError" ? `${error.failure} ${error.message}` : error._tag)),
    Effect.provide(reactorLayer())
  )

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "dial-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true }))
)

/** A proxy that expects a user and a password if they are given, and the requests that it got. */
const proxying = (credentials?: string) =>
  Effect.gen(function* () {
    const asked: Array<string> = []
    const server = Http.createServer((_, response) => response.writeHead(400).end())
    const onward = new Set<Net.Socket>()
    server.on("connect", (request: Http.IncomingMessage, socket: Net.Socket) => {
      asked.push(request.url ?? "")
      const wanted = credentials === undefined ? undefined : `Basic ${Buffer.from(credentials).toString("base64")}`
      if (request.headers["proxy-authorization"] !== wanted) {
        socket.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
        return
      }
      const target = new URL(`http://${request.url}`)
      const there = Net.connect(Number(target.port), target.hostname, () => {
        socket.write("HTTP/1.1 200 Connection established\r\n\r\n")
        there.pipe(socket)
        socket.pipe(there)
      })
      onward.add(there)
      there.on("error", () => socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n"))
    })
    const { port } = yield* listen(server)
    yield* Effect.addFinalizer(() => Effect.sync(() => onward.forEach((socket) => socket.destroy())))
    return { port, asked }
  })

describe("over TLS", () => {
  const secure = (more: Https.ServerOptions = {}) =>
    Effect.gen(function* () {
      const pem = yield* certificate
      const server = Https.createServer({ ...pem, ...more })
      const seen = echoing(server)
      const { port } = yield* listen(server)
      return { url: new URL(`wss://127.0.0.1:${port}/`), pem, seen }
    })

  it.scopedLive("a servername other than the url's host is sent, and the certificate must be for it", () =>
    Effect.gen(function* () {
      const { pem, seen, url } = yield* secure()
      assert.match(yield* refused({ url, ca: pem.cert }), /^Tls .*127\.0\.0\.1/)
      yield* says({ url, ca: pem.cert, tls: { servername: "localhost" } }, "by name")
      assert.deepStrictEqual(
        seen.map(({ servername }) => servername),
        ["localhost"]
      )
    })
  )

  it.scopedLive("an invalid certificate is accepted with rejectUnauthorized: false", () =>
    Effect.gen(function* () {
      const { url } = yield* secure()
      yield* says({ url, tls: { rejectUnauthorized: false } }, "who are you?")
    })
  )

  it.scopedLive("a client sends its own certificate if the server asks for one", () =>
    Effect.gen(function* () {
      const mine = yield* certificate
      const { pem, seen, url } = yield* secure({ requestCert: true, rejectUnauthorized: true, ca: [mine.cert] })
      const tls = { servername: "localhost" }
      assert.match(yield* refused({ url, ca: pem.cert, tls }), /^(Tls|Reset|Closed) /)
      yield* says({ url, ca: pem.cert, tls: { ...tls, cert: mine.cert, key: mine.key } }, "it's me")
      assert.deepStrictEqual(
        seen.map(({ commonName }) => commonName),
        ["localhost"]
      )
    })
  )

  it.scopedLive("a session is resumed if it is given, which is reported", () =>
    Effect.gen(function* () {
      const { pem, seen, url } = yield* secure()
      const offered = yield* Deferred.make<Buffer>()
      const onSession = (session: Buffer) => Deferred.unsafeDone(offered, Effect.succeed(session))
      const base = { servername: "localhost" }
      yield* says({ url, ca: pem.cert, tls: { ...base, onSession } }, "first")
      const session = yield* Deferred.await(offered)
      const reactor = yield* Reactor
      const reported = yield* Effect.async<boolean | undefined>((resume) => {
        Client.unsafeConnect(
          reactor,
          { url, ca: pem.cert, tls: { ...base, session } },
          {
            onOpen: (connection, { tls }) => {
              connection.terminate()
              resume(Effect.succeed(tls?.resumed))
              return { onMessage: () => {}, onClose: () => {} }
            },
            onFailure: (error) => resume(Effect.die(error))
          }
        )
      })
      assert.isTrue(reported)
      assert.deepStrictEqual(
        seen.map(({ resumed }) => resumed),
        [false, true]
      )
    }).pipe(Effect.provide(reactorLayer()))
  )

  it.scopedLive("TLS passes through a proxy, which can't read it", () =>
    Effect.gen(function* () {
      const { pem, seen, url } = yield* secure()
      const { asked, port } = yield* proxying()
      const proxy = new URL(`http://127.0.0.1:${port}/`)
      yield* says({ url, ca: pem.cert, tls: { servername: "localhost" }, proxy }, "x".repeat(100_000))
      assert.deepStrictEqual(asked, [url.host])
      assert.strictEqual(seen[0]?.servername, "localhost")
      assert.match(yield* refused({ url, proxy }), /^Tls wss:/)
      const noPem = yield* refused({ url, proxy, tls: { cert: "no PEM", key: "no PEM" } })
      assert.match(noPem, /^Request wss:.*the certificates or the key can't be used/)
    })
  )
})

describe("not over TLS", () => {
  it.scopedLive("a client connects through a Unix socket, with the url's host in the handshake", () =>
    Effect.gen(function* () {
      const path = join(yield* folder, "socket")
      const server = Http.createServer()
      const seen = echoing(server)
      yield* listen(server, { path })
      yield* says({ url: new URL("ws://example.org/"), socketPath: path }, "locally")
      assert.strictEqual(seen[0]?.host, "example.org")
      assert.match(
        yield* refused({ url: new URL("ws://example.org/"), socketPath: `${path}.no` }),
        /^Refused .*no such/
      )
    })
  )

  it.scopedLive("a client connects to an IPv6 address", () =>
    Effect.gen(function* () {
      const server = Http.createServer()
      const seen = echoing(server)
      const { port } = yield* listen(server, { port: 0, host: "::1" })
      yield* says({ url: new URL(`ws://[::1]:${port}/`) }, "six")
      assert.strictEqual(seen[0]?.host, `[::1]:${port}`)
    })
  )

  it.scopedLive("a client connects through a proxy, with a user and a password if it asks for them", () =>
    Effect.gen(function* () {
      const server = Http.createServer()
      echoing(server)
      const { port } = yield* listen(server)
      const url = new URL(`ws://127.0.0.1:${port}/`)
      const proxy = yield* proxying("me:a b")
      const at = (credentials: string) => new URL(`http://${credentials}127.0.0.1:${proxy.port}/`)
      yield* says({ url, proxy: at("me:a%20b@") }, "through")
      assert.deepStrictEqual(proxy.asked, [url.host])
      const without = yield* refused({ url, proxy: at("") })
      assert.strictEqual(without, `Proxy ${at("").href}: the proxy answered 407 Proxy Authentication Required`)
    })
  )

  it.scopedLive("the failure of a missing or invalid proxy is not reported as the server's", () =>
    Effect.gen(function* () {
      const { port } = yield* Effect.scoped(listen(Net.createServer()))
      const url = new URL("ws://127.0.0.1:1/")
      assert.match(yield* refused({ url, proxy: new URL(`http://127.0.0.1:${port}/`) }), /^Refused http:/)
      const mail = Net.createServer((socket) => socket.write("220 mail ready\r\n\r\n"))
      const other = yield* listen(mail)
      const none = yield* refused({ url, proxy: new URL(`http://127.0.0.1:${other.port}/`) })
      assert.match(none, /^Proxy .*the proxy's answer is not HTTP/)
      const behind = yield* proxying()
      const down = yield* refused({ url, proxy: new URL(`http://127.0.0.1:${behind.port}/`) })
      assert.match(down, /^Proxy .*the proxy answered 502 Bad Gateway/)
    })
  )
})

describe("the connections to one url", () => {
  it("the connections to one url share a context of TLS, the given one if there is one", () => {
    const own = DialTarget.target(new URL("wss://localhost/"), {})
    assert.isDefined(own.secure().secureContext)
    assert.strictEqual(own.secure(), own.secure())
    const secureContext = Tls.createSecureContext()
    const given = DialTarget.target(new URL("wss://localhost/"), { tls: { secureContext, servername: "other" } })
    assert.strictEqual(given.secure().secureContext, secureContext)
    assert.strictEqual(given.secure().servername, "other")
  })
})
