/** Endpoints in conversation style, on a real server. */
import * as HttpRouter from "@effect/platform/HttpRouter"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import { assert, describe, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { connect } from "../../../src/WebSocket/Api/ConversationClient.ts"
import { conversation } from "../../../src/WebSocket/Api/ConversationEndpoint.ts"
import { type Conversation, receiveFirst } from "../../../src/WebSocket/Conversation/Conversation.ts"
import type { Close } from "../../../src/WebSocket/Frames/CloseCode.ts"
import { limit, reactorLayer, serve, wsClient } from "../Rig.ts"

describe("a conversation", () => {
  it.scopedLive("a conversation receives and sends, and closes with 1000 after its messages when it ends", () =>
    Effect.gen(function* () {
      const greet = conversation("/", (talk) =>
        Effect.gen(function* () {
          yield* talk.send("What is your name?")
          yield* talk.send(`Hello, ${yield* talk.receive}!`)
        })
      )
      const { port } = yield* serve(greet)
      const client = yield* wsClient(port)
      assert.strictEqual(yield* Effect.promise(() => client.next()), "What is your name?")
      client.socket.send("Ada")
      assert.deepStrictEqual(yield* Effect.promise(() => client.closed), { code: 1000, reason: "" })
      assert.deepStrictEqual(client.received, ["Hello, Ada!"])
    })
  )

  it.scopedLive(
    "a conversation has the parameters of its path, the url, the headers and the subprotocol, beside a page with the same URL",
    () =>
      Effect.gen(function* () {
        const endpoint = conversation(
          "/rooms/:room/",
          { protocols: ["b", "a"] },
          (talk, { headers, params, protocol, remoteAddress, url }) =>
            talk.send(JSON.stringify({ room: params.room, url, host: headers["host"], protocol, remoteAddress }))
        )
        const pages = HttpRouter.empty.pipe(
          HttpRouter.get(
            "/rooms/:room/",
            Effect.map(HttpRouter.params, ({ room }) => HttpServerResponse.text(`page of ${room}`))
          ),
          Effect.catchTag("RouteNotFound", () => HttpServerResponse.text("none", { status: 404 }))
        )
        const { port } = yield* serve(endpoint, { pages })
        const client = yield* wsClient(port, "/rooms/caf%C3%A9/?x=1", ["z", "a"])
        assert.deepStrictEqual(JSON.parse(String(yield* Effect.promise(() => client.next()))), {
          room: "café",
          url: "/rooms/caf%C3%A9/?x=1",
          host: `127.0.0.1:${port}`,
          protocol: "a",
          remoteAddress: "127.0.0.1"
        })
        assert.strictEqual(client.socket.protocol, "a")
        const page = yield* Effect.promise(async () => (await fetch(`http://127.0.0.1:${port}/rooms/red/`)).text())
        assert.strictEqual(page, "page of red")
      })
  )

  it.scopedLive("a conversation ends the stream of messages when the client leaves, after all of them", () =>
    Effect.gen(function* () {
      const got = yield* Deferred.make<ReadonlyArray<unknown>>()
      const endpoint = conversation("/", (talk) =>
        Effect.flatMap(Stream.runCollect(talk.messages), (all) => Deferred.succeed(got, Chunk.toReadonlyArray(all)))
      )
      const { port } = yield* serve(endpoint)
      const client = yield* wsClient(port)
      const all = Array.from({ length: 500 }, (_, i) => String(i))
      for (const text of all) client.socket.send(text)
      client.socket.close()
      assert.deepStrictEqual(yield* limit(Deferred.await(got)), all)
    })
  )

  it.scopedLive("a conversation that fails is closed with 1011, without the cause", () =>
    Effect.gen(function* () {
      const logged: Array<unknown> = []
      const logger = Logger.make(({ message }) => void logged.push(message))
      const endpoint = Layer.mergeAll(
        conversation("/fail", () => Effect.fail("a secret")),
        conversation("/die", () => Effect.dieMessage("a secret")),
        conversation("/throw", (): Effect.Effect<void> => {
          throw new Error("a secret")
        })
      ).pipe(Layer.provide(Logger.replace(Logger.defaultLogger, logger)))
      const { port } = yield* serve(endpoint)
      for (const path of ["/fail", "/die", "/throw"]) {
        const client = yield* wsClient(port, path)
        assert.deepStrictEqual(yield* Effect.promise(() => client.closed), { code: 1011, reason: "internal error" })
      }
      assert.lengthOf(logged, 3)
    })
  )

  it.scopedLive(
    "a conversation whose client left does not count as failed: receive and send fail, and it just ends",
    () =>
      Effect.gen(function* () {
        const logged: Array<unknown> = []
        const logger = Logger.make(({ message }) => void logged.push(message))
        const ends = yield* Deferred.make<Exit.Exit<unknown, unknown>>()
        const reported = (effect: Effect.Effect<unknown, unknown>) =>
          Effect.onExit(effect, (exit) => Deferred.succeed(ends, exit))
        const endpoint = conversation("/", (talk) =>
          reported(Effect.forever(Effect.zipRight(talk.send("tick"), Effect.sleep(5))) as Effect.Effect<never, never>)
        ).pipe(Layer.provide(Logger.replace(Logger.defaultLogger, logger)))
        const { port } = yield* serve(endpoint)
        const client = yield* wsClient(port)
        yield* Effect.promise(() => client.next())
        client.socket.terminate()
        const exit = yield* limit(Deferred.await(ends))
        assert.match(String(exit), /ConnectionClosed/)
        assert.deepStrictEqual(logged, [])
      })
  )

  it.scopedLive("a conversation is interrupted at the server's end: its finalizers run, and its client gets 1001", () =>
    Effect.gen(function* () {
      const finalized = yield* Deferred.make<void>()
      const scope = yield* Scope.make()
      const endpoint = conversation("/", () =>
        Effect.onInterrupt(Effect.never, () => Deferred.succeed(finalized, undefined))
      )
      const { port } = yield* Scope.extend(serve(endpoint), scope)
      const client = yield* wsClient(port)
      yield* limit(Scope.close(scope, Exit.void))
      yield* limit(Deferred.await(finalized))
      assert.deepStrictEqual(yield* Effect.promise(() => client.closed), { code: 1001, reason: "going away" })
    })
  )

  /** Lets a test hold the server's side of a conversation. */
  const kept = Effect.gen(function* () {
    const talk = yield* Deferred.make<Conversation>()
    const endpoint = conversation("/", (it) => Effect.zipRight(Deferred.succeed(talk, it), it.closed))
    const { port } = yield* serve(endpoint)
    const client = yield* wsClient(port)
    return { client, talk: yield* Deferred.await(talk) }
  })

  it.scopedLive("a conversation loses no message to a receive that was interrupted", () =>
    Effect.gen(function* () {
      const { client, talk } = yield* kept
      for (let round = 0; round < 50; round++) {
        const fiber = yield* Effect.fork(talk.receive)
        yield* Effect.yieldNow()
        client.socket.send(String(round))
        if (round % 2 === 0) yield* Effect.sleep(1)
        const exit = yield* Fiber.interrupt(fiber)
        const got = Exit.isSuccess(exit) ? exit.value : yield* limit(talk.receive)
        assert.strictEqual(got, String(round))
      }
    })
  )

  it.scopedLive("a conversation receive can time out and be tried again", () =>
    Effect.gen(function* () {
      const { client, talk } = yield* kept
      assert.isTrue(Option.isNone(yield* Effect.timeoutOption(talk.receive, 10)))
      client.socket.send("late")
      assert.strictEqual(yield* talk.receive, "late")
    })
  )

  it.scopedLive("closed tells all callers how it ended, before and after the end", () =>
    Effect.gen(function* () {
      const { client, talk } = yield* kept
      const waiting = yield* Effect.fork(Effect.all([talk.closed, talk.closed], { concurrency: 2 }))
      yield* Effect.yieldNow()
      client.socket.close(4444, "bye")
      const close: Close = { code: 4444, reason: "bye" }
      assert.deepStrictEqual(yield* limit(Fiber.join(waiting)), [close, close])
      assert.deepStrictEqual(yield* talk.closed, close)
      const error = yield* Effect.flip(talk.send("too late"))
      assert.deepStrictEqual([error.code, error.reason], [4444, "bye"])
      assert.strictEqual(error.message, "the connection was closed with code 4444 (bye)")
    })
  )

  it.scopedLive("a conversation send waits while the client does not read, and continues when it does", () =>
    Effect.gen(function* () {
      const { client, talk } = yield* kept
      client.socket.pause()
      let sent = 0
      const sending = yield* Effect.fork(
        Effect.forEach(Array.from({ length: 40 }), () =>
          Effect.tap(talk.send(new Uint8Array(1 << 20)), () => Effect.sync(() => sent++))
        )
      )
      const stalled = Effect.gen(function* () {
        const before = sent
        yield* Effect.sleep(50)
        return before > 0 && before === sent
      })
      yield* limit(Effect.repeat(stalled, { until: (still) => still }))
      assert.isBelow(sent, 40)
      assert.isBelow(talk.queued, 4 << 20)
      client.socket.resume()
      yield* limit(Fiber.join(sending))
      for (let i = 0; i < 40; i++) assert.lengthOf(yield* Effect.promise(() => client.next()), 1 << 20)
    })
  )

  it.scopedLive("a conversation does not read a client that sends faster than it receives", () =>
    Effect.gen(function* () {
      const { client, talk } = yield* kept
      const text = "x".repeat(64 << 10)
      for (let i = 0; i < 400; i++) client.socket.send(text)
      // 25 MiB do not fit into the sockets' buffers, so some stay with the client until they are asked for.
      yield* Effect.sleep(200)
      assert.isAbove(client.socket.bufferedAmount, 1 << 20)
      for (let i = 0; i < 400; i++) assert.strictEqual(yield* limit(talk.receive), text)
    })
  )

  it.scopedLive("a conversation is one of many at once", () =>
    Effect.gen(function* () {
      const endpoint = conversation("/:id", (talk, { params }) =>
        Stream.runForEach(talk.messages, (message) => talk.send(`${params["id"]} ${message}`))
      )
      const { port } = yield* serve(endpoint)
      const clients = yield* Effect.all(
        Array.from({ length: 100 }, (_, id) => wsClient(port, `/${id}`)),
        { concurrency: 20 }
      )
      for (const client of clients) client.socket.send("hi")
      const replies = yield* Effect.promise(() => Promise.all(clients.map((client) => client.next())))
      assert.deepStrictEqual(
        replies,
        clients.map((_, id) => `${id} hi`)
      )
    })
  )
})

describe("receiveFirst", () => {
  it.scopedLive("receiveFirst takes the messages of several conversations and loses none, whichever come first", () =>
    Effect.gen(function* () {
      const count = 200
      const source = (name: string) =>
        conversation(`/${name}/`, (peer) =>
          Effect.forEach(
            Array.from({ length: count }, (_, i) => i),
            // Both send at the same time, alone, and several at once.
            (i) => Effect.zipRight(peer.send(`${name} ${i}`), i % 3 === 0 ? Effect.yieldNow() : Effect.void)
          )
        )
      const { port } = yield* serve(Layer.merge(source("a"), source("b")))
      const [a, b] = yield* Effect.all([
        connect({ url: new URL(`ws://127.0.0.1:${port}/a/`) }),
        connect({ url: new URL(`ws://127.0.0.1:${port}/b/`) })
      ])
      const got: Array<string> = []
      const error = yield* Effect.flip(
        Effect.forever(
          Effect.map(receiveFirst([a, b]), ([from, message]) => {
            assert.strictEqual(from, String(message).startsWith("a") ? a : b)
            got.push(String(message))
          })
        )
      )
      assert.strictEqual(error.code, 1000)
      // One has ended, and the other may have messages left.
      for (const rest of [a, b]) yield* rest.forEach((message) => Effect.sync(() => got.push(String(message))))
      for (const name of ["a", "b"])
        assert.deepStrictEqual(
          got.filter((message) => message.startsWith(name)),
          Array.from({ length: count }, (_, i) => `${name} ${i}`)
        )
    }).pipe(Effect.provide(reactorLayer()))
  )
})
