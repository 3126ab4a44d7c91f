/** Connections of a server over real sockets, with peers that behave well (`ws`) and badly (raw TCP). */
import { once } from "node:events"
import { assert, describe, it, vi } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import { Reader } from "../../../src/WebSocket/Connection/Reader.ts"
import { relay } from "../../../src/WebSocket/Http/WebSocketRouter.ts"
import { closeFrame, encode } from "../Frames/frames.ts"
import { message } from "../Frames/messageArbitraries.ts"
import { echo, limit, openingOf, rawClient, rawWebSocket, serve, watched, wsClient } from "../Rig.ts"

describe("messages", () => {
  it.scopedLive("messages come back from an echo as `ws` sent them, whatever they are", () =>
    Effect.gen(function* () {
      const { port } = yield* serve(echo)
      const client = yield* wsClient(port)
      const samples = FastCheck.sample(message, { numRuns: 200, seed: 1 })
      for (const sample of samples) client.socket.send(sample)
      for (const sample of samples) {
        const reply = yield* Effect.promise(() => client.next())
        if (typeof sample === "string") assert.strictEqual(reply, sample)
        else assert.isTrue(Buffer.from(sample).equals(Buffer.from(reply as Buffer)))
      }
    })
  )

  it.scopedLive("messages arrive whole from fragments with pings between them, and the pings are answered", () =>
    Effect.gen(function* () {
      const { port } = yield* serve(echo)
      const client = yield* rawWebSocket(port)
      client.send(
        { fin: false, opcode: 1, payload: Buffer.from("Sp") },
        { fin: true, opcode: 9, payload: Buffer.from("here?") },
        { fin: true, opcode: 0, payload: Buffer.from("am?") }
      )
      const pong = yield* Effect.promise(() => client.frame())
      assert.deepStrictEqual([pong.opcode, pong.payload.toString()], [10, "here?"])
      const reply = yield* Effect.promise(() => client.frame())
      assert.deepStrictEqual([reply.opcode, reply.payload.toString()], [1, "Spam?"])
    })
  )

  it.scopedLive("messages may come in one write with the handshake", () =>
    Effect.gen(function* () {
      const { port } = yield* serve(echo)
      const client = yield* rawClient(port)
      const first = Buffer.of(0x81, 0x82, 0, 0, 0, 0, 0x68, 0x69)
      client.write(Buffer.concat([Buffer.from(openingOf("/")), first]))
      assert.match(yield* Effect.promise(() => client.head()), /^HTTP\/1\.1 101 /)
      assert.strictEqual((yield* Effect.promise(() => client.frame())).payload.toString(), "hi")
    })
  )
})

describe("a handler that takes ASCII in place", () => {
  /** Answers what it takes in place with `A` in front, and all else with `M`. */
  const inPlace = relay("/", {
    open: (connection) => ({
      onMessage: (message) => connection.send(`M${message}`),
      onAscii: (bytes, start, end) => connection.send(`A${bytes.toString("latin1", start, end)}`),
      onClose: () => {}
    })
  })
  const whole = (opcode: number, text: string) => ({ fin: true, opcode, payload: Buffer.from(text) })

  it.scopedLive(
    "a handler that takes ASCII in place gets it, alone or several in one read, and other messages as before",
    () =>
      Effect.gen(function* () {
        const { port } = yield* serve(inPlace)
        const client = yield* rawWebSocket(port)
        const hear = Effect.map(
          Effect.promise(() => client.frame()),
          ({ payload }) => payload.toString()
        )
        client.send(whole(1, ""), whole(1, "one"), whole(1, "two"))
        assert.deepStrictEqual([yield* hear, yield* hear, yield* hear], ["A", "Aone", "Atwo"])
        client.send(whole(1, "drei \u00e9"))
        assert.strictEqual(yield* hear, "Mdrei \u00e9")
        client.send({ fin: false, opcode: 1, payload: Buffer.from("fo") }, whole(0, "ur"))
        assert.strictEqual(yield* hear, "Mfour")
        // What follows in the same read does not overtake a message that waits for its chunk.
        client.send(whole(1, "f\u00fcnf"), whole(1, "six"))
        assert.deepStrictEqual([yield* hear, yield* hear], ["Mf\u00fcnf", "Msix"])
      })
  )

  it.scopedLive(
    "a handler that takes ASCII in place gets nothing of what comes behind the message at which it closes",
    () =>
      Effect.gen(function* () {
        const heard: Array<string> = []
        const closing = relay("/", {
          open: (connection) => ({
            onMessage: () => {},
            onAscii: (bytes, start, end) => {
              heard.push(bytes.toString("latin1", start, end))
              connection.close(4000, "enough")
            },
            onClose: () => {}
          })
        })
        const { port } = yield* serve(closing)
        const client = yield* rawWebSocket(port)
        client.send(whole(1, "one"), whole(1, "two"))
        const { opcode } = yield* Effect.promise(() => client.frame())
        assert.strictEqual(opcode, 8)
        assert.deepStrictEqual(heard, ["one"])
      })
  )
})

