/** Connections that nobody reads, and messages that nobody finishes: each of them is closed in time. */
import { Socket } from "node:net"
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import { defaultScheduler } from "effect/Scheduler"
import * as TestClock from "effect/TestClock"
import { real } from "../../../src/Time/Timer.ts"
import { conversation } from "../../../src/WebSocket/Api/ConversationEndpoint.ts"
import { Connection } from "../../../src/WebSocket/Connection/Connection.ts"
import type { ConnectionContext } from "../../../src/WebSocket/Connection/ConnectionContext.ts"
import { MemoryBudget } from "../../../src/WebSocket/Connection/MemoryBudget.ts"
import * as Traffic from "../../../src/WebSocket/Connection/Traffic.ts"
import { TurnBudget } from "../../../src/WebSocket/Connection/TurnBudget.ts"
import type { Close } from "../../../src/WebSocket/Frames/CloseCode.ts"
import { closeFrame, encode } from "../Frames/frames.ts"
import { limit, rawWebSocket, serve, watched } from "../Rig.ts"

const text = (payload: string, fin = true, opcode = 1) => ({ fin, opcode, payload: Buffer.from(payload) })

describe("a client whose connection is held", () => {
  it.scopedLive(
    "a client whose connection is held is noticed when it leaves, although its close frame is not read",
    () =>
      Effect.gen(function* () {
        const { closed, endpoint, opened } = watched({}, (connection) => connection.pause())
        const { port, reactor } = yield* serve(endpoint, {}, { heartbeat: 40 })
        const client = yield* rawWebSocket(port)
        client.text("hold")
        const connection = yield* opened
        yield* Effect.repeat(Effect.sleep(1), { until: () => connection.isPaused })
        client.send(closeFrame(1000))
        client.socket.destroy()
        assert.deepStrictEqual(yield* limit(closed), { code: 1006, reason: "" })
        assert.strictEqual(reactor.connections.size, 0)
      })
  )

  it.scopedLive("a client whose connection is held for too long is closed", () =>
    Effect.gen(function* () {
      const { closed, endpoint, opened } = watched({}, (connection) => connection.pause())
      const { port } = yield* serve(endpoint, {}, { unreadTimeout: 60 })
      const client = yield* rawWebSocket(port)
      client.text("hold")
      assert.deepStrictEqual(yield* limit(Effect.promise(() => client.close())), [
        1013,
        "messages are not handled in time"
      ])
      assert.isFalse((yield* opened).isPaused)
      client.send(closeFrame(1013))
      client.socket.end()
      assert.strictEqual((yield* limit(closed)).code, 1013)
    })
  )

  it.scopedLive("a client whose connection is held because it does not read is closed as a slow reader", () =>
    Effect.gen(function* () {
      const { closed, endpoint } = watched({ maxQueued: 1 << 30 }, (connection) => {
        while (!connection.blocked) {
          connection.send(new Uint8Array(1 << 20))
          connection.flush()
        }
        connection.pause()
        connection.onceDrained(() => connection.resume())
      })
      const { port } = yield* serve(endpoint, {}, { unreadTimeout: 60, closeTimeout: 60 })
      const client = yield* rawWebSocket(port)
      client.socket.pause()
      client.text("fill")
      assert.deepStrictEqual(yield* limit(closed), { code: 1008, reason: "slow reader" })
    })
  )

  it.scoped("a client whose connection is held gets a new deadline each time that it is read", () =>
    Effect.gen(function* () {
      const { endpoint, opened } = watched()
      const { port } = yield* serve(endpoint, {}, { unreadTimeout: 1000 })
      yield* rawWebSocket(port)
      const connection = yield* opened
      for (let i = 0; i < 10; i++) {
        connection.pause()
        yield* TestClock.adjust(900)
        connection.resume()
      }
      assert.isTrue(connection.isOpen)
    })
  )
})

describe("a conversation whose handler only sends", () => {
  it.scopedLive(
    "a conversation whose handler only sends is not read beyond a limit in bytes, and is closed for that",
    () =>
      Effect.gen(function* () {
        const ended = yield* Deferred.make<Close>()
        const speaker = conversation("/", (talk) =>
          Effect.raceFirst(
            Effect.forever(Effect.delay(talk.send("news"), 5)),
            Effect.tap(talk.closed, (close) => Deferred.succeed(ended, close))
          )
        )
        const { port, reactor } = yield* serve(speaker, {}, { unreadTimeout: 60, closeTimeout: 60 })
        const client = yield* rawWebSocket(port)
        const [connection] = reactor.connections
        // The overhead of the messages is far more than their bytes.
        client.send(...Array.from({ length: 500 }, () => text("?")))
        yield* Effect.repeat(Effect.sleep(1), { until: () => reactor.traffic.messagesReceived === 500 })
        assert.isFalse(connection!.isPaused)
        client.text("x".repeat(60_000))
        assert.strictEqual((yield* limit(Deferred.await(ended))).code, 1013)
      })
  )
})

