/** Topics of two processes over an engine that drops or loses entries: a member gets every message, or is told. */
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as EngineLogs from "../../../src/Log/EngineLogs.ts"
import { Logs } from "../../../src/Log/Log.ts"
import { makeShared, type TopicOptions } from "../../../src/WebSocket/Topic/Topic.ts"
import { type EngineProcess, FaultyEngine } from "../../Log/FaultyEngine.ts"
import { eventually, FakeMember, users } from "./conformance.ts"

const patience = 30

const open = ({ engine }: EngineProcess, history: TopicOptions<string>["history"]) =>
  makeShared<string>({
    name: "topic",
    codec: { encode: (message) => message },
    ...(history === undefined ? {} : { history })
  }).pipe(
    Effect.provideService(Logs, EngineLogs.make(engine, { patience, poll: patience, snapshotEvery: 2000 })),
    Effect.orDie
  )

/** Two processes. The second one is cut off while the first publishes so much that the engine drops what is old. */
const cutOff = (messages: number) =>
  Effect.gen(function* () {
    const engine = new FaultyEngine(1, { lost: 0, repeated: 0, delay: 1 })
    const [a, b] = [engine.process(), engine.process()]
    const history = { messages }
    const [writing, reading] = [yield* open(a, history), yield* open(b, history)]
    const member = new FakeMember()
    const { lost } = yield* reading.join("room", member, "Ada")
    let isLost = false
    yield* Effect.fork(Effect.map(lost, () => (isLost = true)))
    yield* writing.publish("room", "0")
    yield* eventually(() => member.received, ["0"])
    b.isCut = true
    const text = (n: number) => `${n} ${"x".repeat(100)}`
    for (let n = 1; n <= 50; n++) yield* writing.publish("room", text(n))
    engine.truncate("topic", 5)
    b.isCut = false
    engine.reconnect()
    const since = yield* writing.publish("room", "last")
    yield* eventually(() => member.received.at(-1), "last")
    return { isLost: () => isLost, member, reading, since, text }
  })

it.scopedLive("a member whose process missed entries gets what is kept of them, in order and once", () =>
  Effect.gen(function* () {
    const { isLost, member, reading, text } = yield* cutOff(100)
    assert.deepStrictEqual(member.received, ["0", ...Array.from({ length: 50 }, (_, n) => text(n + 1)), "last"])
    assert.isFalse(isLost())
    assert.deepStrictEqual(yield* users(reading), ["Ada"])
  })
)

it.scopedLive("a member whose process missed more than is kept is told that messages are lost", () =>
  Effect.gen(function* () {
    const { isLost, member, reading, since } = yield* cutOff(3)
    yield* eventually(isLost, true)
    const again = yield* reading.join("room", member, { since })
    assert.deepStrictEqual(again.recovery, { _tag: "Recovered", messages: 0 })
  })
)

it.scopedLive("when the engine has lost its newest messages, no position of before fits, on any process", () =>
  Effect.gen(function* () {
    const engine = new FaultyEngine(1, { lost: 0, repeated: 0, delay: 1 })
    const history = { messages: 100 }
    const [a, b] = [yield* open(engine.process(), history), yield* open(engine.process(), history)]
    const { lost } = yield* b.join("room", new FakeMember())
    yield* a.publish("room", "kept")
    const kept = engine.lengthOf("topic")
    const since = yield* a.publish("room", "lost")
    engine.goBack("topic", engine.lengthOf("topic") - kept)
    engine.reconnect()
    yield* lost
    // The offsets of before are given to other messages.
    for (const text of ["1", "2", "3"]) yield* Effect.retry(a.publish("room", text), { times: 20 })
    for (const topic of [a, b, yield* open(engine.process(), history)]) {
      const { recovery } = yield* topic.join("room", new FakeMember(), { since })
      assert.deepStrictEqual(recovery, { _tag: "Gap" })
    }
  })
)
