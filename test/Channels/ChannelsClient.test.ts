/** The client as Effects, against the real server in memory. */
import { assert, describe, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as SubscriptionRef from "effect/SubscriptionRef"
import { Channels } from "../../src/Channels/Channels.ts"
import * as ChannelsClient from "../../src/Channels/ChannelsClient.ts"
import { disconnects } from "../../src/Channels/Codes.ts"
import * as Guards from "../../src/WebSocket/Api/Guards.ts"
import * as TestServer from "../../src/WebSocket/Api/TestServer.ts"
import { Connector } from "../../src/WebSocket/Client/Connector.ts"
import { options } from "./options.ts"

const url = new URL("ws://test/connection/websocket")

const opened = Effect.gen(function* () {
  const context = yield* Layer.build(
    Channels.layer({
      ...options,
      admit: ({ headers, query }) =>
        query.has("refuse") && headers["cookie"] !== "session=ada"
          ? Effect.fail(Guards.refusal(401, "who?"))
          : Effect.void
    }).pipe(Layer.provideMerge(TestServer.layer()), Layer.provide(Logger.replace(Logger.defaultLogger, Logger.none)))
  )
  const client = (given: Partial<ChannelsClient.ClientOptions> = {}) =>
    Effect.provideService(
      ChannelsClient.make({ url, token: "user:ada", timeout: "60 seconds", ...given }),
      Connector,
      Context.get(context, Connector)
    )
  return { channels: Context.get(context, Channels), client }
})

const stateOf = (client: ChannelsClient.ChannelsClient, tag: ChannelsClient.ClientState["_tag"]) =>
  client.state.changes.pipe(
    Stream.filter(({ _tag }) => _tag === tag),
    Stream.runHead
  )

/** The events of a channel as short texts, up to a number of them. */
const taken = (client: ChannelsClient.ChannelsClient, channel: string, count: number) =>
  client.subscribe(channel, Schema.Number).pipe(
    Stream.filter(({ _tag }) => _tag === "Subscribed" || _tag === "Message"),
    Stream.map((event) => (event._tag === "Message" ? event.data : event._tag === "Subscribed" ? event.recovery : "")),
    Stream.take(count),
    Stream.runCollect,
    Effect.map(Chunk.toReadonlyArray)
  )

describe("the client of channels", () => {
  it.scopedLive("the client of channels publishes, calls, reads presence and history; refusals are typed", () =>
    Effect.gen(function* () {
      const { client } = yield* opened
      const ada = yield* client()
      const events = yield* Effect.fork(taken(ada, "room:1", 3))
      yield* stateOf(ada, "Connected")
      assert.strictEqual(yield* ada.rpc("echo", 5, Schema.Number), 5)
      yield* ada.publish("room:1", 1)
      yield* ada.publish("room:1", 2)
      assert.deepStrictEqual(yield* Fiber.join(events), ["Fresh", 1, 2])
      assert.deepStrictEqual(
        (yield* ada.history("room:1")).publications.map(({ data }) => data),
        [1, 2]
      )
      const refused = yield* Effect.flip(ada.publish("room:private-1", 1))
      assert.deepInclude(refused, { _tag: "ReplyError", code: 103 })
      const denied = yield* Effect.flip(Stream.runDrain(ada.subscribe("room:private-1", Schema.Number)))
      assert.deepInclude(denied, { _tag: "ReplyError", code: 103 })
      const wrong = yield* Effect.flip(ada.rpc("echo", "text", Schema.Number))
      assert.strictEqual(wrong._tag, "ParseError")
    })
  )

  it.scopedLive(
    "the client of channels comes back after a disconnect, recovers what it missed, and says when it can't",
    () =>
      Effect.gen(function* () {
        const { channels, client } = yield* opened
        const ada = yield* client()
        const kept = yield* Effect.fork(taken(ada, "room:1", 5))
        const short = yield* Effect.fork(taken(ada, "short:1", 3))
        yield* stateOf(ada, "Connected")
        yield* ada.rpc("echo", 0, Schema.Number)
        yield* channels.publish("room:1", 1)
        yield* channels.publish("short:1", 1)
        yield* ada.rpc("echo", 0, Schema.Number)
        yield* channels.disconnect("ada", disconnects.forceReconnect)
        yield* stateOf(ada, "Waiting")
        for (const i of [2, 3, 4]) yield* channels.publish("short:1", i)
        for (const i of [2, 3]) yield* channels.publish("room:1", i)
        assert.deepStrictEqual(yield* Fiber.join(kept), ["Fresh", 1, "Recovered", 2, 3])
        assert.deepStrictEqual(yield* Fiber.join(short), ["Fresh", 1, "Gap"])
      })
  )

  it.scopedLive(
    "the client of channels keeps what is published without a connection, up to a bound, and ends when the server does not want it",
    () =>
      Effect.gen(function* () {
        const { channels, client } = yield* opened
        const ada = yield* client({ outbox: 2 })
        yield* stateOf(ada, "Connected")
        yield* channels.disconnect("ada", disconnects.forceReconnect)
        yield* stateOf(ada, "Waiting")
        const waiting = yield* Effect.forkAll([ada.publish("room:1", 1), ada.publish("room:1", 2)])
        yield* Effect.yieldNow()
        const full = yield* Effect.flip(ada.publish("room:1", 3))
        assert.deepInclude(full, { _tag: "CommandError", reason: "Full" })
        yield* Fiber.join(waiting)
        assert.deepStrictEqual(
          (yield* ada.history("room:1")).publications.map(({ data }) => data),
          [1, 2]
        )
        yield* channels.disconnect("ada")
        yield* stateOf(ada, "Ended")
        assert.deepInclude(yield* SubscriptionRef.get(ada.state), { code: 3503, reason: "force disconnect" })
        assert.deepInclude(yield* Effect.flip(ada.publish("room:1", 4)), { _tag: "CommandError", reason: "Ended" })
        const bad = yield* client({ token: "bad" })
        yield* stateOf(bad, "Ended")
        assert.deepInclude(yield* SubscriptionRef.get(bad.state), { code: 3500 })
        const refused = yield* client({ url: new URL("?refuse", url) })
        yield* stateOf(refused, "Ended")
        const { reason } = (yield* SubscriptionRef.get(refused.state)) as { readonly reason: string }
        assert.match(reason, /401/)
        const known = yield* client({ url: new URL("?refuse", url), headers: { cookie: "session=ada" } })
        yield* stateOf(known, "Connected")
      })
  )
})