describe("an unfinished message", () => {
  const never = { code: 1008, reason: "a message was not finished in time" }

  it.scopedLive("an unfinished message must be finished in time, whatever control frames are sent within it", () =>
    Effect.gen(function* () {
      const { endpoint } = watched()
      const { port } = yield* serve(endpoint, {}, { messageTimeout: 100 })
      const client = yield* rawWebSocket(port)
      client.send(text("begun", false))
      const drip = setInterval(() => client.send(text("more", false, 0), text("", true, 9)), 20)
      yield* Effect.addFinalizer(() => Effect.sync(() => clearInterval(drip)))
      const closed = Effect.promise(async () => {
        for (;;) {
          const { opcode, payload } = await client.frame()
          if (opcode === 8) return { code: payload.readUInt16BE(0), reason: payload.subarray(2).toString() }
        }
      })
      assert.deepStrictEqual(yield* limit(closed), never)
    })
  )

  it.scopedLive("an unfinished message must be finished in time, even if one frame comes byte by byte", () =>
    Effect.gen(function* () {
      const { endpoint } = watched()
      const { port } = yield* serve(endpoint, {}, { messageTimeout: 100 })
      const client = yield* rawWebSocket(port)
      const bytes = encode({ ...text("x".repeat(10_000)), key: Buffer.of(1, 2, 3, 4) })
      let at = 0
      const drip = setInterval(() => client.write(bytes.subarray(at, ++at)), 10)
      yield* Effect.addFinalizer(() => Effect.sync(() => clearInterval(drip)))
      const [code, reason] = yield* limit(Effect.promise(() => client.close()))
      assert.deepStrictEqual({ code, reason }, never)
    })
  )

  it("an unfinished message has a deadline that does not run while its peer is not read", () => {
    const heard: Array<string> = []
    const watch = (name: string) => ({
      add: (_: Connection, left?: number) =>
        void heard.push(`${name} begins${left === undefined ? "" : ` with ${left} left`}`),
      delete: () => void heard.push(`${name} ends`),
      stop: () => {
        heard.push(`${name} stops`)
        return 7
      }
    })
    const context: ConnectionContext<Connection> = {
      traffic: Traffic.make(),
      isDirect: true,
      memory: new MemoryBudget(1 << 20),
      receive: () => {},
      touch: () => {},
      closing: () => {},
      scheduler: defaultScheduler,
      turns: new TurnBudget(),
      timer: real,
      closed: () => {},
      failed: () => {},
      unread: watch("unread"),
      unfinished: watch("unfinished")
    }
    const limits = { masked: false, maxPayload: 1000, maxFragments: 10, maxQueued: 1000 }
    const connection = new Connection(new Socket(), context, limits)
    const take = () => heard.splice(0)
    const push = (...bytes: ReadonlyArray<Buffer>) => connection.push(Buffer.concat(bytes))
    const whole = encode(text("whole"))
    push(whole, whole)
    assert.deepStrictEqual(take(), [])
    push(whole, whole.subarray(0, 3))
    assert.deepStrictEqual(take(), ["unfinished ends", "unfinished begins"])
    push(whole.subarray(3, 4))
    assert.deepStrictEqual(take(), ["unfinished begins"])
    push(whole.subarray(4), whole.subarray(0, 1))
    assert.deepStrictEqual(take(), ["unfinished ends", "unfinished begins"])
    connection.pause()
    assert.deepStrictEqual(take(), ["unread begins", "unfinished stops"])
    push(whole.subarray(1, 2))
    assert.deepStrictEqual(take(), [])
    connection.resume()
    assert.deepStrictEqual(take(), ["unread ends", "unfinished begins with 7 left"])
    push(whole.subarray(2))
    assert.deepStrictEqual(take(), ["unfinished ends"])
    push(encode(text("part", false)))
    push(encode(text("", true, 9)), encode(text("end", true, 0)))
    assert.deepStrictEqual(take(), ["unfinished begins", "unfinished ends"])
    // The rate of a peer is its own affair: with pongs that are too many it could keep its message for ever.
    const hasty = new Connection(new Socket(), context, { ...limits, maxRate: 1 })
    hasty.push(
      Buffer.concat([encode(text("part", false)), ...Array.from({ length: 9 }, () => encode(text("", true, 10)))])
    )
    assert.isTrue(hasty.isPaused)
    assert.deepStrictEqual(take(), ["unfinished begins"])
  })
})
