/** Tests of the endpoint. Its server and clients are in memory, without a port, and the test controls the clock. */
import { assert, it } from "@effect/vitest"
import { Effect, Layer, TestClock } from "effect"
import { Codec, Connector } from "effect-c10k"
import { layerTest } from "effect-c10k/testing"
import { Ask, Reply, reminders } from "./Reminders.ts"

const inMemory = Layer.provideMerge(reminders, layerTest())

/** A client with this codec. The name of the host does not matter. */
const connect = <In, Out, Invalid>(codec: Codec.Codec<In, Out, Invalid>) =>
  Effect.flatMap(Connector, (connector) => connector.connect({ url: new URL("ws://test/reminders") }, codec))

it.scoped("reminds of each thing at its time", () =>
  Effect.gen(function* () {
    const talk = yield* connect(Codec.json({ in: Reply, out: Ask }))
    yield* talk.send({ text: "the dentist", minutes: 60 })
    yield* talk.send({ text: "the tea", minutes: 5 })
    // Messages take no time of this clock. So wait for the answers first, and then advance the clock.
    assert.deepStrictEqual(yield* talk.receive, { _tag: "Noted" })
    assert.deepStrictEqual(yield* talk.receive, { _tag: "Noted" })
    yield* TestClock.adjust("5 minutes")
    assert.deepStrictEqual(yield* talk.receive, { _tag: "Due", text: "the tea" })
    yield* TestClock.adjust("55 minutes")
    assert.deepStrictEqual(yield* talk.receive, { _tag: "Due", text: "the dentist" })
  }).pipe(Effect.provide(inMemory))
)

it.scoped("closes the connection of a client that it does not understand", () =>
  Effect.gen(function* () {
    const talk = yield* connect(Codec.raw)
    yield* talk.send('{"text":"the tea","minutes":-5}')
    const { code, reason } = yield* talk.closed
    assert.strictEqual(code, 1007)
    assert.include(reason, "invalid message at minutes")
  }).pipe(Effect.provide(inMemory))
)
