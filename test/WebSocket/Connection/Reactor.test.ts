/** What a server's connections do under load, while they rest, and at the server's end, over real sockets. */
import { once } from "node:events"
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import type { Close } from "../../../src/WebSocket/Frames/CloseCode.ts"
import { relay } from "../../../src/WebSocket/Http/WebSocketRouter.ts"
import { echo, limit, rawClient, rawWebSocket, serve, watched, wsClient } from "../Rig.ts"

describe("a slow reader", () => {
  it.scopedLive("is closed with 1008 when too much is held for it, and is no more a burden", () =>
    Effect.gen(function* () {
      const { closed, endpoint, opened } = watched({ maxQueued: 1 << 20 })
      const { port, reactor } = yield* serve(endpoint, {}, { closeTimeout: 200 })
      const client = yield* rawWebSocket(port)
      const connection = yield* opened
      client.socket.pause()
      const chunk = new Uint8Array(256 << 10)
      let most = 0
      for (let sent = 0; connection.isOpen && sent < 1000; sent++) {
        connection.send(chunk)
        most = Math.max(most, connection.queued)
        yield* Effect.sleep(0)
      }
      assert.isFalse(connection.isOpen)
      // What the kernel did not take of two writes, and what is held after them.
      assert.isBelow(most, 3 << 20)
      assert.deepStrictEqual(yield* limit(closed), { code: 1008, reason: "slow reader" })
      assert.strictEqual(reactor.connections.size, 0)
    })
  )

  it.scopedLive("that reads again is told why", () =>
    Effect.gen(function* () {
      const { endpoint, opened } = watched({ maxQueued: 1 << 20 })
      const { port } = yield* serve(endpoint)
      const client = yield* wsClient(port)
      const connection = yield* opened
      client.socket.pause()
      while (connection.isOpen) {
        connection.send(new Uint8Array(256 << 10))
        yield* Effect.sleep(0)
      }
      client.socket.resume()
      assert.deepStrictEqual(yield* Effect.promise(() => client.closed), { code: 1008, reason: "slow reader" })
    })
  )

  it.scopedLive("delays whoever waits until all has left", () =>
    Effect.gen(function* () {
      const { endpoint, opened } = watched({ maxQueued: 1 << 30 })
      const { port } = yield* serve(endpoint)
      const client = yield* wsClient(port)
      const connection = yield* opened
      client.socket.pause()
      let sent = 0
      while (!connection.blocked) {
        connection.send(new Uint8Array(1 << 20))
        sent++
        yield* Effect.sleep(0)
      }
      let drained = false
      const waiting = new Promise<void>((resolve) =>
        connection.onceDrained(() => {
          drained = true
          resolve()
        })
      )
      yield* Effect.sleep(20)
      assert.isFalse(drained)
      client.socket.resume()
      yield* Effect.promise(() => waiting)
      for (let i = 0; i < sent; i++) assert.lengthOf(yield* Effect.promise(() => client.next()), 1 << 20)
    })
  )
})

describe("a paused connection", () => {
  it.scopedLive("is not read, and loses nothing", () =>
    Effect.gen(function* () {
      const { endpoint, opened, received } = watched()
      const { port } = yield* serve(endpoint)
      const client = yield* wsClient(port)
      const connection = yield* opened
      connection.pause()
      for (let i = 0; i < 100; i++) client.socket.send(String(i))
      // Another connection's round trip: what was sent before would have come by then.
      const other = yield* wsClient(port)
      other.socket.ping()
      yield* Effect.promise(() => once(other.socket, "pong"))
      assert.deepStrictEqual(received, [])
      connection.resume()
      client.socket.close()
      yield* Effect.promise(() => client.closed)
      assert.deepStrictEqual(
        received,
        Array.from({ length: 100 }, (_, i) => String(i))
      )
    })
  )
})

describe("the server's end", () => {
  const served = Effect.gen(function* () {
    const scope = yield* Scope.make()
    yield* Effect.addFinalizer(() => Scope.close(scope, Exit.void))
    const server = yield* Scope.extend(serve(echo, { drain: 0 }, { closeTimeout: 300 }), scope)
    return { ...server, stop: limit(Scope.close(scope, Exit.void)) }
  })

  it.scopedLive("closes every connection with 1001", () =>
    Effect.gen(function* () {
      const { port, stop } = yield* served
      const clients = yield* Effect.all(Array.from({ length: 20 }, () => wsClient(port)))
      yield* stop
      for (const client of clients)
        assert.deepStrictEqual(yield* Effect.promise(() => client.closed), { code: 1001, reason: "going away" })
    })
  )

  it.scopedLive("waits for no client that does not answer, half-opened, sends half a request or keeps HTTP alive", () =>
    Effect.gen(function* () {
      const { port, reactor, stop } = yield* served
      const silent = yield* rawWebSocket(port)
      const halfOpen = yield* rawWebSocket(port)
      halfOpen.socket.end()
      yield* Effect.promise(() => halfOpen.rest())
      const idle = yield* rawClient(port)
      const half = yield* rawClient(port)
      half.write("GET / HTTP/1.1\r\nHost")
      const keptAlive = yield* rawClient(port)
      keptAlive.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
      assert.match(yield* Effect.promise(() => keptAlive.head()), /404 Not Found/)
      yield* stop
      assert.strictEqual(reactor.connections.size, 0)
      assert.deepStrictEqual(yield* Effect.promise(() => silent.close()), [1001, "going away"])
      for (const client of [silent, idle, half, keptAlive]) yield* Effect.promise(() => client.rest())
    })
  )

  it.scopedLive("lets nobody come back while it ends", () =>
    Effect.gen(function* () {
      const { port, stop } = yield* served
      // Keeps the server's end waiting for its time to answer.
      yield* rawWebSocket(port)
      const client = yield* wsClient(port)
      const again = client.closed.then(async () => {
        const back = Effect.runPromise(Effect.scoped(Effect.as(wsClient(port), "let in")))
        return await back.catch(() => "refused")
      })
      yield* stop
      assert.strictEqual(yield* Effect.promise(() => again), "refused")
    })
  )
})

describe("the heartbeat", () => {
  it.scopedLive("leaves who answers, and gives up who is silent", () =>
    Effect.gen(function* () {
      const ended = yield* Deferred.make<Close>()
      const endpoint = relay("/", {
        open: (connection) => ({
          onMessage: (message) => connection.send(message),
          onClose: (close) => Deferred.unsafeDone(ended, Effect.succeed(close))
        })
      })
      const { port, reactor } = yield* serve(endpoint, {}, { heartbeat: 50 })
      const answering = yield* wsClient(port)
      const silent = yield* rawWebSocket(port)
      assert.strictEqual((yield* Effect.promise(() => silent.frame())).opcode, 9)
      assert.deepStrictEqual(yield* limit(Deferred.await(ended)), { code: 1006, reason: "no answer to a ping" })
      assert.strictEqual(reactor.connections.size, 1)
      answering.socket.send("here")
      assert.strictEqual(yield* Effect.promise(() => answering.next()), "here")
    })
  )
})
