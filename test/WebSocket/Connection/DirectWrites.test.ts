/** Writes past the stream of a socket, on each version of Node that is supported; and the sockets that must be written to as streams. */
import { once } from "node:events"
import * as Net from "node:net"
import { Duplex } from "node:stream"
import { TLSSocket } from "node:tls"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as DirectWrites from "../../../src/WebSocket/Connection/DirectWrites.ts"
import { Reactor } from "../../../src/WebSocket/Connection/Reactor.ts"
import { ofAscii } from "../../../src/WebSocket/Frames/Frame.ts"
import * as Eventually from "../../eventually.ts"
import { pair } from "./socketPair.ts"

const eventually = (assertion: () => void) => Effect.promise(() => Eventually.eventually(assertion))

const handleOf = (socket: Net.Socket): DirectWrites.Handle => {
  const handle = DirectWrites.handleOf(socket)
  if (handle === undefined) assert.fail("this version of Node has no direct writes")
  return handle
}

/** Distinct text, of which the kernel does not take all while nobody reads. */
const texts = Array.from({ length: 2000 }, (_, i) => `${String(i).padStart(5)}${"-".repeat(10_000)}`)

/** Writes until bytes are left. */
const fill = (handle: DirectWrites.Handle) => {
  let written = ""
  for (const text of texts) {
    written += text
    const rest = DirectWrites.write(handle, text)
    if (rest !== undefined) return { rest, written }
  }
  return assert.fail("the kernel takes everything")
}

/** What the socket reads, from now on. */
const listenTo = (socket: Net.Socket) => {
  const heard = { text: "" }
  socket.on("data", (chunk) => {
    heard.text += chunk.toString("latin1")
  })
  return heard
}

describe("a direct write", () => {
  it.scopedLive("a direct write arrives, each byte as a character said, and passes by the stream", () =>
    Effect.gen(function* () {
      const { accepted, client } = yield* pair
      accepted.write = () => assert.fail("the stream was written to")
      const heard = listenTo(client)
      const all = String.fromCharCode(...Array.from({ length: 256 }, (_, i) => i))
      assert.isUndefined(DirectWrites.write(handleOf(accepted), all))
      assert.isUndefined(DirectWrites.write(handleOf(accepted), `more ${all}`))
      yield* eventually(() => assert.strictEqual(heard.text, `${all}more ${all}`))
    })
  )

  it.scopedLive("a direct write tells of the rest that the kernel did not take, and when it has", () =>
    Effect.gen(function* () {
      // Two at a time: a rest has a request of its own.
      const sockets = [yield* pair, yield* pair]
      const filled = sockets.map(({ accepted }) => fill(handleOf(accepted)))
      const taken: Array<[number, boolean]> = []
      for (const [i, { rest }] of filled.entries()) {
        assert.isAbove(rest.bytes, 0)
        rest.onceTaken((isLost) => taken.push([i, isLost]))
      }
      const other = yield* pair
      const others = listenTo(other.client)
      assert.isUndefined(DirectWrites.write(handleOf(other.accepted), "meanwhile"))
      yield* eventually(() => assert.strictEqual(others.text, "meanwhile"))
      assert.deepStrictEqual(taken, [])
      for (const i of [1, 0]) {
        const heard = listenTo(sockets[i]!.client)
        yield* eventually(() => assert.isTrue(heard.text === filled[i]!.written))
        yield* eventually(() => assert.deepInclude(taken, [i, false]))
        assert.isUndefined(DirectWrites.write(handleOf(sockets[i]!.accepted), "."))
        yield* eventually(() => assert.isTrue(heard.text === `${filled[i]!.written}.`))
      }
      assert.strictEqual(taken.length, 2)
    })
  )

  it.scopedLive("a direct write waits for the request of a write whose rest was taken at once", () =>
    Effect.gen(function* () {
      const { accepted, client } = yield* pair
      const full = handleOf(accepted)
      fill(full).rest.onceTaken(() => {})
      // libuv tries again to write what is left: if the peer has read meanwhile the queue is empty, and the request still used.
      const handle: DirectWrites.Handle = {
        writeLatin1String: (request, bytes) => full.writeLatin1String(request, bytes),
        writeQueueSize: 0
      }
      const rest = DirectWrites.write(handle, "one") ?? assert.fail("the request is in use")
      assert.strictEqual(rest.bytes, 0)
      const reported: Array<boolean> = []
      rest.onceTaken((isLost) => reported.push(isLost))
      // Another request: the same one would abort the process.
      DirectWrites.write(handle, "two")?.onceTaken((isLost) => reported.push(isLost))
      listenTo(client)
      yield* eventually(() => assert.deepStrictEqual(reported, [false, false]))
    })
  )

  it.scopedLive("a direct write is ended by the socket after its rest", () =>
    Effect.gen(function* () {
      const { accepted, client } = yield* pair
      const { rest, written } = fill(handleOf(accepted))
      const order: Array<string> = []
      rest.onceTaken((isLost) => order.push(isLost ? "lost" : "taken"))
      accepted.end("the end", () => order.push("ended"))
      const heard = listenTo(client)
      yield* Effect.promise(() => once(client, "end"))
      assert.isTrue(heard.text === `${written}the end`)
      yield* eventually(() => assert.deepStrictEqual(order, ["taken", "ended"]))
    })
  )

  it.scopedLive("a direct write is lost with its socket", () =>
    Effect.gen(function* () {
      const { accepted } = yield* pair
      const handle = handleOf(accepted)
      const reported: Array<boolean> = []
      fill(handle).rest.onceTaken((isLost) => reported.push(isLost))
      accepted.destroy()
      yield* eventually(() => assert.deepStrictEqual(reported, [true]))
      assert.strictEqual(DirectWrites.write(handle, "too late")?.bytes, 0)
    })
  )

  it.scopedLive("a direct write fails where the peer is gone", () =>
    Effect.gen(function* () {
      const { accepted, client } = yield* pair
      const handle = handleOf(accepted)
      client.resetAndDestroy()
      // The reset comes when it comes: until then the kernel takes what it is given.
      yield* eventually(() => assert.strictEqual(DirectWrites.write(handle, "anybody there?")?.bytes, 0))
      const { accepted: another, client: itsClient } = yield* pair
      const heard = listenTo(itsClient)
      assert.isUndefined(DirectWrites.write(handleOf(another), "as ever"))
      yield* eventually(() => assert.strictEqual(heard.text, "as ever"))
    })
  )
})

