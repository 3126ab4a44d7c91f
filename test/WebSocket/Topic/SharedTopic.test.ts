/** Topics of several processes, over NATS JetStream. */
import { afterAll, assert, beforeEach, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Scope from "effect/Scope"
import * as JetStreamLogs from "../../../src/Log/JetStreamLogs.ts"
import { Logs } from "../../../src/Log/Log.ts"
import { makeShared, type TopicOptions } from "../../../src/WebSocket/Topic/Topic.ts"
import { codec } from "../../../src/WebSocket/Topic/TopicEntry.ts"
import * as NatsServer from "../../Log/NatsServer.ts"
import { need } from "../../need.ts"
import { conforms, eventually, FakeMember, users } from "./conformance.ts"

// One server for the suite.
const suite = await Effect.runPromise(Scope.make())
const server = await Effect.runPromise(Scope.extend(NatsServer.scoped(), suite))
beforeEach(() => need("nats-server"))
afterAll(() => Effect.runPromise(Scope.close(suite, Exit.void)))

/** Another process's logs. */
const logs = Effect.map(
  Layer.build(
    Layer.fresh(JetStreamLogs.layer({ servers: [server.url], name: "test", log: { patience: 300 } })).pipe(
      Layer.provide(Logger.replace(Logger.defaultLogger, Logger.none))
    )
  ),
  (context) => Context.get(context, Logs)
)

const open = (name: string, options: TopicOptions<string>, heartbeat?: number) =>
  Effect.flatMap(logs, (service) =>
    Effect.provideService(
      makeShared({ ...options, name, ...(heartbeat === undefined ? {} : { heartbeat }) }),
      Logs,
      service
    )
  )

let names = 0
conforms("topics of two processes", (options) => {
  const name = `topic-${names++}`
  return Effect.all([open(name, options), open(name, options)])
})

const options: TopicOptions<string> = {
  codec: { encode: (message) => message },
  announce: ({ _tag, user }) => `${user} ${_tag}`
}

it.scopedLive("the members of a process that was killed are removed after three heartbeats", () =>
  Effect.gen(function* () {
    const name = `killed-${names++}`
    const log = yield* (yield* logs).open(name, { codec, reader: { entry: () => {} } })
    log.unsafeAppend([{ _tag: "Joined", key: "room", id: "ghost-1", user: "Ghost", data: undefined, node: "killed" }])
    const topic = yield* open(name, options, 50)
    const listener = new FakeMember()
    yield* topic.join("room", listener)
    yield* eventually(() => listener.received, ["Ghost Left"])
    assert.isEmpty(yield* topic.presence("room"))
  })
)

it.scopedLive("a process that was declared gone by mistake announces its members again", () =>
  Effect.gen(function* () {
    const name = `stopped-${names++}`
    let node: string | undefined
    const log = yield* (yield* logs).open(name, {
      codec,
      reader: {
        entry: ([entry]) => {
          if (entry?._tag === "Joined") node = entry.node
        }
      }
    })
    const topic = yield* open(name, options)
    const listener = new FakeMember()
    yield* topic.join("room", listener, "Ada")
    yield* eventually(() => listener.received, ["Ada Joined"])
    yield* eventually(() => node !== undefined, true)
    log.unsafeAppend([{ _tag: "Gone", node: node! }])
    yield* eventually(() => listener.received, ["Ada Joined", "Ada Left", "Ada Joined"])
  })
)

it.scopedLive("a process that ends removes its members, and a new process knows who is present", () =>
  Effect.gen(function* () {
    const name = `orderly-${names++}`
    const stays = yield* open(name, options)
    const ending = yield* Scope.make()
    const leaves = yield* Scope.extend(open(name, options), ending)
    // Members that outlive their topic.
    yield* leaves.join("room", new FakeMember(), "Ada")
    yield* stays.join("room", new FakeMember(), "Bob")
    yield* eventually(() => [...Effect.runSync(users(stays))].sort(), ["Ada", "Bob"])
    const late = yield* open(name, options)
    assert.sameMembers([...(yield* users(late))], ["Ada", "Bob"])
    yield* Scope.close(ending, Exit.void)
    yield* eventually(() => Effect.runSync(users(late)), ["Bob"])
  })
)

it.scopedLive("a membership that is announced twice, as after a cut, is gone when it has left once", () =>
  Effect.gen(function* () {
    const name = `twice-${names++}`
    const log = yield* (yield* logs).open(name, { codec, reader: { entry: () => {} } })
    const topic = yield* open(name, options)
    const listener = new FakeMember()
    yield* topic.join("room", listener)
    const joined = { _tag: "Joined", key: "room", id: "a-1", user: "Ada", data: undefined, node: "a" } as const
    log.unsafeAppend([joined])
    log.unsafeAppend([joined])
    log.unsafeAppend([{ _tag: "Left", key: "room", id: "a-1", node: "a" }])
    yield* eventually(() => listener.received, ["Ada Joined", "Ada Left"])
    assert.isEmpty(yield* users(topic))
  })
)

it.scopedLive("a process that starts later has the positions and the history of those before it", () =>
  Effect.gen(function* () {
    const name = `late-${names++}`
    const first = yield* Scope.make()
    const ended = yield* Scope.extend(open(name, { ...options, history: { messages: 10 } }), first)
    const since = yield* ended.publish("room", "1")
    const last = yield* ended.publish("room", "2")
    yield* Scope.close(first, Exit.void)
    const topic = yield* open(name, { ...options, history: { messages: 10 } })
    const member = new FakeMember()
    const { position, recovery } = yield* topic.join("room", member, { since })
    assert.deepStrictEqual([position, recovery], [last, { _tag: "Recovered", messages: 1 }])
    assert.deepStrictEqual(member.received, ["2"])
    assert.deepStrictEqual(yield* topic.publish("room", "3"), { ...last, offset: 3 })
  })
)
