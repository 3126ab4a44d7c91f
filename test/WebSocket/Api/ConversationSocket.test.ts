/** Code that is written for Effect's sockets, over a conversation. */
import * as Ndjson from "@effect/platform/Ndjson"
import * as Socket from "@effect/platform/Socket"
import { assert, describe, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Mailbox from "effect/Mailbox"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { connect } from "../../../src/WebSocket/Api/ConversationClient.ts"
import { conversation } from "../../../src/WebSocket/Api/ConversationEndpoint.ts"
import * as ConversationSocket from "../../../src/WebSocket/Api/ConversationSocket.ts"
import { limit, reactorLayer, serve, wsClient } from "../Rig.ts"

const Question = Schema.Struct({ id: Schema.Number, numbers: Schema.Array(Schema.Number) })
const Answer = Schema.Struct({ id: Schema.Number, sum: Schema.Number })

/** Works with any `Socket`: answers each question as a line of JSON. */
const calculate = (socket: Socket.Socket) =>
  Effect.gen(function* () {
    const answers = yield* Mailbox.make<typeof Answer.Type>()
    yield* Mailbox.toStream(answers).pipe(
      Stream.pipeThroughChannel(
        Ndjson.duplexSchemaString(Socket.toChannelString(socket), { inputSchema: Answer, outputSchema: Question })
      ),
      Stream.runForEach(({ id, numbers }) => answers.offer({ id, sum: numbers.reduce((a, b) => a + b, 0) }))
    )
  })

/** Works with any `Socket`: asks the questions, and ends with the last answer. */
const ask = (socket: Socket.Socket, questions: ReadonlyArray<typeof Question.Type>) =>
  // The stream of questions stays open until all answers have come, because its end would end the socket.
  Stream.concat(Stream.fromIterable(questions), Stream.never).pipe(
    Stream.pipeThroughChannel(
      Ndjson.duplexSchemaString(Socket.toChannelString(socket), { inputSchema: Question, outputSchema: Answer })
    ),
    Stream.take(questions.length),
    Stream.runCollect,
    Effect.map(Chunk.toReadonlyArray)
  )

describe("a conversation as a Socket", () => {
  it.scopedLive(
    "a conversation as a Socket carries typed messages as lines of JSON through channels, on both sides",
    () =>
      Effect.gen(function* () {
        const { port } = yield* serve(conversation("/", (talk) => calculate(ConversationSocket.make(talk))))
        const talk = yield* connect({ url: new URL(`ws://127.0.0.1:${port}/`) })
        const questions = Array.from({ length: 300 }, (_, id) => ({ id, numbers: [id, 1, 2] }))
        const answers = yield* limit(ask(ConversationSocket.make(talk), questions))
        assert.deepStrictEqual(
          answers,
          questions.map(({ id }) => ({ id, sum: id + 3 }))
        )
      }).pipe(Effect.provide(reactorLayer()))
  )

  it.scopedLive(
    "a conversation as a Socket that gets invalid JSON fails as the channel does, and closes with 1011",
    () =>
      Effect.gen(function* () {
        const quiet = Logger.replace(Logger.defaultLogger, Logger.none)
        const endpoint = conversation("/", (talk) => calculate(ConversationSocket.make(talk)))
        const { port } = yield* serve(Layer.provide(endpoint, quiet))
        const client = yield* wsClient(port)
        client.socket.send("not json\n")
        assert.strictEqual((yield* Effect.promise(() => client.closed)).code, 1011)
      })
  )

  /** Runs `use` on the server's side of a connection. Returns its result, and the client. */
  const withSocket = <A, E>(use: (socket: Socket.Socket) => Effect.Effect<A, E>) =>
    Effect.gen(function* () {
      const ends = yield* Deferred.make<A, E>()
      const endpoint = conversation("/", (talk) => Deferred.complete(ends, use(ConversationSocket.make(talk))))
      const { port } = yield* serve(endpoint)
      return { client: yield* wsClient(port), ended: limit(Deferred.await(ends)) }
    })

  it.scopedLive(
    "a conversation as a Socket handles messages one after the other, as bytes in run, and unchanged in runRaw",
    () =>
      Effect.gen(function* () {
        const raw: Array<string | Uint8Array> = []
        const { client, ended } = yield* withSocket((socket) =>
          Effect.gen(function* () {
            const opened = yield* Deferred.make<void>()
            yield* socket.runRaw(
              (message) => {
                raw.push(message)
                return message === "slow" ? Effect.sleep(20) : undefined
              },
              { onOpen: Effect.asVoid(Deferred.succeed(opened, undefined)) }
            )
            return yield* Deferred.isDone(opened)
          })
        )
        client.socket.send("slow")
        client.socket.send(Buffer.of(1, 2))
        client.socket.send("last")
        client.socket.close(1000)
        assert.isTrue(yield* ended)
        assert.deepStrictEqual(raw, ["slow", Uint8Array.of(1, 2), "last"])

        const bytes: Array<number> = []
        const other = yield* withSocket((socket) => socket.run((message) => void bytes.push(...message)))
        other.client.socket.send("☃")
        other.client.socket.send(Buffer.of(7))
        other.client.socket.close(1000)
        yield* other.ended
        assert.deepStrictEqual(bytes, [0xe2, 0x98, 0x83, 7])
      })
  )

  it.scopedLive("a conversation as a Socket ends if the peer closed with 1000, and fails with the code otherwise", () =>
    Effect.gen(function* () {
      const normal = yield* withSocket((socket) => socket.runRaw(() => {}))
      normal.client.socket.close(1000)
      yield* normal.ended
      const odd = yield* withSocket((socket) => Effect.flip(socket.runRaw(() => {})))
      odd.client.socket.close(4001, "why not")
      const error = yield* odd.ended
      assert.deepInclude(error, { reason: "Close", code: 4001, closeReason: "why not" })
    })
  )

  it.scopedLive("a conversation as a Socket fails if its handler fails", () =>
    Effect.gen(function* () {
      const { client, ended } = yield* withSocket((socket) => Effect.flip(socket.runRaw(() => Effect.fail("no"))))
      client.socket.send("x")
      assert.strictEqual(yield* ended, "no")
    })
  )

  it.scopedLive(
    "a conversation as a Socket writes text and bytes, closes by a CloseEvent, and drops later writes",
    () =>
      Effect.gen(function* () {
        const { client, ended } = yield* withSocket((socket) =>
          Effect.gen(function* () {
            const write = yield* socket.writer
            yield* write("text")
            yield* write(Uint8Array.of(1, 2, 3))
            yield* write(new Socket.CloseEvent(4000, "done"))
            return yield* write("late")
          }).pipe(Effect.scoped)
        )
        assert.deepStrictEqual(yield* Effect.promise(() => client.closed), { code: 4000, reason: "done" })
        assert.deepStrictEqual(client.received, ["text", Buffer.of(1, 2, 3)])
        yield* ended
      })
  )
})

describe("a Socket that opens a connection in each run", () => {
  it.scopedLive(
    "a Socket that opens a connection in each run lets a write wait for the next connection if `onOpen` of this one fails",
    () =>
      Effect.gen(function* () {
        const written = yield* Deferred.make<string>()
        const { port } = yield* serve(
          conversation("/", (peer) =>
            Effect.flatMap(peer.receive, (message) => Deferred.succeed(written, String(message)))
          )
        )
        const socket = yield* ConversationSocket.lazy(
          Effect.orDie(connect({ url: new URL(`ws://127.0.0.1:${port}/`) }))
        )
        const write = yield* socket.writer
        const writing = yield* Effect.fork(write("hello"))
        yield* Effect.yieldNow()
        const failed = yield* Effect.exit(socket.runRaw(() => {}, { onOpen: Effect.die("onOpen failed") }))
        assert.isTrue(Exit.isFailure(failed))
        const run = yield* Effect.fork(socket.runRaw(() => {}))
        yield* limit(Fiber.join(writing))
        assert.strictEqual(yield* limit(Deferred.await(written)), "hello")
        yield* Fiber.interrupt(run)
      }).pipe(Effect.provide(reactorLayer()))
  )
})
