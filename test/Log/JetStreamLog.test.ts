/** One log in JetStream, whose server answers wrongly once, as a server of a cluster may. */
import { assert, beforeEach, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { JetStreamLog } from "../../src/Log/JetStreamLog.ts"
import * as NatsConnection from "../../src/Log/NatsConnection.ts"
import { eventually } from "../eventually.ts"
import { need } from "../need.ts"
import * as NatsServer from "./NatsServer.ts"

beforeEach(() => need("nats-server"))

/** An object with some of its members changed. */
const changed = <A extends object>(object: A, members: Partial<A>): A =>
  Object.create(object, Object.getOwnPropertyDescriptors(members))

const start = { position: 0, through: 0, mark: "" }

/** A log with three entries. `change`: what is wrong with its server. */
const opened = Effect.fnUntraced(function* (change: (nats: NatsConnection.Nats) => Partial<NatsConnection.Nats>) {
  const server = yield* NatsServer.scoped()
  const nats = yield* NatsConnection.make({ servers: [server.url], name: "test" })
  const config = { name: "log", subjects: ["log"], max_bytes: 1e6 }
  const info = yield* Effect.promise(async () => {
    const made = await nats.manager.streams.add(config)
    for (const entry of ["a", "b", "c"]) await nats.client.publish("log", entry)
    return made
  })
  const settings = { name: "log", subject: "log", isKey: false, config, problemOf: () => undefined }
  return yield* Effect.acquireRelease(
    Effect.sync(
      () =>
        new JetStreamLog(
          changed(nats, change(nats)),
          info,
          settings,
          { stream: { name: "snapshots" }, subject: "snapshot" },
          () => {}
        )
    ),
    (log) => Effect.sync(() => log.close())
  )
})

/** A server that has lost the newest entries of a log as often as `times` says. */
const forgetful = (lies: { times: number }) =>
  opened(({ manager }) => ({
    // The connection may be to another server, which does not end.
    onReconnect: () => () => {},
    manager: changed(manager, {
      streams: changed(manager.streams, {
        info: async (name) => {
          const info = await manager.streams.info(name)
          return lies.times-- > 0 ? { ...info, state: { ...info.state, last_seq: 1 } } : info
        }
      })
    })
  }))

it.scopedLive("a log that seems to have gone back is asked for again, and has gone back if it says so twice", () =>
  Effect.gen(function* () {
    const lies = { times: 0 }
    const log = yield* forgetful(lies)
    const joins = (times: number) => {
      lies.times = times
      return Effect.promise(() => log.joins({ ...start, position: 3, through: 3 }))
    }
    assert.deepStrictEqual([yield* joins(0), yield* joins(1), yield* joins(2)], ["joins", "joins", "back"])
  })
)

it.scopedLive("a log that goes back behind a connection that stays is noticed when its end is asked for", () =>
  Effect.gen(function* () {
    const lies = { times: 0 }
    const log = yield* forgetful(lies)
    const said: Array<string> = []
    log.read(start, {
      entry: ({ bytes }) => void said.push(Buffer.from(bytes).toString()),
      broken: (why) => void said.push(why)
    })
    yield* Effect.promise(() => eventually(() => assert.deepStrictEqual(said, ["a", "b", "c"])))
    lies.times = Number.POSITIVE_INFINITY
    yield* Effect.promise(() => log.bounds())
    yield* Effect.promise(() => eventually(() => assert.deepStrictEqual(said, ["a", "b", "c", "back"])))
  })
)

it.scopedLive("a log whose consumer delivers nothing is read by another one", () =>
  Effect.gen(function* () {
    let consumers = 0
    const log = yield* opened(({ client }) => ({
      client: changed(client, {
        consumers: changed(client.consumers, {
          get: async (stream, options) => {
            const consumer = await client.consumers.get(stream, options)
            if (consumers++ > 0) return consumer
            return changed(consumer, { consume: (options) => consumer.consume({ ...options, callback: () => {} }) })
          }
        })
      })
    }))
    const read: Array<string> = []
    log.read(start, { entry: ({ bytes }) => void read.push(Buffer.from(bytes).toString()), broken: () => {} })
    yield* Effect.promise(() =>
      eventually(async () => {
        assert.deepStrictEqual(await log.bounds(), { first: 1, last: 3 })
        assert.deepStrictEqual(read, ["a", "b", "c"])
      })
    )
    assert.strictEqual(consumers, 2)
  })
)