describe("a connection", () => {
  it.scopedLive("a connection writes directly what was gathered, then what it kept meanwhile, all in order", () =>
    Effect.gen(function* () {
      const { accepted, client } = yield* pair
      const limits = { masked: true, maxPayload: 1024, maxFragments: 16, maxQueued: 1 << 24 }
      const connection = (yield* Reactor).unsafeAttach(accepted, limits)
      connection.listen()
      let sent = ""
      const send = (text: string) => {
        connection.send(text)
        sent += ofAscii(text)
      }
      for (const text of texts) {
        if (connection.blocked) break
        send(text)
        connection.flush()
      }
      assert.isAbove(connection.queued, 0)
      // The stream knows nothing of it.
      assert.strictEqual(accepted.writableLength, 0)
      send("kept")
      send("a large one".repeat(10_000))
      let isDrained = false
      connection.onceDrained(() => {
        isDrained = true
      })
      assert.isFalse(isDrained)
      const heard = listenTo(client)
      yield* eventually(() => assert.isTrue(heard.text === sent))
      yield* eventually(() => assert.isTrue(isDrained))
      assert.strictEqual(connection.queued, 0)
      client.destroy()
    }).pipe(Effect.provide(Reactor.layer()))
  )
})

describe("a socket that must be written to as a stream", () => {
  it.scopedLive("a socket that must be written to as a stream is one whose stream holds bytes", () =>
    Effect.gen(function* () {
      const { accepted } = yield* pair
      accepted.cork()
      accepted.write("first")
      assert.isUndefined(DirectWrites.handleOf(accepted))
      accepted.uncork()
      assert.isDefined(DirectWrites.handleOf(accepted))
    })
  )

  it.scopedLive(
    "a socket that must be written to as a stream is one that encrypts, is not connected, or is none of Node's",
    () =>
      Effect.gen(function* () {
        const { accepted } = yield* pair
        const encrypted = new TLSSocket(accepted, { isServer: true })
        encrypted.on("error", () => {})
        assert.isUndefined(DirectWrites.handleOf(encrypted))
        assert.isUndefined(DirectWrites.handleOf(new Net.Socket()))
        // As a server in memory has it.
        const stream = new Duplex({ read: () => {}, write: (_chunk, _encoding, done) => done() })
        assert.isUndefined(DirectWrites.handleOf(stream as Net.Socket))
        encrypted.destroy()
      })
  )
})
