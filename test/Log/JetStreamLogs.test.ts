import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, assert, beforeEach, describe, it } from "@effect/vitest"
import type { JetStreamManager } from "@nats-io/jetstream"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Scope from "effect/Scope"
import * as JetStreamLogs from "../../src/Log/JetStreamLogs.ts"
import { current, Logs } from "../../src/Log/Log.ts"
import { defaults, type SharedLogOptions } from "../../src/Log/SharedLogOptions.ts"
import * as FaultyNetwork from "../Chaos/FaultyNetwork.ts"
import { eventually } from "../eventually.ts"
import { need } from "../need.ts"
import { codec, conforms, type Line, open, settled } from "./conformance.ts"
import { type Harm, openIn, survives, until } from "./harm.ts"
import * as NatsServer from "./NatsServer.ts"

const layerOf = (url: string, prefix = "test", log: Partial<SharedLogOptions> = {}) =>
  Layer.fresh(
    JetStreamLogs.layer({
      servers: [url],
      name: "test",
      prefix,
      log: { snapshotEvery: 2000, patience: 300, ...log }
    })
  ).pipe(Layer.provide(Logger.replace(Logger.defaultLogger, Logger.none)))

/** Milliseconds. */
const SHORT_PATIENCE = 50

// One server for the suite.
const scope = await Effect.runPromise(Scope.make())
const server = await Effect.runPromise(Scope.extend(NatsServer.scoped(), scope))
beforeEach(() => need("nats-server"))
afterAll(() => Effect.runPromise(Scope.close(scope, Exit.void)))

/** Two processes on a server of their own, the second behind a network that can be cut. */
const harm = Effect.gen(function* () {
  const nats = yield* NatsServer.scoped()
  const { network, port } = yield* FaultyNetwork.scoped(nats.port)
  network.isOpen = true
  const { connect } = yield* Effect.promise(() => import("@nats-io/transport-node"))
  const { jetstreamManager } = yield* Effect.promise(() => import("@nats-io/jetstream"))
  const manage = <A>(use: (manager: JetStreamManager) => Promise<A>) =>
    Effect.promise(async () => {
      const connection = await connect({ servers: nats.url })
      try {
        await use(await jetstreamManager(connection))
      } finally {
        await connection.close()
      }
    })
  const folderOf = (name: string) => join(nats.folder, "jetstream", "$G", "streams", `test_log_${name}`)
  const copy = `${nats.folder}-copy`
  yield* Effect.addFinalizer(() => Effect.sync(() => rmSync(copy, { recursive: true, force: true })))
  return {
    layers: [layerOf(nats.url), layerOf(`nats://127.0.0.1:${port}`)],
    cut: Effect.sync(() => {
      network.isOpen = false
      network.cut(() => true)
    }),
    mend: Effect.sync(() => {
      network.isOpen = true
    }),
    truncate: (name, rest) => manage((manager) => manager.streams.purge(`test_log_${name}`, { keep: rest })),
    loseOne: (name, after) =>
      manage(async ({ streams }) => {
        const { state } = await streams.info(`test_log_${name}`)
        await streams.deleteMessage(`test_log_${name}`, state.last_seq - after)
      }),
    dropSnapshots: (name) =>
      manage((manager) => manager.streams.purge("test_snapshots", { filter: `test.snapshot.${name}.>` })),
    remember: (name) =>
      Effect.promise(async () => {
        // Only a server that ends by itself remembers which entries of a file it has dropped.
        await nats.kill("SIGTERM")
        cpSync(folderOf(name), copy, { recursive: true })
        await nats.start()
      }),
    goBack: (name) =>
      Effect.promise(async () => {
        await nats.kill()
        rmSync(folderOf(name), { recursive: true })
        cpSync(copy, folderOf(name), { recursive: true })
        await nats.start()
      }),
    refuse: (isRefusing) => Effect.sync(() => (isRefusing ? nats.fillDisk() : nats.freeDisk())),
    refuseSnapshots: (isRefusing) =>
      manage((manager) => manager.streams.update("test_snapshots", { max_msg_size: isRefusing ? 1 : -1 })),
    snapshotPatience: defaults.snapshotPatience
  } satisfies Harm
})
survives("logs in a JetStream that drops, loses and refuses", harm)

