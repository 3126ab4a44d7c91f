/** The `connect` settings of a scenario, with servers on `ws`. */
import { mkdtempSync, rmSync } from "node:fs"
import * as Http from "node:http"
import * as Https from "node:https"
import type { AddressInfo } from "node:net"
import * as Net from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { WebSocketServer } from "ws"
import * as LocalRun from "../../../src/Echo/Load/LocalRun.ts"
import * as WebSocketDialer from "../../../src/Echo/Load/WebSocketDialer.ts"
import * as Summary from "../../../src/Echo/Report/Summary.ts"
import type { Connect } from "../../../src/Echo/Scenario/Connect.ts"
import type { LoadPlan } from "../../../src/Echo/Scenario/LoadPlan.ts"
import { certificate } from "../../certificate.ts"
import { plan } from "../plan.ts"

const CLIENTS = 3

/** An echo server until the scope closes. Returns the requests that it got. */
const serve = (server: Http.Server | Https.Server, at: Net.ListenOptions = { host: "127.0.0.1", port: 0 }) =>
  Effect.acquireRelease(
    Effect.async<{
      readonly port: number
      readonly seen: ReadonlyArray<Http.IncomingMessage>
      readonly end: () => void
    }>((resume) => {
      const seen: Array<Http.IncomingMessage> = []
      const wss = new WebSocketServer({ server })
      wss.on("connection", (socket, request) => {
        seen.push(request)
        socket.on("error", () => {})
        socket.on("message", (data: Buffer) => socket.send(data.toString()))
      })
      const end = () => {
        for (const socket of wss.clients) socket.terminate()
        server.close()
      }
      server.listen(at, () => resume(Effect.succeed({ port: (server.address() as AddressInfo).port, seen, end })))
    }),
    ({ end }) => Effect.sync(end)
  )

const load = (connect: Partial<Connect>, changes: Partial<LoadPlan>) =>
  Effect.gen(function* () {
    const steps = [{ send: "a" }, { expect: "a" }, { reconnect: 0 }, { send: "b" }, { expect: "b" }]
    const scenario = { ...plan(0).scenario, connect: { headers: {}, subprotocols: [], ...connect }, steps }
    const run = yield* LocalRun.make(plan(0, { scenario, clients: CLIENTS, ...changes }))
    return yield* run.report
  }).pipe(Effect.provide(WebSocketDialer.layer))

