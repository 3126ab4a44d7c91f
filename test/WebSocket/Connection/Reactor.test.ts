/** What a server's connections do under load, while they are idle, and when the server ends, over real sockets. */
import { once } from "node:events"
import * as Net from "node:net"
import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import { WebSocketServer } from "../../../src/WebSocket/Api/WebSocketServer.ts"
import type { ConnectionOptions } from "../../../src/WebSocket/Connection/ConnectionContext.ts"
import { Reactor } from "../../../src/WebSocket/Connection/Reactor.ts"
import type { Close } from "../../../src/WebSocket/Frames/CloseCode.ts"
import { relay, WebSocketRouter } from "../../../src/WebSocket/Http/WebSocketRouter.ts"
import { echo, limit, openingOf, rawClient, rawWebSocket, reactorLayer, serve, watched, wsClient } from "../Rig.ts"

const limits: ConnectionOptions = { masked: true, maxPayload: 1024, maxFragments: 16, maxQueued: 1 << 20 }

/** Both ends of a TCP connection. */
const socketPair = Effect.acquireRelease(
  Effect.promise(async () => {
    const server = Net.createServer({ allowHalfOpen: true }).listen(0, "127.0.0.1")
    await once(server, "listening")
    const client = Net.connect((server.address() as Net.AddressInfo).port, "127.0.0.1")
    const [socket] = (await once(server, "connection")) as [Net.Socket]
    server.close()
    return { client, socket }
  }),
  ({ client, socket }) =>
    Effect.sync(() => {
      client.destroy()
      socket.destroy()
    })
)

describe("a slow reader", () => {
  it.scopedLive("a slow reader is closed with 1008 when too much is held for it, which is then freed", () =>
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
      // The bytes of two writes that the kernel did not take, and those that are held after them.
      assert.isBelow(most, 3 << 20)
      assert.deepStrictEqual(yield* limit(closed), { code: 1008, reason: "slow reader" })
      assert.strictEqual(reactor.connections.size, 0)
    })
  )

  it.scopedLive("a slow reader that reads again gets the reason", () =>
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

  it.scopedLive("a slow reader delays those who wait until all bytes have left", () =>
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
  it.scopedLive("a paused connection is not read, and loses nothing", () =>
    Effect.gen(function* () {
      const { endpoint, opened, received } = watched()
      const { port } = yield* serve(endpoint)
      const client = yield* wsClient(port)
      const connection = yield* opened
      connection.pause()
      for (let i = 0; i < 100; i++) client.socket.send(String(i))
      // After another connection's round trip, the bytes that were sent before would have come.
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

  it.scopedLive("the server's end closes every connection with 1001", () =>
    Effect.gen(function* () {
      const { port, stop } = yield* served
      const clients = yield* Effect.all(Array.from({ length: 20 }, () => wsClient(port)))
      yield* stop
      for (const client of clients)
        assert.deepStrictEqual(yield* Effect.promise(() => client.closed), { code: 1001, reason: "going away" })
    })
  )

  it.scopedLive(
    "the server's end does not wait for clients that do not answer, are half open, sent half a request or keep HTTP alive",
    () =>
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

  it.scopedLive(
    "the server's end ends an open connection whose upgrade is not complete, and does not wait for it",
    () =>
      Effect.gen(function* () {
        const { port, stop } = yield* served
        const stuck = yield* rawWebSocket(port)
        const late = yield* rawClient(port)
        // The whole head of the request is there except its last line.
        late.write(`GET / HTTP/1.1\r\nHost: localhost\r\n\r\n${openingOf("/").slice(0, -2)}`)
        yield* Effect.promise(() => late.head())
        const stopped = yield* Effect.fork(stop)
        assert.deepStrictEqual(yield* Effect.promise(() => stuck.close()), [1001, "going away"])
        late.write("\r\n")
        // Only the rest of the first answer: a client that keeps its connection alive must expect that it ends.
        assert.strictEqual(String(yield* Effect.promise(() => late.rest())), "Not Found")
        yield* Fiber.join(stopped)
      })
  )

  it.scopedLive("the server's end accepts no new connection while it ends", () =>
    Effect.gen(function* () {
      const { port, stop } = yield* served
      // Makes the server's end wait until its close timeout.
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

describe("several servers on one reactor", () => {
  /** A server that ends before the reactor does. */
  const served = Effect.gen(function* () {
    const scope = yield* Scope.make()
    yield* Effect.addFinalizer(() => Scope.close(scope, Exit.void))
    const server = WebSocketServer.layer({ host: "127.0.0.1", port: 0 })
    const context = yield* Layer.buildWithScope(
      Layer.provide(server, Layer.provideMerge(echo, WebSocketRouter.layer)),
      scope
    )
    return { port: Context.get(context, WebSocketServer).port, stop: limit(Scope.close(scope, Exit.void)) }
  })

  it.scopedLive("several servers on one reactor end separately, and each closes its own clients", () =>
    Effect.gen(function* () {
      const [one, other] = [yield* served, yield* served]
      const [leaving, staying] = [yield* wsClient(one.port), yield* wsClient(other.port)]
      yield* one.stop
      assert.strictEqual((yield* Effect.promise(() => leaving.closed)).code, 1001)
      staying.socket.send("still here")
      assert.strictEqual(yield* Effect.promise(() => staying.next()), "still here")
      yield* other.stop
      assert.strictEqual((yield* Effect.promise(() => staying.closed)).code, 1001)
      assert.strictEqual((yield* Reactor).connections.size, 0)
    }).pipe(Effect.provide(reactorLayer()))
  )
})

describe("a group of connections", () => {
  it.scopedLive("a group of connections may be closed twice at the same time, and both wait until it is empty", () =>
    Effect.gen(function* () {
      const group = yield* (yield* Reactor).makeGroup
      const { client, socket } = yield* socketPair
      const connection = group.unsafeAttach(socket, limits)
      connection.listen()
      const both = yield* Effect.fork(Effect.all([group.closeAll(), group.closeAll()], { concurrency: 2 }))
      yield* Effect.promise(() => once(client, "data"))
      client.destroy()
      yield* limit(Fiber.join(both))
      assert.strictEqual(group.connections.size, 0)
    }).pipe(Effect.provide(reactorLayer({ closeTimeout: 60_000 })))
  )

  it.scopedLive(
    "a group of connections closes a connection that is added while it closes, and waits for the earlier ones",
    () =>
      Effect.gen(function* () {
        const group = yield* (yield* Reactor).makeGroup
        yield* group.closeAll()
        const { client, socket } = yield* socketPair
        const connection = group.unsafeAttach(socket, limits)
        connection.listen()
        assert.isFalse(connection.isOpen)
        const [bytes] = yield* Effect.promise(() => once(client, "data"))
        assert.deepStrictEqual([...(bytes as Buffer).subarray(0, 4)], [0x88, 12, 3, 0xe9])
        client.destroy()
        yield* limit(group.closeAll())
      }).pipe(Effect.provide(reactorLayer()))
  )
})

describe("the heartbeat", () => {
  it.scopedLive("the heartbeat keeps clients that answer, and cuts off those that are silent", () =>
    Effect.gen(function* () {
      const ended = yield* Deferred.make<Close>()
      const endpoint = relay("/", {
        open: (connection) => ({
          onMessage: (message) => connection.send(message),
          onClose: (close) => Deferred.unsafeDone(ended, Effect.succeed(close))
        })
      })
      const { port, reactor } = yield* serve(endpoint, {}, { heartbeat: 1500 })
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