conforms("logs in JetStream", layerOf(server.url), { keeps: true })

/** What changes the streams of a server behind the logs' back. */
const managerOf = Effect.fn(function* (servers: string) {
  const { connect } = yield* Effect.promise(() => import("@nats-io/transport-node"))
  const { jetstreamManager } = yield* Effect.promise(() => import("@nats-io/jetstream"))
  const connection = yield* Effect.acquireRelease(
    Effect.promise(() => connect({ servers })),
    (connection) => Effect.promise(() => connection.close())
  )
  return yield* Effect.promise(() => jetstreamManager(connection))
})

it.live("a log keeps as many bytes as configured, even one that exists already", () =>
  Effect.gen(function* () {
    const { streams } = yield* managerOf(server.url)
    const kept = (keep: number) =>
      Effect.scoped(open("kept")).pipe(
        Effect.provide(JetStreamLogs.layer({ servers: [server.url], name: "test", prefix: "keeping", keep })),
        Effect.zipRight(Effect.promise(() => streams.info("keeping_log_kept"))),
        Effect.map(({ config }) => config.max_bytes)
      )
    assert.strictEqual(yield* kept(100_000), 100_000)
    assert.strictEqual(yield* kept(300_000), 300_000)
  }).pipe(Effect.scoped)
)

it.live("a scan of a log whose entries are lost meanwhile fails, and does not wait for them", () =>
  Effect.gen(function* () {
    const { streams } = yield* managerOf(server.url)
    const { log, read } = yield* open("scanned")
    for (let n = 0; n < 3000; n++) log.unsafeAppend({ who: "a", n })
    yield* settled([{ log, read, positions: [], restored: [], forgotten: [] }], 3000)
    let purged: Promise<unknown> | undefined
    const logs = yield* Logs
    const error = yield* Effect.flip(
      logs.scan("scanned", codec, 0, () => {
        purged ??= streams.purge("test_log_scanned")
        return true
      })
    )
    assert.match(error.message, /the log scanned lost entries while they were read/)
    yield* Effect.promise(() => purged ?? Promise.resolve())
  }).pipe(Effect.scoped, Effect.provide(layerOf(server.url)))
)

it.live("a scan of a log goes on after its process has stood still", () =>
  Effect.gen(function* () {
    const { log, read } = yield* open("still")
    // So long that not all of them come at once.
    for (let n = 0; n < 300; n++) log.unsafeAppend({ who: "a".repeat(5000), n })
    yield* settled([{ log, read, positions: [], restored: [], forgotten: [] }], 300)
    const logs = yield* Logs
    let scanned = 0
    yield* logs.scan("still", codec, 0, () => {
      if (scanned++ === 0)
        setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20 * SHORT_PATIENCE))
      return true
    })
    assert.strictEqual(scanned, 300)
  }).pipe(Effect.scoped, Effect.provide(layerOf(server.url, "still", { patience: SHORT_PATIENCE })))
)

