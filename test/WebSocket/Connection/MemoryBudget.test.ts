/** The bytes that are held for all peers together, and which connections are closed when these are too many. */
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { conversation } from "../../../src/WebSocket/Api/ConversationEndpoint.ts"
import { MemoryAccount, MemoryBudget, ofMachine } from "../../../src/WebSocket/Connection/MemoryBudget.ts"
import type { Reactor } from "../../../src/WebSocket/Connection/Reactor.ts"
import type { Close } from "../../../src/WebSocket/Frames/CloseCode.ts"
import type { Endpoint } from "../../../src/WebSocket/Http/Endpoint.ts"
import { relay } from "../../../src/WebSocket/Http/WebSocketRouter.ts"
import { limit, rawWebSocket, serve, watched } from "../Rig.ts"

const KIB = 1024
const MIB = 1024 * KIB

describe("a budget", () => {
  /** Accounts whose owner empties them when it is given up. */
  const accounts = (budget: MemoryBudget, given: Array<string>) => (name: string, bytes: number) => {
    const account = new MemoryAccount(budget, {
      giveUp: () => {
        given.push(name)
        account.remove(account.bytes)
      }
    })
    account.add(bytes)
    return account
  }

  it("a budget sums the bytes of its accounts, except those of small ones", () => {
    const budget = new MemoryBudget(MIB)
    const open = accounts(budget, [])
    const [a, b] = [open("a", 100 * KIB), open("b", 50 * KIB)]
    a.remove(80 * KIB)
    assert.strictEqual(budget.used, 70 * KIB)
    a.remove(20 * KIB - 100)
    assert.strictEqual(budget.used, 50 * KIB)
    b.remove(50 * KIB)
    assert.deepStrictEqual([budget.used, a.bytes, b.bytes], [0, 100, 0])
    for (let i = 0; i < 100; i++) b.add(100)
    assert.strictEqual(budget.used, 10_000)
  })

  it("a budget gives up the accounts with most bytes until an eighth is free, and none while all fits", () => {
    const given: Array<string> = []
    const budget = new MemoryBudget(800 * KIB)
    const open = accounts(budget, given)
    open("a", 300 * KIB)
    open("b", 50 * KIB)
    open("c", 350 * KIB)
    open("d", 100 * KIB)
    assert.deepStrictEqual(given, [])
    open("e", 310 * KIB)
    assert.deepStrictEqual(given, ["c", "e"])
    assert.strictEqual(budget.used, 450 * KIB)
    assert.strictEqual(budget.givenUp, 2)
  })

  it("a budget is not wrong when an owner that is given up fills or empties other accounts", () => {
    const budget = new MemoryBudget(800 * KIB)
    const given: Array<string> = []
    const open = accounts(budget, given)
    const others = [open("b", 250 * KIB), open("c", 200 * KIB)]
    const first = new MemoryAccount(budget, {
      giveUp: () => {
        // As a handler that sends something to other clients, of which one leaves.
        others[0]?.add(500 * KIB)
        others[1]?.remove(200 * KIB)
      }
    })
    first.add(400 * KIB)
    assert.deepStrictEqual(given, ["b"])
    assert.strictEqual(budget.used, 0)
    // Whoever was given up ends, and counts nothing more.
    first.add(MIB)
    first.remove(MIB)
    assert.deepStrictEqual([budget.used, budget.givenUp], [0, 2])
  })

  it("a budget is by default at most a quarter of the machine's memory, and at least 64 MiB", () => {
    assert.isAtLeast(ofMachine(), 64 * MIB)
  })
})

/** The closings of an endpoint's connections, in their order. */
const counted = (open: Endpoint["open"]) => {
  const closed: Array<Close> = []
  const endpoint = relay("/", {
    maxPayload: 16 * MIB,
    maxQueued: 64 * MIB,
    open: (connection, request) => {
      const handler = open(connection, request)
      return {
        ...handler,
        onClose: (close) => {
          closed.push(close)
          handler.onClose(close)
        }
      }
    }
  })
  return { closed, endpoint }
}

const echoing: Endpoint["open"] = (connection) => ({
  onMessage: (message) => connection.send(message),
  onClose: () => {}
})

const settled = (reactor: Reactor["Type"], until: () => boolean) =>
  limit(Effect.repeat(Effect.sleep(1), { until })).pipe(Effect.tap(() => assert.isBelow(reactor.memory.used, 8 * MIB)))

const short = { code: 1013, reason: "the server is short of memory" }

