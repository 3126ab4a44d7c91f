import { createServer, type Socket } from "node:net"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as LocalRun from "../../../src/Echo/Load/LocalRun.ts"
import * as WebSocketDialer from "../../../src/Echo/Load/WebSocketDialer.ts"
import type { LoadPlan } from "../../../src/Echo/Scenario/LoadPlan.ts"
import { original } from "../../../src/Echo/Scenario/Scenario.ts"
import { freePort } from "../../freePort.ts"
import * as Peer from "../Peer.ts"
import { plan } from "../plan.ts"
import * as WsServer from "../WsServer.ts"

const load = (changes: Partial<LoadPlan>) =>
  Effect.flatMap(LocalRun.make(plan(20, { clients: 4, ...changes })), (run) => run.report).pipe(
    Effect.provide(WebSocketDialer.layer)
  )

const at = (port: number, protocol = "ws"): LoadPlan["urls"] => [`${protocol}://127.0.0.1:${port}/test/ws/`]

/** A server that calls a function for each new TCP connection. */
const tcp = (act: (socket: Socket) => void) => Effect.map(WsServer.listen(createServer(act)), ({ port }) => port)

const free = Effect.promise(() => freePort("127.0.0.1"))

/** Runs against `changes` and expects that all four clients fail for one reason. */
const failsBy = (changes: Partial<LoadPlan>, cause: string, words: RegExp) =>
  Effect.gen(function* () {
    const report = yield* load(changes)
    assert.strictEqual(report.failed, 4)
    assert.deepStrictEqual(
      report.failures.map((group) => [group.cause, group.count]),
      [[cause, 4]]
    )
    assert.match(report.failures[0]?.examples[0]?.detail ?? "", words)
  })

describe("the report shows the cause for", () => {
  it.scopedLive("a port where nothing listens", () =>
    Effect.flatMap(free, (port) => failsBy({ urls: at(port) }, "refused", /refused: nothing listens there/))
  )

  it.scopedLive("a server that resets", () =>
    Effect.flatMap(
      tcp((socket) => socket.once("data", () => socket.resetAndDestroy())),
      (port) => failsBy({ urls: at(port) }, "reset", /reset/)
    )
  )

  it.scopedLive("a server that hangs up", () =>
    Effect.flatMap(
      tcp((socket) => socket.once("data", () => socket.end())),
      (port) => failsBy({ urls: at(port) }, "reset", /closed the connection before it was open/)
    )
  )

  it.scopedLive("a server that never answers the handshake", () =>
    Effect.flatMap(
      tcp(() => {}),
      (port) => failsBy({ urls: at(port), timeout: 400 }, "timeout", /no connection within 0.4 s/)
    )
  )

  it.scopedLive("a path without a WebSocket, with its status", () =>
    Effect.flatMap(WsServer.serve(Peer.original), ({ url }) =>
      failsBy({ urls: [url.replace("/test/ws/", "/elsewhere")] }, "handshake", /answered 400/)
    )
  )

  it.scopedLive("an answer that is not HTTP", () =>
    Effect.flatMap(
      tcp((socket) => socket.once("data", () => socket.write("220 mail ready\r\n\r\n"))),
      (port) => failsBy({ urls: at(port) }, "handshake", /not HTTP/)
    )
  )

  it.scopedLive("a subprotocol that the server does not speak", () =>
    Effect.flatMap(
      tcp((socket) => socket.once("data", () => socket.write("HTTP/1.1 101 Switching Protocols\r\n\r\n"))),
      (port) => failsBy({ urls: at(port) }, "handshake", /./)
    )
  )

  it.scopedLive("a server without TLS behind wss:", () =>
    Effect.flatMap(WsServer.serve(Peer.original), ({ url }) =>
      failsBy({ urls: [url.replace("ws:", "wss:")] }, "tls", /./)
    )
  )

  it.scopedLive("a name that has no address", () =>
    failsBy({ urls: ["ws://no-such-host.invalid/"], timeout: 60_000 }, "dns", /unknown host|looked up/)
  )

  it.scopedLive("a source address that this machine does not have", () =>
    Effect.flatMap(WsServer.serve(Peer.original), ({ url }) =>
      failsBy({ urls: [url], localAddresses: ["203.0.113.1"] }, "local", /local address/)
    )
  )

  it.scopedLive("a server that goes away in the middle, as lost connections", () =>
    Effect.gen(function* () {
      let met = 0
      const { sockets, url } = yield* WsServer.serve((peer) => {
        Peer.original(peer)
        if (++met === 4) setTimeout(() => [...sockets].map((socket) => socket.destroy()), 10)
      })
      // So long that no conversation ends before.
      const report = yield* load({ urls: [url], ramp: { _tag: "Once" }, scenario: original(60_000) })
      assert.strictEqual(report.failed, 4)
      assert.strictEqual(report.failures[0]?.cause, "early close")
      assert.include(report.failures[0]?.kind, "1006")
    })
  )

  it.scopedLive("no problem with several source addresses", () =>
    Effect.gen(function* () {
      const { url } = yield* WsServer.serve(Peer.original)
      const report = yield* load({ urls: [url], localAddresses: ["127.0.0.1", "127.0.0.2", "127.0.0.3"] })
      assert.deepStrictEqual(report.failures, [])
      assert.strictEqual(report.completed, 4)
    })
  )
})