describe("an engine that is killed", () => {
  it.live("an engine that is killed loses nothing, is restarted, and the readers go on", () =>
    Effect.gen(function* () {
      const nats = yield* NatsServer.scoped()
      yield* Effect.gen(function* () {
        const [a, b] = [yield* open("killed"), yield* open("killed")]
        for (let n = 0; n < 100; n++) a.log.unsafeAppend({ who: "a", n })
        yield* settled([a, b], 100)
        yield* Effect.promise(() => nats.kill())
        for (let n = 100; n < 200; n++) a.log.unsafeAppend({ who: "a", n })
        yield* Effect.promise(() => nats.start())
        yield* settled([a, b], 200)
        assert.deepStrictEqual(a.read, b.read)
        assert.lengthOf(new Set(a.read), 200)
      }).pipe(Effect.provide(layerOf(nats.url)))
    }).pipe(Effect.scoped)
  )

  it.live(
    "an engine that is killed loses the log with its storage, which readers learn, and then the next entries come",
    () =>
      Effect.gen(function* () {
        const nats = yield* NatsServer.scoped()
        yield* Effect.gen(function* () {
          const logs = yield* Logs
          const read: Array<number> = []
          let forgotten = 0
          const log = yield* logs.open<Line>("wiped", {
            codec,
            reader: {
              entry: ({ n }) => void read.push(n),
              forgotten: () => forgotten++,
              snapshot: () => Buffer.from("a state")
            }
          })
          for (let n = 0; n < 10; n++) log.unsafeAppend({ who: "a", n })
          while (read.length < 10) yield* Effect.sleep(5)
          yield* Effect.promise(() => nats.kill())
          nats.wipe()
          yield* Effect.promise(() => nats.start())
          while (forgotten === 0) yield* Effect.sleep(20)
          log.unsafeAppend({ who: "a", n: 77 })
          yield* current(log)
          while (log.unsafeHealth().pending > 0) yield* Effect.sleep(10)
          assert.deepStrictEqual([read.at(-1), forgotten, log.unsafePosition()], [77, 1, 1])
          // Snapshots have lost their stream too, and are saved again.
          for (let n = 0; n < 100; n++) log.unsafeAppend({ who: "a", n })
          let restored = ""
          while (restored === "") {
            yield* Effect.sleep(20)
            const restore = (state: Uint8Array) => {
              restored = Buffer.from(state).toString()
            }
            yield* Effect.scoped(logs.open<Line>("wiped", { codec, reader: { entry: () => {}, restore } }))
          }
          assert.strictEqual(restored, "a state")
        }).pipe(Effect.provide(layerOf(nats.url)))
      }).pipe(Effect.scoped)
  )
})

/** Ask for the end of a log only if somebody waits for it. */
const notPolling = { poll: 3_600_000 }

it.scopedLive("a reader of a key whose consumer the engine has lost does not miss what is no longer kept", () =>
  Effect.gen(function* () {
    const nats = yield* NatsServer.scoped()
    const { consumers, streams } = yield* managerOf(nats.url)
    const a = yield* openIn(layerOf(nats.url), "gone", true, "key")
    const b = yield* openIn(layerOf(nats.url, "test", notPolling), "gone", true, "key")
    const both = yield* Effect.promise(() =>
      eventually(async () => {
        const both = await consumers.list("test_log_gone").next()
        assert.lengthOf(both, 2)
        return both
      })
    )
    yield* Effect.promise(() => Promise.all(both.map(({ name }) => consumers.delete("test_log_gone", name))))
    for (let n = 0; n < 30; n++) a.log.unsafeAppend({ who: "a", n })
    yield* settled([a], 30)
    yield* Effect.promise(() => streams.purge("test_log_gone", { keep: 3 }))
    // The client notices it after some heartbeats, and creates another consumer.
    yield* settled([b], 30)
    assert.deepStrictEqual(b.read, a.read)
  })
)

it.scopedLive("a log that goes back is noticed when the engine is back, before anybody asks for its end", () =>
  Effect.gen(function* () {
    const nats = yield* NatsServer.scoped()
    const a = yield* openIn(layerOf(nats.url, "test", notPolling), "back", true)
    for (let n = 0; n < 5; n++) a.log.unsafeAppend({ who: "a", n })
    yield* settled([a], 5)
    yield* Effect.promise(() => nats.kill())
    const goBack = yield* Effect.promise(() => nats.copyOf("test_log_back"))
    yield* Effect.promise(() => nats.start())
    for (let n = 5; n < 10; n++) a.log.unsafeAppend({ who: "a", n })
    yield* settled([a], 10)
    yield* Effect.promise(() => nats.kill().then(goBack))
    yield* Effect.promise(() => nats.start())
    yield* until("it begins again", () => a.forgotten.length > 0)
  })
)