/** A server that answers each handshake with this status, after it has accepted the first `accepted`. */
const refusing = (status: number, accepted = 0) => {
  const server = Http.createServer()
  const wss = new WebSocketServer({ noServer: true })
  let asked = 0
  server.on("upgrade", (request, socket, head) => {
    if (++asked <= accepted) return wss.handleUpgrade(request, socket, head, () => {})
    socket.end(`HTTP/1.1 ${status} Refused\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`)
  })
  return Effect.acquireRelease(
    Effect.async<string>((resume) => {
      server.listen(0, "127.0.0.1", () =>
        resume(Effect.succeed(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/`))
      )
    }),
    () => Effect.sync(() => server.close())
  )
}

describe("connecting", () => {
  it.scopedLive("a run ends when its first five clients are refused for good, and does not start the others", () =>
    Effect.gen(function* () {
      const urls = [yield* refusing(404)] as const
      // Random moments of an hour: the first clients start after some hundred milliseconds.
      const ramp = { _tag: "Random", over: 3_600_000 } as const
      for (const changes of [{}, { duration: 60_000 }]) {
        const report = yield* load({}, { urls, clients: 50_000, ramp, ...changes })
        assert.deepStrictEqual([report.completed, report.interrupted], [0, false])
        assert.isAtLeast(report.failed, 5)
        assert.isAbove(report.notStarted, 40_000)
        assert.deepStrictEqual(
          report.failures.map(({ kind }) => kind),
          ["the server answered with status 404"]
        )
        assert.include(
          Summary.render(report).join("\n"),
          "warning: no client got a connection, so the others were not started"
        )
      }
    })
  )

  it.scopedLive("a run goes on after refusals that may pass, and after one connection", () =>
    Effect.gen(function* () {
      const ramp = { _tag: "Random", over: 300 } as const
      for (const [status, accepted] of [
        [503, 0],
        [404, 1]
      ] as const) {
        const urls = [yield* refusing(status, accepted)] as const
        const report = yield* load({}, { urls, clients: 20, ramp, timeout: 1000 })
        assert.deepStrictEqual([report.failed, report.notStarted], [20, 0])
      }
    })
  )

  it.scopedLive("connecting sends the headers, cookies and subprotocols of each client", () =>
    Effect.gen(function* () {
      const { port, seen } = yield* serve(Http.createServer())
      const connect: Partial<Connect> = {
        headers: { "X-Client": "{{client}}" },
        cookies: { session: "s{{client}}", theme: "dark" },
        subprotocols: ["chat.v{{client}}"]
      }
      const report = yield* load(connect, { urls: [`ws://127.0.0.1:${port}/`] })
      assert.deepStrictEqual(report.failures, [])
      const reported = seen.map(({ headers }) => [
        headers["x-client"],
        headers.cookie,
        headers["sec-websocket-protocol"]
      ])
      const expected = [1, 2, 3].map((n) => [`${n}`, `session=s${n}; theme=dark`, `chat.v${n}`])
      assert.deepStrictEqual(reported.toSorted(), [...expected, ...expected].toSorted())
    })
  )

  it.scopedLive("connecting connects through a Unix socket, and over IPv6", () =>
    Effect.gen(function* () {
      const folder = yield* Effect.acquireRelease(
        Effect.sync(() => mkdtempSync(join(tmpdir(), "echo-"))),
        (path) => Effect.sync(() => rmSync(path, { recursive: true }))
      )
      const unixSocket = join(folder, "socket")
      yield* serve(Http.createServer(), { path: unixSocket })
      const there = yield* load({ unixSocket }, { urls: ["ws://localhost/"] })
      assert.strictEqual(there.completed, CLIENTS)
      const { port } = yield* serve(Http.createServer(), { host: "::1", port: 0 })
      const six = yield* load({}, { urls: [`ws://[::1]:${port}/`], localAddresses: ["::1"] })
      assert.deepStrictEqual(six.failures, [])
      assert.strictEqual(six.completed, CLIENTS)
    })
  )

  it.scopedLive("connecting connects through a proxy, whose refusal has its own cause of failure", () =>
    Effect.gen(function* () {
      const { port } = yield* serve(Http.createServer())
      const proxy = Http.createServer()
      proxy.on("connect", (request: Http.IncomingMessage, socket: Net.Socket) => {
        if (request.headers["proxy-authorization"] === undefined) {
          socket.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
          return
        }
        const there = Net.connect(port, "127.0.0.1", () => {
          socket.write("HTTP/1.1 200 OK\r\n\r\n")
          socket.pipe(there)
          there.pipe(socket)
        })
        there.on("error", () => socket.destroy())
        socket.on("error", () => there.destroy())
      })
      const at = yield* serve(proxy)
      const urls: LoadPlan["urls"] = [`ws://server.invalid:${port}/`]
      const report = yield* load({ proxy: `http://me:secret@127.0.0.1:${at.port}` }, { urls })
      assert.deepStrictEqual(report.failures, [])
      const refused = yield* load({ proxy: `http://127.0.0.1:${at.port}` }, { urls })
      assert.strictEqual(refused.failures[0]?.cause, "proxy")
      assert.strictEqual(refused.failures[0]?.kind, "the proxy answered 407 Proxy Authentication Required")
      assert.strictEqual(refused.failures[0]?.count, CLIENTS)
    })
  )

  it.scopedLive("connecting sends a certificate and a server name, and counts resumed sessions", () =>
    Effect.gen(function* () {
      const pair = yield* certificate
      const server = Https.createServer({ ...pair, requestCert: true, rejectUnauthorized: true, ca: [pair.cert] })
      const { port } = yield* serve(server)
      const plans: Partial<LoadPlan> = { urls: [`wss://127.0.0.1:${port}/`], certificates: { ca: pair.cert } }
      const without = yield* load({ tls: { servername: "localhost" } }, plans)
      assert.strictEqual(without.failed, CLIENTS)
      const mine = { ...plans, certificates: { ca: pair.cert, cert: pair.cert, key: pair.key } }
      const report = yield* load({ tls: { servername: "localhost", resume: true } }, mine)
      assert.deepStrictEqual(report.failures, [])
      const { tls, "tls.resumed": resumed } = report.named.times
      assert.deepStrictEqual([tls?.count, resumed?.count], [CLIENTS, CLIENTS])
    })
  )

  it.scopedLive("connecting accepts any certificate if it is told so", () =>
    Effect.gen(function* () {
      const { port } = yield* serve(Https.createServer(yield* certificate))
      const urls: LoadPlan["urls"] = [`wss://127.0.0.1:${port}/`]
      assert.strictEqual((yield* load({}, { urls })).failures[0]?.cause, "tls")
      assert.strictEqual((yield* load({ tls: { insecure: true } }, { urls })).completed, CLIENTS)
    })
  )
})
