import { assert, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import { Logs } from "../../../src/Log/Log.ts"
import * as MemoryLogs from "../../../src/Log/MemoryLogs.ts"
import { make, makeShared } from "../../../src/WebSocket/Topic/Topic.ts"
import { conforms } from "./conformance.ts"

conforms("a topic of one process", (options) => Effect.map(make(options), (topic) => [topic, topic]))

conforms("topics that share a log in memory", (options) =>
  Effect.flatMap(Layer.build(MemoryLogs.layer()), (context) => {
    const open = Effect.provideService(makeShared({ ...options, name: "shared" }), Logs, Context.get(context, Logs))
    return Effect.all([open, open])
  })
)

/** A member that keeps the messages that it gets. */
const listener = () => {
  const got: Array<unknown> = []
  const member = {
    offer: () => true,
    offerPrepared: ({ message }: { readonly message: unknown }) => got.push(message) > 0,
    queued: 0,
    drained: Effect.void,
    close: () => Effect.void
  }
  return { got, member }
}

it.scoped("delivers before `publish` ends, in one process", () =>
  Effect.gen(function* () {
    const topic = yield* make<string>({ codec: { encode: (message) => message } })
    const { got, member } = listener()
    yield* topic.join("room", member)
    yield* topic.publish("room", "at once")
    assert.deepStrictEqual(got, ["at once"])
  })
)

it.scoped("logs what `announce` throws, and goes on", () =>
  Effect.gen(function* () {
    const logged: Array<string> = []
    const logger = Logger.make(({ cause, message }) => void logged.push(`${message} ${cause._tag}`))
    const topic = yield* make<string>({
      codec: { encode: (message) => message },
      announce: () => {
        throw new Error("no words")
      }
    }).pipe(Effect.provide(Logger.replace(Logger.defaultLogger, logger)))
    const { got, member } = listener()
    yield* topic.join("room", member, "Ann")
    yield* topic.publish("room", "after it")
    assert.deepStrictEqual(got, ["after it"])
    assert.deepStrictEqual(
      (yield* topic.presence("room")).map(({ user }) => user),
      ["Ann"]
    )
    assert.deepStrictEqual(logged, ["announce failed Die"])
  })
)

it.effect("fails with a clear message when it is used after its scope", () =>
  Effect.gen(function* () {
    const topic = yield* Effect.scoped(make<string>({ codec: { encode: (message) => message } }))
    for (const use of [
      Effect.asVoid(topic.publish("room", "too late")),
      Effect.asVoid(topic.join("room", listener().member))
    ]) {
      const exit = yield* Effect.exit(Effect.scoped(use))
      assert.match(String(exit), /this topic has ended with its scope/)
    }
  })
)

it.scoped("dies with a clear message for a key that does not fit into the log", () =>
  Effect.gen(function* () {
    const topic = yield* make<string>({ codec: { encode: (message) => message } })
    const { got, member } = listener()
    const longest = "\u20ac".repeat(0xffff / 3)
    yield* topic.join(longest, member)
    yield* topic.publish(longest, "fits")
    assert.deepStrictEqual(got, ["fits"])
    for (const use of [
      Effect.asVoid(topic.publish(`${longest}k`, "too long")),
      Effect.asVoid(topic.join(`${longest}k`, member))
    ]) {
      const exit = yield* Effect.exit(Effect.scoped(use))
      assert.match(String(exit), /of a topic has 65536 bytes: expected at most 65535/)
    }
    // The log would replace it, so that "\ud800" and "\udc00" became one key.
    const exit = yield* Effect.exit(topic.publish("\ud800", "half"))
    assert.match(String(exit), /of a topic has half of a character: expected valid Unicode/)
  })
)
