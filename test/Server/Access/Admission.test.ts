import { once } from "node:events"
import { hostname } from "node:os"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { WebSocket } from "ws"
import { relay } from "../../../src/WebSocket/Http/WebSocketRouter.ts"
import { open, serve, upgrade } from "../ServerRig.ts"

const statusOf = (port: number, path: string, headers: Readonly<Record<string, string>>) =>
  Effect.map(upgrade(port, path, headers), ({ status }) => status)

describe("Admission", () => {
  it.scopedLive("Admission accepts pages of the server's own origin, and clients that are not pages", () =>
    Effect.gen(function* () {
      const port = yield* serve()
      const host = `localhost:${port}`
      assert.strictEqual(yield* statusOf(port, "/watcher/", { Host: host, Origin: `http://${host}` }), 101)
      assert.strictEqual(yield* statusOf(port, "/watcher/", { Host: host }), 101)
    })
  )

  it.scopedLive("Admission refuses pages of another origin on every path, and says how to allow them", () =>
    Effect.gen(function* () {
      const port = yield* serve()
      const host = `localhost:${port}`
      for (const path of ["/watcher/", "/worker/", "/reset/", "/test/ws/", "/test/echo/"]) {
        for (const origin of ["https://evil.example", `http://localhost:${port + 1}`, "null", "nonsense"]) {
          const { peer, status } = yield* upgrade(port, path, { Host: host, Origin: origin })
          assert.strictEqual(status, 403, `${path} ${origin}`)
          yield* Effect.promise(() => peer.closed())
          assert.include(peer.received.toString(), "--allow-origin")
        }
      }
    })
  )

  it.scopedLive("Admission refuses a foreign name that points to this machine, on any address", () =>
    Effect.gen(function* () {
      for (const settings of [{}, { host: "0.0.0.0" }, { host: "0.0.0.0", trustedProxies: ["127.0.0.1"] }]) {
        const port = yield* serve({ ...settings, allowedHosts: ["life.example"] })
        const statusAt = (host: string) => statusOf(port, "/reset/", { Host: host, Origin: `http://${host}` })
        assert.strictEqual(yield* statusAt(`evil.example:${port}`), 403)
        assert.strictEqual(yield* statusAt(`life.example:${port}`), 101)
      }
      const port = yield* serve({ host: "0.0.0.0" })
      const own = `${hostname()}:${port}`
      assert.strictEqual(yield* statusOf(port, "/reset/", { Host: own, Origin: `http://${own}` }), 101)
    })
  )

  it.scopedLive("Admission refuses pages with another scheme, which a trusted proxy tells", () =>
    Effect.gen(function* () {
      const plain = yield* serve()
      const host = `localhost:${plain}`
      assert.strictEqual(yield* statusOf(plain, "/watcher/", { Host: host, Origin: `https://${host}` }), 403)
      const stranger = { Host: host, Origin: `https://${host}`, "X-Forwarded-Proto": "https" }
      assert.strictEqual(yield* statusOf(plain, "/watcher/", stranger), 403)
      const port = yield* serve({ trustedProxies: ["127.0.0.1"], allowedHosts: ["life.example"] })
      const page = (origin: string, proto: string) =>
        statusOf(port, "/watcher/", { Host: "life.example", Origin: origin, "X-Forwarded-Proto": proto })
      assert.strictEqual(yield* page("https://life.example", "https"), 101)
      assert.strictEqual(yield* page("http://life.example", "https"), 403)
      assert.strictEqual(yield* page("http://life.example", "http"), 101)
    })
  )

  it.scopedLive("Admission accepts the listed origins", () =>
    Effect.gen(function* () {
      const port = yield* serve({ allowedOrigins: ["https://life.example"] })
      assert.strictEqual(yield* statusOf(port, "/watcher/", { Origin: "https://life.example" }), 101)
      assert.strictEqual(yield* statusOf(port, "/watcher/", { Origin: "http://life.example" }), 403)
      const any = yield* serve({ allowedOrigins: ["*"] })
      assert.strictEqual(yield* statusOf(any, "/watcher/", { Origin: "https://life.example" }), 101)
    })
  )

  it.scopedLive("Admission lets only the server's own pages control a game, whichever others may watch", () =>
    Effect.gen(function* () {
      const open = () => ({ onMessage: () => {}, onClose: () => {} })
      const port = yield* serve({ allowedOrigins: ["*"] }, relay("/control/", { ownPagesOnly: true, open }))
      const host = `localhost:${port}`
      assert.strictEqual(yield* statusOf(port, "/watcher/", { Host: host, Origin: "https://evil.example" }), 101)
      assert.strictEqual(yield* statusOf(port, "/control/", { Host: host, Origin: "https://evil.example" }), 403)
      assert.strictEqual(yield* statusOf(port, "/control/", { Host: host, Origin: `http://${host}` }), 101)
      assert.strictEqual(yield* statusOf(port, "/control/", { Host: host }), 101)
    })
  )

  it.scopedLive("Admission lets programs control a game without an origin only from its own machine", () =>
    Effect.gen(function* () {
      const open = () => ({ onMessage: () => {}, onClose: () => {} })
      const port = yield* serve({ trustedProxies: ["127.0.0.1"] }, relay("/control/", { ownPagesOnly: true, open }))
      const of = (address: string) => statusOf(port, "/control/", { "X-Forwarded-For": address })
      assert.strictEqual(yield* of("203.0.113.7"), 403)
      assert.strictEqual(yield* of("127.0.0.1"), 101)
      assert.strictEqual(yield* of("::1"), 101)
    })
  )

  it.scopedLive("Admission names an origin that is not ASCII, in an answer as long as it says", () =>
    Effect.gen(function* () {
      const port = yield* serve()
      const { peer, status } = yield* upgrade(port, "/watcher/", { Origin: "http://caf\u00e9.example" })
      assert.strictEqual(status, 403)
      yield* Effect.promise(() => peer.closed())
      const [head = "", body = ""] = peer.received.toString("latin1").split("\r\n\r\n")
      assert.include(body, "http://caf")
      assert.strictEqual(Number(/content-length: (\d+)/i.exec(head)?.[1]), body.length)
    })
  )

  it.scopedLive("Admission asks for the token if the endpoint needs it, whatever its role is", () =>
    Effect.gen(function* () {
      const open = () => ({ onMessage: () => {}, onClose: () => {} })
      const endpoints = Layer.mergeAll(
        relay("/private/", { role: "any", needsToken: true, open }),
        relay("/public/", { role: "worker", open })
      )
      const port = yield* serve({ tokens: [{ name: "default", secret: Redacted.make("s3cret") }] }, endpoints)
      assert.strictEqual(yield* statusOf(port, "/private/", {}), 401)
      assert.strictEqual(yield* statusOf(port, "/private/?token=s3cret", {}), 101)
      assert.strictEqual(yield* statusOf(port, "/public/", {}), 101)
    })
  )

  it.scopedLive("Admission asks only workers and resets for the token, however the path is written", () =>
    Effect.gen(function* () {
      const port = yield* serve({ tokens: [{ name: "default", secret: Redacted.make("s3cret") }] })
      for (const path of ["/worker/", "/reset/", "/WORKER/", "//worker/", "/%77orker/", "/worker"]) {
        assert.strictEqual(yield* statusOf(port, path, {}), 401, path)
        assert.strictEqual(yield* statusOf(port, path, { Authorization: "Bearer s3cret2" }), 401, path)
        assert.strictEqual(yield* statusOf(port, `${path}?token=S3cret`, {}), 401, path)
        assert.strictEqual(yield* statusOf(port, path, { Authorization: "Bearer s3cret" }), 101, path)
        assert.strictEqual(yield* statusOf(port, `${path}?token=s3cret`, {}), 101, path)
      }
      assert.strictEqual(yield* statusOf(port, "/watcher/", {}), 101)
      assert.strictEqual(yield* statusOf(port, "/test/echo/", {}), 101)
    })
  )

  it.scopedLive("Admission answers 503 when it has all its connections, and accepts again when one leaves", () =>
    Effect.gen(function* () {
      const port = yield* serve({ maxConnections: 3 })
      const [first] = yield* Effect.all([open(port, "/watcher/"), open(port, "/watcher/"), open(port, "/test/echo/")])
      assert.strictEqual(yield* statusOf(port, "/watcher/", {}), 503)
      first.destroy()
      // The server notices it some time later.
      yield* Effect.repeat(statusOf(port, "/watcher/", {}), { until: (status) => status === 101 })
    })
  )

  it.scopedLive("Admission counts the connections of each address that a trusted proxy forwards", () =>
    Effect.gen(function* () {
      const port = yield* serve({ maxPerAddress: 2, trustedProxies: ["127.0.0.0/8", "10.0.0.0/8"] })
      const of = (forwarded: string) => statusOf(port, "/watcher/", { "X-Forwarded-For": forwarded })
      assert.strictEqual(yield* of("203.0.113.7"), 101)
      assert.strictEqual(yield* of("198.51.100.1, 203.0.113.7, 10.1.2.3"), 101)
      assert.strictEqual(yield* of("203.0.113.7"), 429)
      assert.strictEqual(yield* of("198.51.100.1"), 101)
      assert.strictEqual(yield* of("2001:db8::1"), 101)
      assert.strictEqual(yield* of("2001:db8::2"), 101)
      assert.strictEqual(yield* of("2001:db8:0:0:ffff::3"), 429)
    })
  )

  it.scopedLive("Admission does not count the connections of this machine, even over IPv6", () =>
    Effect.gen(function* () {
      const port = yield* serve({ host: "::1", maxPerAddress: 1 })
      const open = () =>
        Effect.acquireRelease(
          Effect.promise(async () => {
            const socket = new WebSocket(`ws://[::1]:${port}/watcher/`)
            await once(socket, "open")
            return socket
          }),
          (socket) => Effect.sync(() => socket.terminate())
        )
      yield* Effect.all([open(), open(), open()])
    })
  )

  it.scopedLive("Admission does not believe the forwarding headers of untrusted clients", () =>
    Effect.gen(function* () {
      const port = yield* serve({ maxPerAddress: 1, trustedProxies: ["10.0.0.0/8"] })
      const of = () => statusOf(port, "/watcher/", { "X-Forwarded-For": "203.0.113.7" })
      assert.deepStrictEqual(yield* Effect.all([of(), of()]), [101, 101])
    })
  )

  it.scopedLive("Admission answers 400 to malformed handshakes and 404 to unknown paths, escapes included", () =>
    Effect.gen(function* () {
      const port = yield* serve()
      assert.strictEqual(yield* statusOf(port, "/worker/", { "Sec-WebSocket-Version": "12" }), 400)
      assert.strictEqual(yield* statusOf(port, "/worker/", { "Sec-WebSocket-Key": "short" }), 400)
      for (const path of ["/nowhere/", "/%ff/", "/%", "/worker/%E0%A4%A/", "/__proto__/"])
        assert.strictEqual(yield* statusOf(port, path, {}), 404, path)
    })
  )
})
