/** The connector over a platform's `WebSocket`, with one that opens when the test says so. */
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import * as Schedule from "effect/Schedule"
import { WebSocket } from "ws"
import { Connector } from "../../../src/WebSocket/Client/Connector.ts"
import * as NativeConnector from "../../../src/WebSocket/Client/NativeConnector.ts"
import type { NativeSocket } from "../../../src/WebSocket/Client/NativeTransport.ts"
import * as Reconnecting from "../../../src/WebSocket/Client/Reconnecting.ts"
import * as Codec from "../../../src/WebSocket/Conversation/Codec.ts"
import type { Close } from "../../../src/WebSocket/Frames/CloseCode.ts"
import { freePort } from "../../freePort.ts"

const made: Array<FakeWebSocket> = []

class FakeWebSocket implements NativeSocket {
  binaryType = "blob"
  readonly bufferedAmount = 0
  readonly protocol = ""
  readyState = 0
  onopen: NativeSocket["onopen"] = null
  onclose: ((event: Close) => void) | null = null
  onerror: NativeSocket["onerror"] = null
  onmessage: NativeSocket["onmessage"] = null

  constructor() {
    made.push(this)
  }

  send(): void {}

  open(): void {
    if (this.readyState !== 0) return
    this.readyState = 1
    this.onopen?.(undefined as never)
  }

  close(code = 1005, reason = ""): void {
    if (this.readyState === 3) return
    this.readyState = 3
    this.onclose?.({ code, reason, wasClean: true } as Close)
  }
}

const connect = Effect.flatMap(Connector, (connector) =>
  connector.connect({ url: new URL("ws://localhost/") }, Codec.raw)
).pipe(Effect.provide(NativeConnector.layer(FakeWebSocket)))

const connecting = Effect.gen(function* () {
  const connected = yield* Deferred.make<void>()
  const use = Effect.zipRight(Deferred.succeed(connected, undefined), Effect.never)
  const fiber = yield* Effect.fork(Effect.scoped(Effect.andThen(connect, use)))
  while (made.length === 0) yield* Effect.yieldNow()
  return { fiber, socket: made.pop()!, connected: Deferred.await(connected) }
})

describe("NativeConnector", () => {
  it.effect("NativeConnector closes the connection when its scope ends", () =>
    Effect.gen(function* () {
      const { connected, fiber, socket } = yield* connecting
      socket.open()
      yield* connected
      assert.strictEqual(socket.readyState, 1)
      yield* Fiber.interrupt(fiber)
      assert.strictEqual(socket.readyState, 3)
    })
  )

  it.effect(
    "NativeConnector leaves nothing open where it is interrupted before, while and after the connection opens",
    () =>
      Effect.gen(function* () {
        for (let turns = 0; turns <= 20; turns++)
          for (const isBefore of [true, false]) {
            const { fiber, socket } = yield* connecting
            if (isBefore) fiber.unsafeInterruptAsFork(FiberId.none)
            for (let i = 0; i < turns && isBefore; i++) yield* Effect.yieldNow()
            socket.open()
            for (let i = 0; i < turns && !isBefore; i++) yield* Effect.yieldNow()
            if (!isBefore) fiber.unsafeInterruptAsFork(FiberId.none)
            yield* Fiber.await(fiber)
            assert.strictEqual(socket.readyState, 3, `${turns} turns, ${isBefore ? "before" : "after"}`)
          }
      })
  )
})

describe("a connector over the package `ws`", () => {
  it.live("a connector over the package `ws` fails if nobody listens, and the process lives on", () =>
    Effect.gen(function* () {
      const port = yield* Effect.promise(() => freePort("127.0.0.1"))
      const { connect: open } = yield* Connector
      const error = yield* Effect.flip(Effect.scoped(open({ url: new URL(`ws://127.0.0.1:${port}/`) }, Codec.raw)))
      assert.include(error, { _tag: "ConnectError", failure: "Unreachable" })
    }).pipe(Effect.provide(NativeConnector.layer(WebSocket as never)))
  )

  it.scopedLive(
    "a connector over the package `ws` tells a server that refuses from one that is not there, and gives up one that goes on refusing",
    () =>
      Effect.gen(function* () {
        // A server as behind a proxy: `away` is a page's answer, and so is the refusal of the handshake.
        let pages = 404
        let asked = 0
        const server = createServer((_, response) => response.writeHead(pages).end()).on("upgrade", (_, socket) => {
          asked++
          socket.end("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n")
        })
        yield* Effect.addFinalizer(() => Effect.sync(() => server.close()))
        yield* Effect.promise(() => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve)))
        const url = new URL(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/`)
        const { connect: open } = yield* Connector
        const refused = yield* Effect.flip(Effect.scoped(open({ url }, Codec.raw)))
        assert.include(refused, { _tag: "ConnectError", failure: "Handshake" })
        pages = 503
        const away = yield* Effect.flip(Effect.scoped(open({ url }, Codec.raw)))
        assert.include(away, { _tag: "ConnectError", failure: "Status", status: 503 })
        pages = 404
        asked = 0
        const ended = yield* Effect.flip(
          Reconnecting.run({ url }, () => Effect.void, { schedule: Schedule.spaced(1), refusals: 3 })
        )
        assert.include(ended, { _tag: "ConnectError", failure: "Handshake" })
        assert.strictEqual(asked, 3)
      }).pipe(Effect.provide(NativeConnector.layer(WebSocket as never)))
  )
})
