/** Logs with three copies in a cluster of three NATS servers, of which one at a time ends. */
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Schedule from "effect/Schedule"
import * as JetStreamLogs from "../../src/Log/JetStreamLogs.ts"
import { eventually } from "../eventually.ts"
import { freePort } from "../freePort.ts"
import { need } from "../need.ts"
import { settled } from "./conformance.ts"
import { openIn } from "./harm.ts"
import * as NatsServer from "./NatsServer.ts"

const cluster = Effect.gen(function* () {
  const ports = yield* Effect.promise(() => Promise.all([1, 2, 3].map(() => freePort("127.0.0.1"))))
  const routes = ports.map((port) => `nats://127.0.0.1:${port}`)
  return yield* Effect.forEach(routes, (route, index) =>
    NatsServer.scoped({
      args: ["-n", `n${index}`, "-cluster_name", "c", "-cluster", route, "-routes", routes.join(",")]
    })
  )
})

/** Waits until both streams have three copies with all entries. */
const caughtUp = (servers: ReadonlyArray<string>) =>
  Effect.promise(async () => {
    const { connect } = await import("@nats-io/transport-node")
    const { jetstreamManager } = await import("@nats-io/jetstream")
    const connection = await connect({ servers: [...servers] })
    try {
      await eventually(async () => {
        const { streams } = await jetstreamManager(connection)
        for (const name of ["test_log_game", "test_snapshots"]) {
          const { cluster } = await streams.info(name)
          assert.deepStrictEqual(
            cluster?.replicas?.map(({ current }) => current),
            [true, true],
            name
          )
        }
      })
    } finally {
      await connection.close()
    }
  })

it.scopedLive("a log with three copies loses nothing while each server of the cluster is killed in turn", () =>
  Effect.gen(function* () {
    need("nats-server")
    const servers = yield* cluster
    const urls = servers.map(({ url }) => url)
    const node = (name: string) =>
      Layer.fresh(JetStreamLogs.layer({ servers: urls, name, prefix: "test", replicas: 3 })).pipe(
        Layer.provide(Logger.replace(Logger.defaultLogger, Logger.none)),
        // The cluster has no leader at first.
        Layer.retry(Schedule.spaced("100 millis"))
      )
    const [a, b] = [yield* openIn(node("a"), "game", true), yield* openIn(node("b"), "game", true)]
    let count = 0
    const write = () => {
      for (const [who, { log }] of Object.entries({ a, b })) log.unsafeAppend({ who, n: count })
      count++
    }
    for (const server of servers) {
      // Some entries are under way when the server ends, and some come while the others choose a leader.
      for (let n = 0; n < 50; n++) write()
      yield* Effect.promise(() => server.kill())
      for (let n = 0; n < 50; n++) write()
      yield* settled([a, b], 2 * count)
      yield* Effect.promise(() => server.start())
      // With this server's copy there are three again, before the next one ends.
      yield* caughtUp(urls)
    }
    assert.deepStrictEqual(b.read, a.read)
    for (const who of ["a", "b"])
      assert.deepStrictEqual(
        a.read.filter((line) => line.startsWith(who)),
        Array.from({ length: count }, (_, n) => `${who}${n}`)
      )
  })
)