describe("a server over its budget", () => {
  it.scopedLive("a server over its budget closes clients that do not read, and serves those that do", () =>
    Effect.gen(function* () {
      const { closed, endpoint } = counted(echoing)
      const { port, reactor } = yield* serve(endpoint, {}, { maxMemory: 8 * MIB })
      const honest = yield* rawWebSocket(port)
      const deaf = yield* Effect.forEach(Array.from({ length: 6 }), () => rawWebSocket(port))
      for (const client of deaf) {
        client.socket.pause()
        for (let i = 0; i < 12; i++) client.send({ fin: true, opcode: 2, payload: Buffer.alloc(MIB) })
      }
      yield* settled(reactor, () => closed.length > 0)
      assert.deepStrictEqual(closed[0], short)
      honest.text("still here?")
      assert.strictEqual((yield* Effect.promise(() => honest.frame())).payload.toString(), "still here?")
      for (const client of deaf) client.socket.destroy()
      yield* settled(reactor, () => closed.length === 6 && reactor.memory.used === 0)
      assert.isAtLeast(reactor.memory.givenUp, 1)
    })
  )

  it.scopedLive("a server over its budget closes clients that do not finish their messages, with the reason", () =>
    Effect.gen(function* () {
      const { closed, endpoint } = counted(echoing)
      const { port, reactor } = yield* serve(endpoint, {}, { maxMemory: 4 * MIB })
      const [small, large] = yield* Effect.all([rawWebSocket(port), rawWebSocket(port)])
      small.send({ fin: false, opcode: 2, payload: Buffer.alloc(MIB) })
      large.send({ fin: false, opcode: 2, payload: Buffer.alloc(5 * MIB) })
      assert.deepStrictEqual(yield* limit(Effect.promise(() => large.close())), [short.code, short.reason])
      large.socket.end()
      yield* settled(reactor, () => closed.length === 1)
      small.send({ fin: true, opcode: 0, payload: Buffer.from("end") })
      assert.lengthOf((yield* Effect.promise(() => small.frame())).payload, MIB + 3)
      yield* settled(reactor, () => reactor.memory.used === 0)
    })
  )

  it.scopedLive(
    "a server over its budget reads a client that was closed for it up to the end of its frame, and no further",
    () =>
      Effect.gen(function* () {
        const { closed, endpoint } = counted(echoing)
        const { port, reactor } = yield* serve(endpoint, {}, { maxMemory: 4 * MIB, closeTimeout: 500 })
        const client = yield* rawWebSocket(port)
        client.socket.pause()
        client.send({ fin: false, opcode: 2, payload: Buffer.alloc(5 * MIB) })
        for (let i = 0; i < 32; i++) client.send({ fin: false, opcode: 0, payload: Buffer.alloc(MIB) })
        yield* settled(reactor, () => closed.length === 1)
        assert.isAtLeast(reactor.traffic.bytesReceived, 5 * MIB)
        assert.isBelow(reactor.traffic.bytesReceived, 6 * MIB)
      })
  )

  it.scopedLive("a server over its budget drops the messages that wait for a handler that takes none", () =>
    Effect.gen(function* () {
      const heard = yield* Deferred.make<unknown>()
      const stuck = conversation("/stuck/", { maxPayload: 4 * MIB }, (talk) =>
        Effect.zipRight(
          talk.closed,
          Effect.flatMap(Effect.flip(talk.receive), (end) => Deferred.succeed(heard, end))
        )
      )
      const { endpoint } = watched()
      const { port, reactor } = yield* serve(Layer.merge(stuck, endpoint), {}, { maxMemory: 4 * MIB })
      const [first, second] = yield* Effect.all([rawWebSocket(port, "/stuck/"), rawWebSocket(port, "/stuck/")])
      first.send({ fin: true, opcode: 2, payload: Buffer.alloc(3 * MIB) })
      yield* settled(reactor, () => reactor.memory.used >= 3 * MIB)
      second.send({ fin: true, opcode: 2, payload: Buffer.alloc(2 * MIB) })
      assert.deepStrictEqual(yield* limit(Effect.promise(() => first.close())), [short.code, short.reason])
      first.socket.end()
      const end = yield* limit(Deferred.await(heard))
      assert.include(end, { _tag: "ConnectionClosed", ...short })
      assert.strictEqual(reactor.memory.givenUp, 1)
      yield* settled(reactor, () => reactor.memory.used >= 2 * MIB)
    })
  )
})

describe("the limit of the bytes that are held for one peer", () => {
  it.scopedLive("the limit of the bytes that are held for one peer counts the bytes in the socket", () =>
    Effect.gen(function* () {
      const { closed, endpoint, opened } = watched({ maxQueued: MIB })
      const { port } = yield* serve(endpoint, {}, { closeTimeout: 50 })
      const client = yield* rawWebSocket(port)
      client.socket.pause()
      const connection = yield* opened
      while (!connection.blocked) {
        connection.send(new Uint8Array(600 * KIB))
        connection.flush()
      }
      // Neither the bytes in the socket nor the kept ones are over the limit alone.
      assert.isBelow(connection.queued, MIB)
      connection.send(new Uint8Array(600 * KIB))
      if (connection.isOpen) connection.send(new Uint8Array(600 * KIB))
      assert.isFalse(connection.isOpen)
      assert.deepStrictEqual(yield* limit(closed), { code: 1008, reason: "slow reader" })
    })
  )

  it.scopedLive(
    "the limit of the bytes that are held for one peer lets a pong wait behind a message that is larger than the limit",
    () =>
      Effect.gen(function* () {
        const { endpoint, opened } = watched({ maxQueued: MIB })
        const { port } = yield* serve(endpoint)
        const client = yield* rawWebSocket(port)
        client.socket.pause()
        const connection = yield* opened
        connection.send(new Uint8Array(10 * MIB))
        connection.flush()
        assert.isTrue(connection.blocked)
        connection.ping()
        assert.isTrue(connection.isOpen)
        client.socket.resume()
        const frame = yield* limit(Effect.promise(() => client.take(10 + 10 * MIB)))
        assert.deepStrictEqual([...frame.subarray(0, 2)], [0x82, 127])
        assert.strictEqual((yield* limit(Effect.promise(() => client.frame()))).opcode, 9)
      })
  )
})