describe("a rate limit", () => {
  for (const [name, opcode] of [
    ["pings", 9],
    ["pongs", 10]
  ] as const)
    it.scopedLive(`a rate limit counts ${name}: a client that sends too many of them is not read for a while`, () =>
      Effect.gen(function* () {
        const { endpoint, opened } = watched()
        const { port } = yield* serve(endpoint, { maxRate: 1000 })
        const client = yield* rawWebSocket(port)
        const connection = yield* opened
        client.send(...Array.from({ length: 3000 }, () => ({ fin: true, opcode, payload: Buffer.alloc(0) })))
        yield* limit(Effect.repeat(Effect.sleep(1), { until: () => connection.isPaused }))
        assert.isTrue(connection.isOpen)
      })
    )
})

describe("the closing handshake", () => {
  it.scopedLive(
    "the closing handshake begun by the client is answered with its code, and the server ends the TCP connection",
    () =>
      Effect.gen(function* () {
        const { closed, endpoint } = watched()
        const { port } = yield* serve(endpoint)
        const client = yield* rawWebSocket(port)
        client.send(closeFrame(4123, "so long"))
        assert.deepStrictEqual(yield* Effect.promise(() => client.close()), [4123, "so long"])
        assert.lengthOf(yield* Effect.promise(() => client.rest()), 0)
        client.socket.end()
        assert.deepStrictEqual(yield* limit(closed), { code: 4123, reason: "so long" })
      })
  )

  it.scopedLive("the closing handshake without a code is answered without one, and reported as 1005", () =>
    Effect.gen(function* () {
      const { closed, endpoint } = watched()
      const { port } = yield* serve(endpoint)
      const client = yield* rawWebSocket(port)
      client.send({ fin: true, opcode: 8, payload: Buffer.alloc(0) })
      assert.deepStrictEqual(yield* Effect.promise(() => client.close()), [1005, ""])
      client.socket.end()
      assert.deepStrictEqual(yield* limit(closed), { code: 1005, reason: "" })
    })
  )

  it.scopedLive(
    "the closing handshake begun by the server reaches the client after the messages that were sent before",
    () =>
      Effect.gen(function* () {
        const { closed, endpoint } = watched({}, (connection) => {
          connection.send("last")
          connection.close(4000, "enough")
          connection.send("never")
        })
        const { port } = yield* serve(endpoint)
        const client = yield* wsClient(port)
        client.socket.send("go")
        assert.deepStrictEqual(yield* Effect.promise(() => client.closed), { code: 4000, reason: "enough" })
        assert.deepStrictEqual(client.received, ["last"])
        assert.deepStrictEqual(yield* limit(closed), { code: 4000, reason: "enough" })
      })
  )

  it.scopedLive("the closing handshake drops messages that come after the server began it", () =>
    Effect.gen(function* () {
      const { closed, endpoint, received } = watched({}, (connection) => connection.close())
      const { port } = yield* serve(endpoint)
      const client = yield* rawWebSocket(port)
      client.text("first")
      assert.deepStrictEqual(yield* Effect.promise(() => client.close()), [1000, ""])
      client.text("second")
      client.send(closeFrame(1000))
      client.socket.end()
      yield* limit(closed)
      assert.deepStrictEqual(received, ["first"])
    })
  )

  it.scopedLive("the closing handshake frees large messages that nobody sees, without a garbage collection", () =>
    Effect.gen(function* () {
      const decoded = yield* Effect.acquireRelease(
        Effect.sync(() => vi.spyOn(Reader.prototype, "onMessage")),
        (spy) => Effect.sync(() => spy.mockRestore())
      )
      const { closed, endpoint, received } = watched({}, (connection) => connection.close())
      const { port } = yield* serve(endpoint)
      const client = yield* rawWebSocket(port)
      const large = encode({ fin: true, opcode: 2, payload: Buffer.alloc(20_000), key: Buffer.alloc(4) })
      client.socket.write(Buffer.concat([large, large]))
      assert.deepStrictEqual(yield* Effect.promise(() => client.close()), [1000, ""])
      client.socket.write(large)
      client.send(closeFrame(1000))
      client.socket.end()
      yield* limit(closed)
      assert.deepStrictEqual(received, [new Uint8Array(20_000)])
      const lengths = decoded.mock.calls.map(([message]) => message.length)
      assert.deepStrictEqual(lengths, [20_000, 0, 0])
    })
  )

  it.scopedLive("the closing handshake is cut off when the client does not answer it", () =>
    Effect.gen(function* () {
      const { closed, endpoint, opened } = watched()
      const { port } = yield* serve(endpoint, {}, { closeTimeout: 50 })
      const client = yield* rawWebSocket(port)
      const connection = yield* opened
      connection.close(4000, "enough")
      yield* Effect.promise(() => client.rest())
      assert.deepStrictEqual(yield* limit(closed), { code: 4000, reason: "enough" })
    })
  )

  it.scopedLive("the closing handshake reaches a server whose handler had paused the connection", () =>
    Effect.gen(function* () {
      const { closed, endpoint, opened } = watched()
      const { port, reactor } = yield* serve(endpoint, {}, { closeTimeout: 60_000 })
      const client = yield* wsClient(port)
      const connection = yield* opened
      connection.pause()
      connection.close(4000, "enough")
      connection.pause()
      assert.deepStrictEqual(yield* Effect.promise(() => client.closed), { code: 4000, reason: "enough" })
      yield* limit(closed)
      assert.strictEqual(reactor.connections.size, 0)
    })
  )
})