describe("an engine whose disk is full", () => {
  it.live(
    "an engine whose disk is full takes no entries, which health reports, and loses none when there is room again",
    () =>
      Effect.gen(function* () {
        const nats = yield* NatsServer.scoped()
        yield* Effect.gen(function* () {
          const [a, b] = [yield* open("full"), yield* open("full")]
          for (let n = 0; n < 100; n++) a.log.unsafeAppend({ who: "a", n })
          yield* settled([a, b], 100)
          nats.fillDisk()
          for (let n = 100; n < 200; n++) a.log.unsafeAppend({ who: "a", n })
          while (a.log.unsafeHealth().behind < 1000) yield* Effect.sleep(20)
          assert.deepStrictEqual([a.log.unsafeHealth().pending, b.log.unsafeHealth().behind], [100, 0])
          nats.freeDisk()
          yield* settled([a, b], 200)
          assert.deepStrictEqual(a.read, b.read)
          assert.lengthOf(new Set(a.read), 200)
          while (a.log.unsafeHealth().behind > 0) yield* Effect.sleep(20)
        }).pipe(Effect.provide(layerOf(nats.url)))
      }).pipe(Effect.scoped)
  )
})

it.scopedLive(
  "a log that another process has removed is not made anew at once by one that may have no use for it",
  () =>
    Effect.gen(function* () {
      const nats = yield* NatsServer.scoped()
      yield* Effect.gen(function* () {
        const { names, remove } = yield* Logs
        yield* Effect.scoped(
          Effect.gen(function* () {
            const { log } = yield* open("ended")
            yield* remove("ended")
            log.unsafeWhenCurrent(() => {})
            // It has asked for the end of the log, and there is none.
            while (log.unsafeHealth().behind === 0) yield* Effect.sleep(10)
            assert.notInclude(yield* names, "ended")
          })
        )
        const kept = yield* open("kept")
        yield* remove("kept")
        kept.log.unsafeAppend({ who: "a", n: 1 })
        while (!kept.read.includes("a1")) {
          yield* Effect.sleep(50)
          // The first one may have been dropped with the log.
          if (kept.log.unsafeHealth().pending === 0) kept.log.unsafeAppend({ who: "a", n: 1 })
        }
        assert.deepStrictEqual(yield* names, ["kept"])
      }).pipe(Effect.provide(layerOf(nats.url)))
    })
)

it.scopedLive(
  "a log that is replaced by one of another version is neither read nor written, until it is ours again",
  () =>
    Effect.gen(function* () {
      const nats = yield* NatsServer.scoped()
      const { streams } = yield* managerOf(nats.url)
      const lines: Array<string> = []
      const logger = Logger.make(({ message }) => void lines.push(String(message)))
      const layer = JetStreamLogs.layer({
        servers: [nats.url],
        name: "test",
        prefix: "test",
        log: { patience: 100 }
      }).pipe(Layer.provide(Logger.replace(Logger.defaultLogger, logger)))
      yield* Effect.gen(function* () {
        const opened = yield* open("replaced")
        opened.log.unsafeAppend({ who: "a", n: 1 })
        yield* settled([opened], 1)
        const metadata = { "effect-c10k-version": "3" }
        const theirs = { name: "test_log_replaced", subjects: ["test.log.replaced"], metadata }
        yield* Effect.promise(async () => {
          await streams.delete(theirs.name)
          await streams.add(theirs)
        })
        opened.log.unsafeWhenCurrent(() => {})
        while (opened.log.unsafeHealth().connected) yield* Effect.sleep(10)
        opened.log.unsafeAppend({ who: "a", n: 2 })
        while (opened.log.unsafeHealth().behind < 500) yield* Effect.sleep(10)
        assert.deepStrictEqual([opened.read, opened.forgotten], [["a1"], []])
        assert.strictEqual((yield* Effect.promise(() => streams.info(theirs.name))).state.messages, 0)
        while (lines.length === 0) yield* Effect.sleep(10)
        assert.deepStrictEqual(lines, [
          "log test_log_replaced: it is of version 3, expected version 2: remove it, or choose another --nats-prefix"
        ])
        yield* Effect.promise(() => streams.delete(theirs.name))
        while (opened.forgotten.length === 0) yield* Effect.sleep(10)
        opened.log.unsafeAppend({ who: "a", n: 3 })
        yield* settled([opened], 1)
        assert.deepStrictEqual(opened.read, ["a3"])
      }).pipe(Effect.provide(layer))
    })
)

