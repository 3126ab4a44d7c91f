/** What an endpoint provides to its handlers: a scope, a goodbye, typed messages, an end with the layer. */
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { conversation } from "../../../src/WebSocket/Api/ConversationEndpoint.ts"
import * as Codec from "../../../src/WebSocket/Conversation/Codec.ts"
import { WebSocketRouter } from "../../../src/WebSocket/Http/WebSocketRouter.ts"
import { limit, rawWebSocket, serve, wsClient } from "../Rig.ts"

const quiet = Logger.replace(Logger.defaultLogger, Logger.none)

describe("a handler", () => {
  it.scopedLive("a handler has a scope of its own, which ends with the handler and not with the server", () =>
    Effect.gen(function* () {
      const events: Array<string> = []
      const note = (event: string) => Effect.sync(() => void events.push(event))
      const endpoint = conversation("/", (talk) =>
        Effect.gen(function* () {
          const name = yield* talk.receive
          yield* Effect.acquireRelease(note(`got ${name}`), () => note(`released ${name}`))
          yield* talk.receive
        })
      )
      const { port } = yield* serve(endpoint)
      const [first, second] = yield* Effect.all([wsClient(port), wsClient(port)])
      first.socket.send("a")
      first.socket.send("end")
      yield* Effect.promise(() => first.closed)
      assert.deepStrictEqual(events, ["got a", "released a"])
      second.socket.send("b")
      second.socket.terminate()
      yield* limit(Effect.repeat(Effect.yieldNow(), { until: () => events.length === 4 }))
      assert.deepStrictEqual(events.slice(2), ["got b", "released b"])
    })
  )

  const goodbye = conversation("/", (talk) =>
    Effect.gen(function* () {
      yield* Effect.addFinalizer(() => Effect.ignore(talk.send("in its scope")))
      yield* talk.send("ready")
      return yield* Effect.onInterrupt(Effect.never, () => Effect.ignore(talk.send("when interrupted")))
    })
  )

  it.scopedLive("a handler may say goodbye when the server ends, before the client gets 1001", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const { port } = yield* Scope.extend(serve(goodbye), scope)
      const client = yield* wsClient(port)
      yield* Effect.promise(() => client.next())
      yield* limit(Scope.close(scope, Exit.void))
      assert.deepStrictEqual(yield* Effect.promise(() => client.closed), { code: 1001, reason: "going away" })
      assert.deepStrictEqual(client.received, ["when interrupted", "in its scope"])
    })
  )

  it.scopedLive(
    "a handler ends with its layer, after its goodbye; the other endpoints go on, and its path is gone",
    () =>
      Effect.gen(function* () {
        const mounted = yield* Scope.make()
        const stays = conversation("/stays", (talk) => talk.forEach(talk.send))
        // A layer of the application, which is built later and ends sooner than the server.
        const router = yield* Layer.build(WebSocketRouter.layer)
        yield* Layer.buildWithScope(Layer.provide(goodbye, Layer.succeedContext(router)), mounted)
        const { port } = yield* serve(stays, {}, {}, Layer.succeedContext(router))
        const [client, other] = yield* Effect.all([wsClient(port), wsClient(port, "/stays")])
        yield* Effect.promise(() => client.next())
        yield* limit(Scope.close(mounted, Exit.void))
        assert.deepStrictEqual(yield* Effect.promise(() => client.closed), { code: 1001, reason: "going away" })
        assert.deepStrictEqual(client.received, ["when interrupted", "in its scope"])
        other.socket.send("still here")
        assert.strictEqual(yield* Effect.promise(() => other.next()), "still here")
      })
  )

  it.scopedLive("a handler whose goodbye does not end is cut off after the time of the closing handshake", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const endless = conversation("/", (talk) => {
        const flood = Effect.forever(talk.send(new Uint8Array(1 << 18)))
        return Effect.onInterrupt(Effect.zipRight(talk.send("ready"), Effect.never), () => Effect.ignore(flood))
      })
      const { port } = yield* Scope.extend(serve(endless, {}, { closeTimeout: 50 }), scope)
      const client = yield* rawWebSocket(port)
      yield* Effect.promise(() => client.frame())
      client.socket.pause()
      yield* limit(Scope.close(scope, Exit.void))
    })
  )

  it.scopedLive("a handler that continues after its client has left ends with its layer", () =>
    Effect.gen(function* () {
      const ended = yield* Deferred.make<void>()
      const scope = yield* Scope.make()
      const deaf = conversation("/", () => Effect.onInterrupt(Effect.never, () => Deferred.succeed(ended, undefined)))
      const { port, reactor } = yield* Scope.extend(serve(deaf), scope)
      const client = yield* wsClient(port)
      client.socket.terminate()
      yield* limit(Effect.repeat(Effect.yieldNow(), { until: () => reactor.connections.size === 0 }))
      yield* limit(Scope.close(scope, Exit.void))
      yield* limit(Deferred.await(ended))
    })
  )

  it.scopedLive("a handler that interrupts itself has its connection closed with 1001", () =>
    Effect.gen(function* () {
      const { port, reactor } = yield* serve(conversation("/", () => Effect.interrupt))
      const client = yield* wsClient(port)
      assert.strictEqual((yield* Effect.promise(() => client.closed)).code, 1001)
      yield* limit(Effect.repeat(Effect.yieldNow(), { until: () => reactor.connections.size === 0 }))
    })
  )
})

