/** Received messages that wait: how many are decoded, how long they count, in which order they are answered. */
import { connect as connectTls } from "node:tls"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { deflateRawSync } from "node:zlib"
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { conversation } from "../../../src/WebSocket/Api/ConversationEndpoint.ts"
import type { Connection } from "../../../src/WebSocket/Connection/Connection.ts"
import * as Codec from "../../../src/WebSocket/Conversation/Codec.ts"
import { TransportConversation } from "../../../src/WebSocket/Conversation/TransportConversation.ts"
import { relay } from "../../../src/WebSocket/Http/WebSocketRouter.ts"
import { certificate } from "../../certificate.ts"
import { encode } from "../Frames/frames.ts"
import { echo, limit, openingOf, rawWebSocket, serve, watched } from "../Rig.ts"

const KIB = 1024
const text = (payload: string) => ({ fin: true, opcode: 1, payload: Buffer.from(payload) })
const binary = (size: number) => ({ fin: true, opcode: 2, payload: Buffer.alloc(size) })
const until = (state: () => boolean) => limit(Effect.repeat(Effect.sleep(1), { until: state }))

describe("messages of connections that have ended", () => {
  const clients = 8

  /** A handler that takes nothing before `go`, and then all that waits. Counts what each one got. */
  const late = Effect.gen(function* () {
    const go = yield* Deferred.make<void>()
    const taken: Array<number> = []
    const endpoint = conversation("/", { maxPayload: 100 * KIB }, (peer) =>
      Effect.gen(function* () {
        yield* peer.closed
        yield* Deferred.await(go)
        let bytes = 0
        yield* peer.forEach((message) =>
          Effect.sync(() => {
            bytes += message.length
          })
        )
        taken.push(bytes)
      })
    )
    return { endpoint, go, taken }
  })

  const sendAndLeave = (port: number) =>
    Effect.gen(function* () {
      const client = yield* rawWebSocket(port)
      client.send(binary(60_000))
      return client
    })

  it.scopedLive("messages of connections that have ended count until their handler has taken them", () =>
    Effect.gen(function* () {
      const { endpoint, go, taken } = yield* late
      const { port, reactor } = yield* serve(endpoint)
      const senders = yield* Effect.replicateEffect(sendAndLeave(port), clients)
      yield* until(() => reactor.traffic.messagesReceived === clients)
      for (const { socket } of senders) socket.resetAndDestroy()
      yield* until(() => reactor.connections.size === 0)
      assert.isAtLeast(reactor.memory.used, clients * 60_000)
      yield* Deferred.succeed(go, undefined)
      yield* until(() => taken.length === clients)
      assert.deepStrictEqual(
        taken,
        taken.map(() => 60_000)
      )
      assert.strictEqual(reactor.memory.used, 0)
    })
  )

  it.scopedLive(
    "messages of connections that have ended are dropped over the budget, and their handlers see only the end",
    () =>
      Effect.gen(function* () {
        const { endpoint, go, taken } = yield* late
        const { port, reactor } = yield* serve(endpoint, {}, { maxMemory: 200 * KIB })
        for (let i = 1; i <= clients; i++) {
          const { socket } = yield* sendAndLeave(port)
          yield* until(() => reactor.traffic.messagesReceived === i)
          socket.resetAndDestroy()
          yield* until(() => reactor.connections.size === 0)
          assert.isAtMost(reactor.memory.used, 200 * KIB)
        }
        yield* Deferred.succeed(go, undefined)
        yield* until(() => taken.length === clients)
        assert.strictEqual(taken.filter((bytes) => bytes === 0).length, reactor.memory.givenUp)
        assert.isAtLeast(reactor.memory.givenUp, clients - 3)
        assert.strictEqual(reactor.memory.used, 0)
      })
  )
})

