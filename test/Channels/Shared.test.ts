/** Channels of several processes over NATS JetStream: a node is killed, the engine loses its log. */
import { spawn } from "node:child_process"
import { assert, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import { WebSocket } from "ws"
import { bundled } from "../../scripts/bundled.ts"
import * as JetStreamLogs from "../../src/Log/JetStreamLogs.ts"
import { Logs } from "../../src/Log/Log.ts"
import { eventually } from "../eventually.ts"
import { freePort } from "../freePort.ts"
import * as NatsServer from "../Log/NatsServer.ts"
import { centrifuge, ready, type Server, served, until, watch } from "./rig.ts"

const logsAt = (url: string) =>
  Effect.map(
    Layer.build(
      Layer.fresh(JetStreamLogs.layer({ servers: [url], name: "test", log: { patience: 300 } })).pipe(
        Layer.provide(Logger.replace(Logger.defaultLogger, Logger.none))
      )
    ),
    (context) => Context.get(context, Logs)
  )

/** Another process with the same channels. */
const startNode = (port: number, nats: string, name: string) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const child = spawn(process.execPath, [bundled("test/Channels/nodeServer.ts"), String(port), nats, name], {
        stdio: "inherit"
      })
      await eventually(() => fetch(`http://127.0.0.1:${port}/`))
      return child
    }),
    (child) => Effect.sync(() => child.kill("SIGKILL"))
  )

/** A server of which each connection goes to the next url, and the last one from then on. */
const inTurn = (...urls: ReadonlyArray<string>): Pick<Server, "url" | "WebSocket"> => {
  let next = 0
  class Next extends WebSocket {
    constructor() {
      super(urls[Math.min(next++, urls.length - 1)]!)
    }
  }
  return { url: urls[0]!, WebSocket: Next as unknown as Server["WebSocket"] }
}

it.scopedLive("a client of a node that was killed recovers on another, and is present once", () =>
  Effect.gen(function* () {
    const nats = yield* NatsServer.scoped()
    const node = yield* served({}, { logs: yield* logsAt(nats.url), name: "killed" })
    const port = yield* Effect.promise(() => freePort("127.0.0.1"))
    const killed = yield* startNode(port, nats.url, "killed")
    const client = yield* centrifuge({ ...node, ...inTurn(`ws://127.0.0.1:${port}/connection/websocket`, node.url) })
    const lobby = watch(client, "room:lobby")
    yield* ready(lobby)
    const numbers = (count: number) => Array.from({ length: count }, (_, i) => i)
    for (let i = 0; i < 10; i++) yield* node.channels.publish("room:lobby", i)
    yield* until(() => assert.deepStrictEqual(lobby.data, numbers(10)))
    killed.kill("SIGKILL")
    for (let i = 10; i < 20; i++) yield* node.channels.publish("room:lobby", i)
    yield* until(() => assert.deepStrictEqual(lobby.data, numbers(20)))
    assert.deepStrictEqual(lobby.recoveries.at(-1), [true, true])
    yield* until(() => {
      const members = Effect.runSync(node.channels.presence("room:lobby"))
      assert.deepStrictEqual(
        members.map(({ user }) => user),
        ["ada"]
      )
    })
  })
)

it.scopedLive("clients of two nodes see the same, and the application reaches a user on any node", () =>
  Effect.gen(function* () {
    const nats = yield* NatsServer.scoped()
    const open = Effect.gen(function* () {
      return yield* served({}, { logs: yield* logsAt(nats.url), name: "two" })
    })
    const [a, b] = [yield* open, yield* open]
    const [ada, bob] = [yield* centrifuge(a), yield* centrifuge(b, { token: "user:bob" })]
    const [left, right] = [watch(ada, "room:lobby"), watch(bob, "room:lobby")]
    yield* Effect.all([ready(left), ready(right)])
    yield* until(() =>
      assert.sameMembers(
        Object.values(Effect.runSync(a.channels.presence("room:lobby"))).map(({ user }) => user),
        ["ada", "bob"]
      )
    )
    yield* Effect.promise(() => left.subscription.publish("of ada"))
    yield* Effect.promise(() => right.subscription.publish("of bob"))
    yield* until(() => assert.deepStrictEqual(left.data, ["of ada", "of bob"]))
    yield* until(() => assert.deepStrictEqual(right.data, left.data))
    yield* a.channels.send("bob", "over nodes")
    const got: Array<unknown> = []
    bob.on("message", ({ data }) => got.push(data))
    yield* a.channels.send("bob", "again")
    yield* until(() => assert.include(got, "again"))
    yield* b.channels.disconnect("ada")
    yield* until(() => assert.strictEqual(ada.state, "disconnected"))
  })
)

it.scopedLive("when the engine has lost its log, clients are told of the gap, and what is published then arrives", () =>
  Effect.gen(function* () {
    const nats = yield* NatsServer.scoped()
    const node = yield* served({}, { logs: yield* logsAt(nats.url), name: "lost" })
    const client = yield* centrifuge(node)
    const lobby = watch(client, "room:lobby")
    yield* ready(lobby)
    yield* node.channels.publish("room:lobby", "before")
    yield* until(() => assert.deepStrictEqual(lobby.data, ["before"]))
    yield* Effect.promise(async () => {
      await nats.kill()
      nats.wipe()
    })
    const failed = yield* Effect.flip(node.channels.publish("room:lobby", "while it is away"))
    assert.strictEqual(failed.reason, "Unconfirmed")
    const code = yield* Effect.promise(() => client.publish("room:lobby", 1).catch(({ code }) => code))
    assert.strictEqual(code, 100)
    yield* Effect.promise(() => nats.start())
    yield* until(() => assert.deepStrictEqual(lobby.recoveries[1], [true, false]))
    yield* Effect.promise(() => eventually(() => client.publish("room:lobby", "after")))
    yield* until(() => assert.include(lobby.data, "after"))
  })
)