describe("a connection that ends in another way", () => {
  it.scopedLive("a connection that ends in another way by a reset is reported as 1006", () =>
    Effect.gen(function* () {
      const { closed, endpoint, opened } = watched()
      const { port, reactor } = yield* serve(endpoint)
      const client = yield* rawWebSocket(port)
      yield* opened
      client.socket.resetAndDestroy()
      assert.deepStrictEqual(yield* limit(closed), { code: 1006, reason: "" })
      assert.strictEqual(reactor.connections.size, 0)
    })
  )

  it.scopedLive(
    "a connection that ends in another way by the end of TCP alone is reported as 1006, and ends on this side too",
    () =>
      Effect.gen(function* () {
        const { closed, endpoint, opened } = watched()
        const { port } = yield* serve(endpoint)
        const client = yield* rawWebSocket(port)
        yield* opened
        client.socket.end()
        assert.lengthOf(yield* Effect.promise(() => client.rest()), 0)
        assert.deepStrictEqual(yield* limit(closed), { code: 1006, reason: "" })
      })
  )

  it.scopedLive(
    "a connection that ends in another way by a half-close of a peer that never reads is cut off in time",
    () =>
      Effect.gen(function* () {
        const { closed, endpoint, opened } = watched({ maxQueued: 1 << 30 })
        const { port, reactor } = yield* serve(endpoint, {}, { closeTimeout: 100 })
        const client = yield* rawWebSocket(port)
        const connection = yield* opened
        client.socket.pause()
        for (let i = 0; i < 3; i++) {
          connection.send(new Uint8Array(16 << 20))
          yield* Effect.sleep(0)
        }
        client.socket.end()
        yield* limit(closed)
        assert.strictEqual(reactor.connections.size, 0)
      })
  )

  it.scopedLive(
    "a connection that ends in another way by breaking the protocol gets the reason, and is not read any more",
    () =>
      Effect.gen(function* () {
        const { closed, endpoint, received } = watched()
        const { port } = yield* serve(endpoint)
        const client = yield* rawWebSocket(port)
        client.send({ fin: true, opcode: 1, payload: Buffer.from("unmasked"), key: undefined })
        client.text("after")
        assert.deepStrictEqual(yield* Effect.promise(() => client.close()), [1002, "frames must be masked"])
        client.socket.end()
        assert.deepStrictEqual(yield* limit(closed), { code: 1002, reason: "frames must be masked" })
        assert.deepStrictEqual(received, [])
      })
  )

  it.scopedLive("a connection that ends in another way by a message over its endpoint's own limit gets 1009", () =>
    Effect.gen(function* () {
      const { endpoint } = watched({ maxPayload: 10 })
      const { port } = yield* serve(endpoint)
      const client = yield* wsClient(port)
      client.socket.send("x".repeat(11))
      assert.deepStrictEqual(yield* Effect.promise(() => client.closed), {
        code: 1009,
        reason: "a message may have at most 10 bytes"
      })
    })
  )

  it.scopedLive("a connection that ends in another way before it was open does not affect others", () =>
    Effect.gen(function* () {
      const { port } = yield* serve(echo)
      for (const sent of [
        "",
        "GET / HT",
        openingOf("/"),
        openingOf("/none"),
        openingOf("/").slice(0, -2),
        "\0\r\n\r\n"
      ]) {
        const client = yield* rawClient(port)
        yield* Effect.promise(() => once(client.socket, "connect"))
        client.write(sent)
        client.socket.resetAndDestroy()
      }
      const client = yield* wsClient(port)
      client.socket.send("alive")
      assert.strictEqual(yield* Effect.promise(() => client.next()), "alive")
    })
  )
})

