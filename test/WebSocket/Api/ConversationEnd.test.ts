/** What of a conversation still arrives when its client closes, on a real server. */
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { ConnectionClosed } from "../../../src/WebSocket/Api/Conversation.ts"
import { conversation } from "../../../src/WebSocket/Api/ConversationEndpoint.ts"
import type { Close } from "../../../src/WebSocket/Frames/CloseCode.ts"
import { closeFrame, type TestFrame } from "../Frames/frames.ts"
import { limit, rawWebSocket, serve, wsClient } from "../Rig.ts"

describe("a conversation with messages that came together with the client's close frame", () => {
  const text = (payload: string): TestFrame => ({ fin: true, opcode: 1, payload: Buffer.from(payload) })
  /** Each in its own time. */
  const answers = conversation("/", (talk) =>
    Stream.runForEach(talk.messages, (message) => Effect.delay(talk.send(`re: ${message}`), 5))
  )
  const together = [text("one"), text("two"), closeFrame(4001, "bye")]

  it.scopedLive("answers them all, and then the close frame", () =>
    Effect.gen(function* () {
      const { port } = yield* serve(answers)
      const client = yield* rawWebSocket(port)
      client.send(...together)
      for (const said of ["re: one", "re: two"])
        assert.strictEqual(String((yield* Effect.promise(() => client.frame())).payload), said)
      assert.deepStrictEqual(yield* Effect.promise(() => client.close()), [4001, "bye"])
      assert.lengthOf(yield* Effect.promise(() => client.rest()), 0)
    })
  )

  it.scopedLive("answers a client too that sends no more, and only reads", () =>
    Effect.gen(function* () {
      const { port } = yield* serve(answers)
      const client = yield* rawWebSocket(port)
      client.send(...together)
      client.socket.end()
      for (const said of ["re: one", "re: two"])
        assert.strictEqual(String((yield* Effect.promise(() => client.frame())).payload), said)
      assert.deepStrictEqual(yield* Effect.promise(() => client.close()), [4001, "bye"])
    })
  )

  it.scopedLive("may end before it took them; its last word arrives, and then the client's own code", () =>
    Effect.gen(function* () {
      const once = conversation("/", (talk) =>
        Effect.flatMap(Effect.delay(talk.receive, 5), (message) => talk.send(`re: ${message}`))
      )
      const { port } = yield* serve(once)
      const client = yield* rawWebSocket(port)
      client.send(...together)
      assert.strictEqual(String((yield* Effect.promise(() => client.frame())).payload), "re: one")
      assert.deepStrictEqual(yield* Effect.promise(() => client.close()), [4001, "bye"])
    })
  )

  it.scopedLive("takes more of them than may wait", () =>
    Effect.gen(function* () {
      const { port } = yield* serve(answers)
      const client = yield* rawWebSocket(port)
      const many = Array.from({ length: 200 }, (_, i) => text(String(i)))
      client.send(...many, closeFrame(1000))
      for (let i = 0; i < many.length; i++)
        assert.strictEqual(String((yield* Effect.promise(() => client.frame())).payload), `re: ${i}`)
      assert.deepStrictEqual(yield* Effect.promise(() => client.close()), [1000, ""])
      assert.lengthOf(yield* Effect.promise(() => client.rest()), 0)
    })
  )

  it.scopedLive("has for that as long as a closing handshake may take", () =>
    Effect.gen(function* () {
      const told = yield* Deferred.make<Close>()
      const stuck = conversation("/", (talk) =>
        Effect.flatMap(Effect.raceFirst(Effect.never, talk.closed), (close) => Deferred.succeed(told, close))
      )
      const { port, reactor } = yield* serve(stuck, {}, { closeTimeout: 50 })
      const client = yield* rawWebSocket(port)
      client.send(...together)
      assert.deepStrictEqual(yield* limit(Deferred.await(told)), { code: 4001, reason: "bye" })
      yield* Effect.promise(() => client.rest())
      assert.strictEqual(reactor.connections.size, 0)
    })
  )
})

describe("a conversation", () => {
  it.scopedLive("that only sends answers a close frame at once, and cannot send any more", () =>
    Effect.gen(function* () {
      const ends = yield* Deferred.make<ConnectionClosed>()
      const ticks = conversation("/", (talk) =>
        Effect.tapError(Effect.forever(Effect.delay(talk.send("tick"), 1)), (error) => Deferred.succeed(ends, error))
      )
      const { port } = yield* serve(ticks, {}, { closeTimeout: 60_000 })
      const client = yield* wsClient(port)
      yield* Effect.promise(() => client.next())
      client.socket.close(4002, "enough")
      assert.deepStrictEqual(yield* limit(Effect.promise(() => client.closed)), { code: 4002, reason: "enough" })
      assert.strictEqual((yield* limit(Deferred.await(ends))).code, 4002)
    })
  )
})