it.scopedLive("a log whose removal the engine refuses is not taken for removed", () =>
  Effect.gen(function* () {
    const folder = mkdtempSync(join(tmpdir(), "c10k-refusing-"))
    yield* Effect.addFinalizer(() => Effect.sync(() => rmSync(folder, { recursive: true })))
    const config = join(folder, "nats.conf")
    const denied = `publish = { deny = "$JS.API.STREAM.DELETE.>" }`
    writeFileSync(config, `no_auth_user = any, authorization { users = [{ user: any, permissions: { ${denied} } }] }`)
    const nats = yield* NatsServer.scoped({ args: ["-c", config] })
    yield* Effect.gen(function* () {
      const { remove } = yield* Logs
      yield* Effect.scoped(open("kept"))
      const error = yield* Effect.flip(remove("kept"))
      assert.match(error.message, /permission/i)
    }).pipe(Effect.provide(layerOf(nats.url)))
  })
)

describe("an engine that can't be used is reported in one line", () => {
  const problemOf = (url: string, more: object = {}) =>
    Effect.flip(Effect.scoped(Layer.build(JetStreamLogs.layer({ servers: [url], name: "test", ...more })))).pipe(
      Effect.map(({ message, reason }) => ({ reason, message }))
    )

  it.live("if nothing listens there", () =>
    Effect.gen(function* () {
      const { message, reason } = yield* problemOf("nats://127.0.0.1:1")
      assert.strictEqual(reason, "Unreachable")
      assert.match(message, /^NATS at nats:\/\/127\.0\.0\.1:1 does not answer .*nats-server/)
    })
  )

  it.scopedLive("an engine that can't be used is reported in one line without JetStream", () =>
    Effect.gen(function* () {
      const nats = yield* NatsServer.scoped({ jetstream: false })
      assert.deepStrictEqual(yield* problemOf(nats.url), {
        reason: "Unable",
        message: `NATS at ${nats.url} keeps no logs: start it with JetStream (nats-server --jetstream)`
      })
    })
  )

  it.scopedLive("an engine that can't be used is reported in one line with other credentials", () =>
    Effect.gen(function* () {
      const nats = yield* NatsServer.scoped({ args: ["--auth", "secret"] })
      const { message, reason } = yield* problemOf(nats.url)
      assert.strictEqual(reason, "Refused")
      assert.include(message, "--nats-creds")
      yield* Effect.provide(Effect.void, JetStreamLogs.layer({ servers: [nats.url], name: "test", token: "secret" }))
    })
  )

  it.scopedLive("an engine that can't be used is reported in one line with a stream of another version", () =>
    Effect.gen(function* () {
      const nats = yield* NatsServer.scoped()
      const { streams } = yield* managerOf(nats.url)
      yield* Effect.promise(() =>
        streams.add({
          name: "test_log_old",
          subjects: ["test.log.old"],
          metadata: { "effect-c10k-version": "0" }
        })
      )
      const error = yield* Effect.flip(Effect.provide(open("old"), layerOf(nats.url)))
      assert.strictEqual(error.reason, "OtherVersion")
      assert.match(error.message, /the stream test_log_old is of version 0, expected version 2: remove it, or/)
    })
  )
})