describe("receiving", () => {
  it.scopedLive("in two fibers at once makes the waiting one die with a clear message, and closes the connection", () =>
    Effect.gen(function* () {
      const logged: Array<string> = []
      const logger = Logger.make(({ cause }) => void logged.push(String(cause)))
      const endpoint = conversation("/", (talk) =>
        Effect.all([talk.receive, talk.receive], { concurrency: "unbounded" })
      ).pipe(Layer.provide(Logger.replace(Logger.defaultLogger, logger)))
      const { port } = yield* serve(endpoint)
      const client = yield* wsClient(port)
      assert.strictEqual((yield* Effect.promise(() => client.closed)).code, 1011)
      assert.lengthOf(logged, 1)
      assert.include(logged[0], "two fibers receive from one conversation")
    })
  )

  it.scopedLive("receiving with forEach returns how the connection ended, after the last message was handled", () =>
    Effect.gen(function* () {
      const ends = yield* Deferred.make<unknown>()
      const got: Array<unknown> = []
      const endpoint = conversation("/", (talk) =>
        Effect.flatMap(
          talk.forEach((message) =>
            Effect.delay(
              Effect.sync(() => got.push(message)),
              1
            )
          ),
          (close) => Deferred.succeed(ends, close)
        )
      )
      const { port } = yield* serve(endpoint)
      const client = yield* wsClient(port)
      for (let i = 0; i < 200; i++) client.socket.send(String(i))
      client.socket.close(4001, "enough")
      assert.deepStrictEqual(yield* limit(Deferred.await(ends)), { code: 4001, reason: "enough" })
      assert.deepStrictEqual(
        got,
        Array.from({ length: 200 }, (_, i) => String(i))
      )
    })
  )

  it.scopedLive("receiving as a stream makes one chunk of messages that came together", () =>
    Effect.gen(function* () {
      const sizes: Array<number> = []
      const endpoint = conversation("/", (talk) =>
        Stream.runForEachChunk(talk.messages, (chunk) => Effect.sync(() => sizes.push(chunk.length)))
      )
      const { port } = yield* serve(endpoint)
      const client = yield* rawWebSocket(port)
      client.send(...Array.from({ length: 50 }, () => ({ fin: true, opcode: 1, payload: Buffer.from("x") })))
      yield* limit(Effect.repeat(Effect.sleep(1), { until: () => sizes.reduce((a, b) => a + b, 0) === 50 }))
      assert.isBelow(sizes.length, 25)
    })
  )

  it.scopedLive("receiving offers without waiting, and reports when the connection is gone", () =>
    Effect.gen(function* () {
      const offers = yield* Deferred.make<ReadonlyArray<boolean>>()
      const endpoint = conversation("/", (talk) =>
        Effect.gen(function* () {
          const before = talk.offer("news")
          yield* talk.closed
          yield* Deferred.succeed(offers, [before, talk.offer("late")])
        })
      )
      const { port } = yield* serve(endpoint)
      const client = yield* wsClient(port)
      assert.strictEqual(yield* Effect.promise(() => client.next()), "news")
      client.socket.close()
      assert.deepStrictEqual(yield* limit(Deferred.await(offers)), [true, false])
    })
  )
})

