/**
 * Sockets that a server accepted read into one buffer, on each supported version of Node, and are streams again for
 * their next owner.
 */
import { once } from "node:events"
import * as Net from "node:net"
import { Duplex } from "node:stream"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as SharedReads from "../../../src/WebSocket/Connection/SharedReads.ts"
import * as SocketListeners from "../../../src/WebSocket/Connection/SocketListeners.ts"
import * as Eventually from "../../eventually.ts"
import { pair } from "./socketPair.ts"

const eventually = (assertion: () => void) => Effect.promise(() => Eventually.eventually(assertion))

/** An owner, and the calls that it got. */
const recorder = () => {
  const memories = new Set<ArrayBufferLike>()
  const heard = { text: "", ended: 0, closed: 0 }
  const owner: SocketListeners.SocketOwner = {
    push: (bytes, end) => {
      memories.add(bytes.buffer)
      heard.text += bytes.toString("utf8", 0, end)
    },
    socketEnded: () => heard.ended++,
    socketClosed: () => heard.closed++
  }
  return { memories, heard, owner }
}

describe("sockets that a server accepted", () => {
  it.scopedLive("sockets that a server accepted read into one buffer, each its own bytes", () =>
    Effect.gen(function* () {
      const { heard, memories, owner } = recorder()
      const other = recorder()
      const [a, b] = [yield* pair, yield* pair]
      SocketListeners.listen(a.accepted, owner)
      SocketListeners.listen(b.accepted, other.owner)
      for (const part of ["one", "two", "three"]) {
        a.client.write(part)
        b.client.write(part.toUpperCase())
        yield* eventually(() =>
          assert.isTrue(heard.text.endsWith(part) && other.heard.text.endsWith(part.toUpperCase()))
        )
      }
      assert.deepStrictEqual([heard.text, other.heard.text], ["onetwothree", "ONETWOTHREE"])
      assert.strictEqual(new Set([...memories, ...other.memories]).size, 1)
    })
  )

  it.scopedLive("sockets that a server accepted deliver more bytes than the buffer holds, in order", () =>
    Effect.gen(function* () {
      const { heard, owner } = recorder()
      const { accepted, client } = yield* pair
      SocketListeners.listen(accepted, owner)
      const text = Array.from({ length: 60_000 }, (_, i) => `${i} `).join("")
      client.end(text)
      yield* eventually(() => assert.strictEqual(heard.ended, 1))
      assert.isTrue(heard.text === text)
    })
  )

  it.scopedLive("sockets that a server accepted read nothing while they are paused, and continue after that", () =>
    Effect.gen(function* () {
      const { heard, owner } = recorder()
      const { accepted, client } = yield* pair
      SocketListeners.listen(accepted, owner)
      client.write("before")
      yield* eventually(() => assert.strictEqual(heard.text, "before"))
      accepted.pause()
      client.write(" after")
      // The other sockets complete an echo meanwhile.
      const others = yield* pair
      others.accepted.on("data", (chunk) => others.accepted.write(chunk))
      others.client.write("x")
      yield* Effect.promise(() => once(others.client, "data"))
      assert.strictEqual(heard.text, "before")
      accepted.resume()
      yield* eventually(() => assert.strictEqual(heard.text, "before after"))
    })
  )

  it.scopedLive("sockets that a server accepted report a reset", () =>
    Effect.gen(function* () {
      const { heard, owner } = recorder()
      const { accepted, client } = yield* pair
      SocketListeners.listen(accepted, owner)
      client.resetAndDestroy()
      yield* eventually(() => assert.strictEqual(heard.closed, 1))
    })
  )

  it.scopedLive(
    "sockets that a server accepted are streams for their next owner, whose chunks do not change later",
    () =>
      Effect.gen(function* () {
        const first = recorder()
        const { accepted, client } = yield* pair
        SocketListeners.listen(accepted, first.owner)
        client.write("for the owner")
        yield* eventually(() => assert.strictEqual(first.heard.text, "for the owner"))
        SocketListeners.unlisten(accepted)
        const chunks: Array<Buffer> = []
        accepted.on("data", (chunk) => chunks.push(chunk))
        for (const part of ["one", "two"]) {
          client.write(part)
          yield* eventually(() => assert.isTrue(String(Buffer.concat(chunks)).endsWith(part)))
        }
        assert.deepStrictEqual(chunks.map(String), ["one", "two"])
        // And they may be shared again.
        const last = recorder()
        accepted.removeAllListeners("data")
        SocketListeners.listen(accepted, last.owner)
        client.write("again")
        yield* eventually(() => assert.strictEqual(last.heard.text, "again"))
        assert.strictEqual(first.heard.text, "for the owner")
      })
  )
})

describe("a socket that is not Node's", () => {
  it.effect("a socket that is not Node's reads as usual", () =>
    Effect.sync(() => {
      const { share } = SharedReads.make(() => assert.fail("it has no handle"))
      const stream = new Duplex({ read: () => {}, write: (_chunk, _encoding, done) => done() })
      // Like the sockets of a server in memory.
      share(stream as Net.Socket)
      share(new Net.Socket())
    })
  )
})
