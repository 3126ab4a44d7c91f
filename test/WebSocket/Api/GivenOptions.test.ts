/** Options that are there without a value, as programs give them whose compiler allows that: the defaults count. */
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { conversation } from "../../../src/WebSocket/Api/ConversationEndpoint.ts"
import * as TestServer from "../../../src/WebSocket/Api/TestServer.ts"
import { Connector } from "../../../src/WebSocket/Client/Connector.ts"
import { complete } from "../../../src/WebSocket/Connection/ReactorOptions.ts"
import * as Codec from "../../../src/WebSocket/Conversation/Codec.ts"
import { PerMessageDeflate } from "../../../src/WebSocket/Frames/PerMessageDeflate.ts"
import * as DialTarget from "../../../src/WebSocket/Http/DialTarget.ts"
import { make } from "../../../src/WebSocket/Topic/Topic.ts"
import { bare, inMemory, until } from "../../Channels/rig.ts"
import { echo, limit, serve, wsClient } from "../Rig.ts"

/** The options of these names, without values. */
const unset = (...names: ReadonlyArray<string>): object => Object.fromEntries(names.map((name) => [name, undefined]))

const codec = { encode: (message: string) => message }

describe("an option without a value is one that is not given", () => {
  it.scopedLive("a server refuses messages above its usual limit", () =>
    Effect.gen(function* () {
      const none = unset("maxPayload", "maxFragments", "maxQueued", "maxPending", "maxSockets", "maxHeader")
      const { port } = yield* serve(echo, { ...none, ...unset("backlog", "handshakeTimeout", "answerTimeout") })
      const client = yield* wsClient(port)
      client.socket.send("x".repeat(1024 * 1024 + 1))
      assert.strictEqual((yield* limit(Effect.promise(() => client.closed))).code, 1009)
    })
  )

  it.effect("a reactor has its usual limits", () =>
    Effect.gen(function* () {
      const usual = yield* complete()
      assert.deepStrictEqual(yield* complete(unset(...Object.keys(usual))), usual)
    })
  )

  it.scoped("a topic refuses messages that are too large, and closes members that read too slowly", () =>
    Effect.gen(function* () {
      const closed = yield* Deferred.make<number>()
      const slow = {
        offer: () => true,
        offerPrepared: () => true,
        queued: 1024 * 1024 + 1,
        drained: Effect.never,
        close: (code?: number) => Effect.asVoid(Deferred.succeed(closed, code ?? 0))
      }
      const none = unset("slow", "maxQueued", "maxMessage", "limits", "history", "announce", "heartbeat", "timeout")
      const topic = yield* make<string>({ ...none, codec })
      yield* topic.join("room", slow)
      assert.strictEqual((yield* Effect.flip(topic.publish("room", "x".repeat(1024 * 1024)))).reason, "TooLarge")
      yield* topic.publish("room", "small")
      assert.strictEqual(yield* Deferred.await(closed), 1008)
    })
  )

  it.scoped("a topic keeps at most 64 MiB", () =>
    Effect.gen(function* () {
      const limits = unset("keys", "bytes", "remember")
      const topic = yield* make<string>({ codec, history: { messages: 1 }, limits })
      const large = "x".repeat(900 * 1024)
      for (let i = 0; i < 80; i++) yield* topic.publish(`room ${i}`, large)
      const kept = yield* Effect.forEach(Array.from({ length: 80 }), (_, i) => topic.history(`room ${i}`))
      const messages = kept.flatMap((history) => (history === "Gap" ? [] : history.messages))
      assert.strictEqual(messages.length, Math.floor((64 * 1024 * 1024) / large.length))
    })
  )

  it.scoped("channels have their usual limits and times", () =>
    Effect.gen(function* () {
      const server = yield* inMemory({
        limits: unset("channels", "publication", "rate", "procedures", "connections", "history"),
        times: unset("ping", "pong", "connect"),
        procedures: [{ method: "never", call: () => Effect.never }]
      })
      const client = yield* bare(server)
      const asked = Array.from({ length: 65 }, (_, i) => ({ id: i + 2, rpc: { method: "never" } }))
      client.send({ id: 1, connect: { token: "user:ada" } }, ...asked)
      yield* until(() => assert.strictEqual(client.received.length, 2))
      const [first, last] = JSON.parse(JSON.stringify(client.received))
      assert.strictEqual(first.connect.ping, 25)
      assert.deepStrictEqual([last.id, last.error.code], [66, 111])
    })
  )

  it("a client says which server it wants, and finds the certificate of that", () => {
    const { secure } = DialTarget.target(new URL("wss://example.org/"), { tls: unset("servername", "session") })
    assert.strictEqual(secure().servername, "example.org")
  })

  it("compression leaves small messages, and inflates what was sent", () => {
    const side = { contextTakeover: false, windowBits: 15 }
    const deflate = new PerMessageDeflate({ own: side, peer: side }, unset("threshold", "level", "maxRatio"))
    assert.isUndefined(deflate.deflate("x".repeat(1023)))
    const sent = "x".repeat(1024 * 1024)
    assert.strictEqual(deflate.inflate(deflate.deflate(sent)!, 1 << 24).toString(), sent)
  })

  it.scoped("a client sends the headers of all clients", () =>
    Effect.gen(function* () {
      const { connect } = yield* Connector
      const none = unset("headers", "protocols", "timeout")
      const talk = yield* connect({ url: new URL("ws://test/"), ...none }, Codec.raw)
      assert.strictEqual(yield* talk.receive, "id=7")
    }).pipe(
      Effect.provide(
        conversation("/", (talk, { headers }) => talk.send(headers["cookie"] ?? "no cookie")).pipe(
          Layer.provideMerge(TestServer.layer({ client: { headers: { cookie: "id=7" } } }))
        )
      )
    )
  )
})
