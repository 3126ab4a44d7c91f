/** What still arrives of a conversation when its client closes, on a real server. */
import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import * as Stream from "effect/Stream"
import { conversation } from "../../../src/WebSocket/Api/ConversationEndpoint.ts"
import type { ConnectionClosed } from "../../../src/WebSocket/Conversation/ConnectionClosed.ts"
import type { Close } from "../../../src/WebSocket/Frames/CloseCode.ts"
import { stateLimit } from "../../limits.ts"
import { closeFrame, type TestFrame } from "../Frames/frames.ts"
import { limit, rawWebSocket, serve, wsClient } from "../Rig.ts"

describe("a conversation with messages that came together with the client's close frame", () => {
  const text = (payload: string): TestFrame => ({ fin: true, opcode: 1, payload: Buffer.from(payload) })
  const answers = conversation("/", (talk) =>
    Stream.runForEach(talk.messages, (message) => Effect.delay(talk.send(`re: ${message}`), 5))
  )
  const together = [text("one"), text("two"), closeFrame(4001, "bye")]

  it.scopedLive(
    "a conversation with messages that came together with the client's close frame answers all of them, and then the close frame",
    () =>
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

  it.scopedLive(
    "a conversation with messages that came together with the client's close frame answers a client that sends nothing more and only reads",
    () =>
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

  it.scopedLive(
    "a conversation with messages that came together with the client's close frame may end before it has taken them; its last message arrives, and then the client's own code",
    () =>
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

  it.scopedLive(
    "a conversation with messages that came together with the client's close frame receives more of them than may wait at once",
    () =>
      Effect.gen(function* () {
        const { port } = yield* serve(answers, {}, { closeTimeout: stateLimit() })
        const client = yield* rawWebSocket(port)
        const words = Array.from({ length: 200 }, (_, i) => `${i} ${"x".repeat(1000)}`)
        const many = words.map(text)
        client.send(...many, closeFrame(1000))
        for (const word of words)
          assert.strictEqual(String((yield* Effect.promise(() => client.frame())).payload), `re: ${word}`)
        assert.deepStrictEqual(yield* Effect.promise(() => client.close()), [1000, ""])
        assert.lengthOf(yield* Effect.promise(() => client.rest()), 0)
      })
  )

  it.scopedLive(
    "a conversation with messages that came together with the client's close frame must answer within the time of a closing handshake",
    () =>
      Effect.gen(function* () {
        const reported = yield* Deferred.make<Close>()
        const stuck = conversation("/", (talk) =>
          Effect.flatMap(Effect.raceFirst(Effect.never, talk.closed), (close) => Deferred.succeed(reported, close))
        )
        const { port, reactor } = yield* serve(stuck, {}, { closeTimeout: 50 })
        const client = yield* rawWebSocket(port)
        client.send(...together)
        assert.deepStrictEqual(yield* limit(Deferred.await(reported)), { code: 4001, reason: "bye" })
        yield* Effect.promise(() => client.rest())
        assert.strictEqual(reactor.connections.size, 0)
      })
  )
})

describe("a conversation", () => {
  it.scopedLive("a conversation that only sends answers a close frame at once, and cannot send any more", () =>
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

  it.scopedLive("a conversation that fails after its client has left is logged, unless the failure is only that", () =>
    Effect.gen(function* () {
      const logged: Array<string> = []
      const logger = Logger.make<unknown, void>(({ cause }) => void logged.push(...failuresOf(cause)))
      const done = yield* Deferred.make<void>()
      const endpoint = conversation("/:how", (talk, { params }) =>
        Effect.ensuring(
          Effect.gen(function* () {
            yield* talk.closed
            if (params["how"] === "pass") return yield* talk.receive
            throw new Error("a mistake, as it was told to make")
          }),
          params["how"] === "throw" ? Effect.delay(Deferred.succeed(done, undefined), 0) : Effect.void
        )
      )
      const { port } = yield* Effect.provide(serve(endpoint), Logger.replace(Logger.defaultLogger, logger))
      for (const how of ["pass", "throw"]) (yield* wsClient(port, `/${how}`)).socket.close()
      yield* limit(Deferred.await(done))
      yield* limit(Effect.repeat(Effect.yieldNow(), { until: () => logged.length > 0 }))
      assert.deepStrictEqual(logged, ["Error: a mistake, as it was told to make"])
    })
  )
})

const failuresOf = (cause: Cause.Cause<unknown>) => [...Cause.defects(cause), ...Cause.failures(cause)].map(String)
