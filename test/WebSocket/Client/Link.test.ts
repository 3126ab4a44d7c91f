/** A handle on a client that reconnects, against a server in memory and on the test's clock. */
import { assert, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import * as SubscriptionRef from "effect/SubscriptionRef"
import * as TestClock from "effect/TestClock"
import { conversation } from "../../../src/WebSocket/Api/ConversationEndpoint.ts"
import * as TestServer from "../../../src/WebSocket/Api/TestServer.ts"
import { Connector } from "../../../src/WebSocket/Client/Connector.ts"
import * as Link from "../../../src/WebSocket/Client/Link.ts"
import * as Codec from "../../../src/WebSocket/Conversation/Codec.ts"
import type { Conversation } from "../../../src/WebSocket/Conversation/Conversation.ts"
import type { Message } from "../../../src/WebSocket/Frames/Message.ts"
import { eventually } from "../../eventually.ts"

const url = new URL("ws://test/")

/** A server that keeps what it gets, with the connections that it has had. */
const served = Effect.gen(function* () {
  const got: Array<Message> = []
  const talks: Array<Conversation> = []
  const endpoint = conversation("/", (talk) => {
    talks.push(talk)
    return talk.forEach((message) => Effect.sync(() => got.push(message)))
  })
  const context = yield* Layer.build(Layer.provideMerge(endpoint, TestServer.layer()))
  const link = (given: Partial<Link.LinkOptions<Message, Message, never>> = {}) =>
    Link.make({ url }, { codec: Codec.raw, schedule: Schedule.spaced(1000), ...given }, (talk, ready) =>
      Effect.gen(function* () {
        yield* talk.send("hello")
        yield* ready
        return yield* talk.forEach(() => Effect.void)
      })
    ).pipe(Effect.provideService(Connector, Context.get(context, Connector)))
  return { got, talks, link }
})

const until = (assertion: () => void) => Effect.promise(() => eventually(assertion))
const reached = <A, E>({ state }: Link.Link<Message, A, E>, tag: Link.State<A, E>["_tag"]) =>
  Stream.runHead(Stream.filter(state.changes, ({ _tag }) => _tag === tag))

it.scoped("what is sent without a connection leaves with the next one, after the program's own words, in order", () =>
  Effect.gen(function* () {
    const { got, link, talks } = yield* served
    const one = yield* link({ outbox: 2 })
    yield* until(() => assert.deepStrictEqual(got, ["hello"]))
    yield* one.send("a")
    yield* until(() => assert.deepStrictEqual(got, ["hello", "a"]))
    yield* talks[0]!.close(3000, "away")
    yield* reached(one, "Waiting")
    yield* one.send("b")
    yield* one.send("c")
    const full = yield* Effect.flip(one.send("d"))
    assert.deepInclude(full, { _tag: "SendError", reason: "Full" })
    yield* TestClock.adjust(1000)
    yield* until(() => assert.deepStrictEqual(got, ["hello", "a", "hello", "b", "c"]))
  })
)

it.scoped("with `oldest` a full outbox drops the oldest; after the end nothing is taken", () =>
  Effect.gen(function* () {
    const { got, link, talks } = yield* served
    const one = yield* link({ outbox: 2, full: "oldest" })
    yield* until(() => assert.deepStrictEqual(got, ["hello"]))
    yield* talks[0]!.close(3000, "away")
    yield* reached(one, "Waiting")
    for (const text of ["a", "b", "c"]) yield* one.send(text)
    yield* TestClock.adjust(1000)
    yield* until(() => assert.deepStrictEqual(got, ["hello", "hello", "b", "c"]))
    // The server is done.
    yield* talks[1]!.close(1000, "done")
    assert.deepStrictEqual(yield* one.ended, { code: 1000, reason: "done" })
    const state = yield* SubscriptionRef.get(one.state)
    assert.deepStrictEqual(state, { _tag: "Ended", exit: Exit.succeed({ code: 1000, reason: "done" }) })
    assert.deepInclude(yield* Effect.flip(one.send("late")), { _tag: "SendError", reason: "Ended" })
  })
)

it.scoped("a heartbeat finds a peer that says nothing any more, and leaves alone one that does", () =>
  Effect.gen(function* () {
    const { got, link, talks } = yield* served
    const one = yield* link({ heartbeat: { message: "beat", interval: 10_000, silence: 30_000 } })
    yield* until(() => assert.deepStrictEqual(got, ["hello", "beat"]))
    for (let n = 3; n <= 6; n++) {
      yield* talks[0]!.send("I am here")
      yield* TestClock.adjust(10_000)
      yield* until(() => assert.strictEqual(got.length, n))
    }
    assert.deepStrictEqual(yield* SubscriptionRef.get(one.state), { _tag: "Open" })
    yield* TestClock.adjust(40_000)
    yield* TestClock.adjust(1000)
    yield* until(() => assert.strictEqual(talks.length, 2))
  })
)