describe("a peer that stops reading for a while", () => {
  it.scopedLive("a peer that stops reading for a while gets all messages that were kept, in order", () =>
    Effect.gen(function* () {
      const server = watched({ maxQueued: 64 << 20 })
      const { port } = yield* serve(server.endpoint)
      const client = yield* wsClient(port)
      const connection = yield* server.opened
      client.socket.pause()
      const texts = Array.from({ length: 20_000 }, (_, number) => `${number} ${"x".repeat(1000)}`)
      // In many turns, so that most messages come when the socket takes no more.
      for (let start = 0; start < texts.length; start += 100) {
        for (const text of texts.slice(start, start + 100)) connection.send(text)
        yield* Effect.promise(() => new Promise(setImmediate))
      }
      assert.isTrue(connection.blocked)
      client.socket.resume()
      for (const text of texts) assert.strictEqual(yield* Effect.promise(() => client.next()), text)
      assert.strictEqual(connection.queued, 0)
    }).pipe(limit)
  )

  it.scopedLive("a peer that stops reading for a while gets large uncopied messages whole, among others", () =>
    Effect.gen(function* () {
      const server = watched({ maxQueued: 64 << 20 })
      const { port } = yield* serve(server.endpoint)
      const client = yield* wsClient(port)
      const connection = yield* server.opened
      client.socket.pause()
      const large = Array.from({ length: 8 }, (_, number) => Buffer.alloc(4_000_000, number + 1))
      for (const bytes of large) {
        connection.send("next")
        connection.sendUncopied(bytes)
      }
      connection.sendUncopied("text")
      assert.isTrue(connection.blocked)
      client.socket.resume()
      for (const bytes of large) {
        assert.strictEqual(yield* Effect.promise(() => client.next()), "next")
        const reply = yield* Effect.promise(() => client.next())
        assert.isTrue(typeof reply !== "string" && bytes.equals(Buffer.from(reply)))
      }
      assert.strictEqual(yield* Effect.promise(() => client.next()), "text")
      assert.strictEqual(connection.queued, 0)
    }).pipe(limit)
  )
})