describe("a queue of a conversation that never becomes empty", () => {
  setFlagsFromString("--expose-gc")
  const collect = runInNewContext("gc") as () => void

  it.live("a queue of a conversation that never becomes empty keeps no message that was taken", () =>
    Effect.gen(function* () {
      const transport = {
        id: 1,
        isOpen: true,
        queued: 0,
        send: () => {},
        sendPrepared: () => {},
        onceDrained: () => () => {},
        close: () => {},
        retain: () => {},
        release: () => {}
      }
      const peer = new TransportConversation(transport, Codec.raw)
      const arrive = () => peer.onMessage(Buffer.allocUnsafeSlow(256 * KIB))
      collect()
      const before = process.memoryUsage().arrayBuffers
      arrive()
      for (let i = 0; i < 200; i++) {
        arrive()
        yield* peer.receive
      }
      // Memory is freed some time after a collection.
      const freed = () => {
        collect()
        return process.memoryUsage().arrayBuffers - before < 8 * 256 * KIB
      }
      yield* limit(Effect.repeat(Effect.sleep(20), { until: freed }))
    })
  )

  it.live(
    "a queue of a conversation that never becomes empty loses no message and no order when its places are given back",
    () =>
      Effect.gen(function* () {
        let retained = 0
        const transport = {
          id: 1,
          isOpen: true,
          queued: 0,
          send: () => {},
          sendPrepared: () => {},
          onceDrained: () => () => {},
          close: () => {},
          retain: () => void retained++,
          release: () => void retained--
        }
        const peer = new TransportConversation(transport, Codec.raw)
        let sent = 0
        for (let taken = 0; taken < 10_000; taken++) {
          while (sent < 2 * taken + 1) peer.onMessage(String(sent++))
          assert.strictEqual(yield* peer.receive, String(taken))
          assert.strictEqual(retained, sent - taken - 1)
        }
        peer.onGivenUp()
        assert.strictEqual(retained, 0)
      })
  )
})

describe("compressed messages for a handler that takes none", () => {
  const count = 600
  const compressed = (fill: string) => {
    const payload = deflateRawSync(fill.repeat(64 * KIB), { finishFlush: 2 })
    return encode({ fin: true, opcode: 1, reserved: 4, payload: payload.subarray(0, -4), key: Buffer.of(1, 2, 3, 4) })
  }
  const headers = "Sec-WebSocket-Extensions: permessage-deflate; client_no_context_takeover\r\n"

  it.scopedLive(
    "compressed messages for a handler that takes none are decoded up to a limit, and all of them once it takes them",
    () =>
      Effect.gen(function* () {
        const go = yield* Deferred.make<void>()
        const taken: Array<string> = []
        const endpoint = conversation("/", (peer) =>
          Effect.zipRight(
            Deferred.await(go),
            peer.forEach((message) => Effect.sync(() => taken.push(`${message.length} ${String(message).charAt(0)}`)))
          )
        )
        const { port, reactor } = yield* serve(endpoint, { compression: {} })
        const client = yield* rawWebSocket(port, "/", headers)
        const frames = Array.from({ length: count }, (_, i) => compressed(String.fromCharCode(97 + (i % 26))))
        client.write(Buffer.concat(frames))
        const [connection] = reactor.connections
        yield* until(() => connection!.isPaused && reactor.traffic.bytesReceived > 1000)
        assert.isBelow(reactor.traffic.messagesReceived, 16)
        assert.isBelow(reactor.memory.used, 1024 * KIB)
        yield* Deferred.succeed(go, undefined)
        yield* until(() => taken.length === count)
        assert.deepStrictEqual(
          taken,
          Array.from({ length: count }, (_, i) => `${64 * KIB} ${String.fromCharCode(97 + (i % 26))}`)
        )
        assert.strictEqual(reactor.memory.used, 0)
      })
  )
})

describe("more messages in a packet than may be decoded at once", () => {
  it.scopedLive(
    "more messages in a packet than may be decoded at once are all handled, in their order, with the close frame behind them",
    () =>
      Effect.gen(function* () {
        const seen: Array<string> = []
        const closed = yield* Deferred.make<number>()
        const endpoint = relay("/", {
          open: () => ({
            onMessage: (message) => void seen.push(String(message)),
            onClose: ({ code }) => Deferred.unsafeDone(closed, Exit.succeed(code))
          })
        })
        const { port, reactor } = yield* serve(endpoint)
        const client = yield* rawWebSocket(port)
        const frames = Array.from({ length: 20_000 }, (_, i) => text(String(i)))
        client.send(...frames, { fin: true, opcode: 8, payload: Buffer.of(0x0b, 0xb8) })
        client.socket.end()
        assert.strictEqual(yield* limit(Deferred.await(closed)), 3000)
        assert.deepStrictEqual(
          seen,
          frames.map((_, i) => String(i))
        )
        assert.strictEqual(reactor.memory.used, 0)
      })
  )

  it.scopedLive(
    "more messages in a packet than may be decoded at once are not unread because of the rate limit: the client is read slower, and not closed",
    () =>
      Effect.gen(function* () {
        const { endpoint, opened, received } = watched()
        const { port } = yield* serve(endpoint, { maxRate: 1000 }, { unreadTimeout: 30 })
        const client = yield* rawWebSocket(port)
        client.send(...Array.from({ length: 1500 }, (_, i) => text(String(i))))
        const connection: Connection = yield* opened
        yield* until(() => connection.isPaused)
        client.text("still here")
        yield* until(() => received.length === 1501)
        assert.isTrue(connection.isOpen)
      })
  )
})