describe("a codec of JSON", () => {
  const In = Schema.Struct({ at: Schema.Date })
  const Count = Schema.Struct({ list: Schema.Array(Schema.Struct({ n: Schema.Number })) })
  const Out = Schema.Struct({ year: Schema.NumberFromString })

  it.scopedLive("a codec of JSON decodes what is received and encodes what is sent, from text and from bytes", () =>
    Effect.gen(function* () {
      const endpoint = conversation("/", { codec: Codec.json({ in: In, out: Out }) }, (talk) =>
        talk.forEach(({ at }) => talk.send({ year: at.getUTCFullYear() }))
      )
      const { port } = yield* serve(endpoint)
      const client = yield* wsClient(port)
      for (const message of ['{"at":"2013-05-01T00:00:00Z"}', Buffer.from('{"at":"2026-05-01T00:00:00Z"}')]) {
        client.socket.send(message)
      }
      assert.strictEqual(yield* Effect.promise(() => client.next()), '{"year":"2013"}')
      assert.strictEqual(yield* Effect.promise(() => client.next()), '{"year":"2026"}')
    })
  )

  it.scopedLive(
    "a codec of JSON closes with 1007 for a message that does not fit the schema, and drops later messages",
    () =>
      Effect.gen(function* () {
        for (const receive of ["forEach", "receive", "messages"] as const) {
          const got: Array<unknown> = []
          const ends = yield* Deferred.make<Exit.Exit<unknown, unknown>>()
          const endpoint = conversation("/", { codec: Codec.json({ in: Count, out: Out }) }, (talk) => {
            const take = ({ list }: typeof Count.Type) => Effect.sync(() => got.push(list[0]?.n))
            const story = {
              forEach: talk.forEach(take),
              messages: Stream.runForEach(talk.messages, take),
              receive: Effect.forever(Effect.flatMap(talk.receive, take))
            }[receive]
            return Effect.onExit(story, (exit) => Deferred.succeed(ends, exit))
          })
          const { port } = yield* serve(Layer.provide(endpoint, quiet))
          const client = yield* rawWebSocket(port)
          const count = (n: unknown) => text(JSON.stringify({ list: [{ n }] }))
          const text = (payload: string) => ({ fin: true, opcode: 1, payload: Buffer.from(payload) })
          client.send(count(1), count("two"), count(3))
          const [code, reason] = yield* Effect.promise(() => client.close())
          assert.strictEqual(code, 1007)
          assert.match(reason, /^invalid message at list.0.n: Expected number, actual "two"/)
          client.socket.destroy()
          yield* limit(Deferred.await(ends))
          assert.deepStrictEqual(got, [1], receive)
        }
      })
  )

  it.scopedLive("a codec of JSON fails in the handler instead, which may go on", () =>
    Effect.gen(function* () {
      const codec = Codec.jsonOrFail({ in: Schema.Number, out: Schema.String })
      const endpoint = conversation("/", { codec }, (talk) =>
        talk.receive.pipe(
          Effect.map((n) => `got ${n}`),
          Effect.catchTag("ParseError", (error) => Effect.succeed(error.message.split("\n").at(-1) ?? "")),
          Effect.flatMap(talk.send),
          Effect.forever
        )
      )
      const { port } = yield* serve(endpoint)
      const client = yield* wsClient(port)
      for (const text of ["1", "no", "2"]) client.socket.send(text)
      assert.strictEqual(yield* Effect.promise(() => client.next()), '"got 1"')
      assert.match(String(yield* Effect.promise(() => client.next())), /JSON/)
      assert.strictEqual(yield* Effect.promise(() => client.next()), '"got 2"')
    })
  )

  it.scopedLive("a codec of JSON closes with 1011 if the handler sends a value that does not encode", () =>
    Effect.gen(function* () {
      const codec = Codec.json({ in: Schema.Number, out: Schema.Int })
      const { port } = yield* serve(
        Layer.provide(
          conversation("/", { codec }, (talk) => talk.send(1.5)),
          quiet
        )
      )
      const client = yield* wsClient(port)
      assert.strictEqual((yield* Effect.promise(() => client.closed)).code, 1011)
      assert.isEmpty(client.received)
    })
  )
})