describe("a pong", () => {
  const order = (port: number) =>
    Effect.gen(function* () {
      const client = yield* rawWebSocket(port)
      const ping = (payload: string) => ({ fin: true, opcode: 9, payload: Buffer.from(payload) })
      client.send(ping("0"), text("1"), ping("2"), text("3"), ping("4"))
      const answers: Array<string> = []
      while (answers.length < 5) {
        const { opcode, payload } = yield* limit(Effect.promise(() => client.frame()))
        answers.push(`${opcode} ${payload}`)
      }
      return answers
    })
  it.scopedLive("a pong follows the answers to the messages before it, of a handler and of a conversation", () =>
    Effect.gen(function* () {
      for (const endpoint of [echo, conversation("/", (peer) => peer.forEach(peer.send))]) {
        const { port } = yield* serve(endpoint)
        const answers = yield* order(port)
        assert.strictEqual(answers[0], "10 0")
        assert.isBelow(answers.indexOf("1 1"), answers.indexOf("10 2"))
        assert.isBelow(answers.indexOf("1 3"), answers.indexOf("10 4"))
      }
    })
  )
})

describe("a ping", () => {
  it.scopedLive("a ping carries each character of its payload as one byte", () =>
    Effect.gen(function* () {
      const { endpoint, opened } = watched()
      const { port } = yield* serve(endpoint)
      const client = yield* rawWebSocket(port)
      const connection = yield* opened
      connection.ping("a\xff\x00")
      const { opcode, payload } = yield* limit(Effect.promise(() => client.frame()))
      assert.deepStrictEqual([opcode, [...payload]], [9, [97, 255, 0]])
    })
  )
})

describe("a wait until all is sent", () => {
  const fill = (connection: Connection) => {
    while (!connection.blocked) {
      connection.send(new Uint8Array(100 * KIB))
      connection.flush()
    }
  }

  it.scopedLive("a wait until all is sent can be stopped, so that waits in a loop leave nothing behind", () =>
    Effect.gen(function* () {
      const { endpoint, opened } = watched({ maxQueued: 64 * 1024 * KIB })
      const { port } = yield* serve(endpoint)
      const client = yield* rawWebSocket(port)
      client.socket.pause()
      const connection = yield* opened
      fill(connection)
      let woken = 0
      const wake = () => void woken++
      // With a copy of the waits for each new one, this takes hours.
      const stops = Array.from({ length: 200_000 }, () => connection.onceDrained(wake))
      for (const stop of stops.slice(1)) stop()
      client.socket.resume()
      yield* until(() => woken > 0)
      assert.deepStrictEqual([woken, connection.queued], [1, 0])
    })
  )

  it.scopedLive("a wait until all is sent ends over TLS when the last bytes have left, however few they are", () =>
    Effect.gen(function* () {
      const { cert, key } = yield* certificate
      const { endpoint, opened } = watched()
      const { port } = yield* serve(endpoint, { certificate: { cert, key } })
      const client = yield* Effect.acquireRelease(
        Effect.sync(() => connectTls({ port, host: "127.0.0.1", rejectUnauthorized: false })),
        (socket) => Effect.sync(() => socket.destroy())
      )
      client.on("error", () => {})
      client.write(openingOf("/"))
      client.pause()
      const connection = yield* opened
      yield* until(() => connection.queued === 0)
      // Fewer bytes than a write with a callback has.
      connection.send("x".repeat(3000))
      connection.flush()
      assert.isAtLeast(connection.queued, 3000)
      let left: number | undefined
      connection.onceDrained(() => {
        left = connection.queued
      })
      yield* until(() => left !== undefined)
      assert.strictEqual(left, 0)
    })
  )
})
