/** What users of npm's `centrifuge` do, unmodified, over sockets and in memory. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import { freePort } from "../freePort.ts"
import { stateLimit } from "../limits.ts"
import { centrifuge, cut, type Given, inMemory, ready, type Server, served, until, watch } from "./rig.ts"

const conforms = (title: string, open: (given?: Given) => Effect.Effect<Server, never, Scope.Scope>) =>
  describe(title, () => {
    it.scopedLive("connects, subscribes, publishes, and gets publications with who published", () =>
      Effect.gen(function* () {
        const server = yield* open()
        const [ada, bob] = [yield* centrifuge(server), yield* centrifuge(server, { token: "user:bob" })]
        const [lobby, other] = [watch(ada, "room:lobby"), watch(bob, "room:lobby")]
        yield* Effect.all([ready(lobby), ready(other)])
        const infos: Array<unknown> = []
        other.subscription.on("publication", ({ info, offset }) => infos.push([info?.user, info?.client, offset]))
        yield* Effect.promise(() => lobby.subscription.publish({ text: "hi" }))
        yield* Effect.promise(() => lobby.subscription.publish([1, null, "two"]))
        yield* until(() => assert.deepStrictEqual(other.data, [{ text: "hi" }, [1, null, "two"]]))
        yield* until(() => assert.deepStrictEqual(lobby.data, other.data))
        const client = (ada as unknown as { _client: string })._client
        assert.deepStrictEqual(infos, [
          ["ada", client, 1],
          ["ada", client, 2]
        ])
        // Not subscribed, but connected.
        yield* Effect.promise(() => bob.publish("room:lobby", "of bob"))
        yield* until(() => assert.deepStrictEqual(lobby.data[2], "of bob"))
      })
    )

    it.scopedLive("reads presence and history, and sees who joins and leaves", () =>
      Effect.gen(function* () {
        const server = yield* open()
        const [ada, bob] = [yield* centrifuge(server), yield* centrifuge(server, { token: "user:bob" })]
        const lobby = watch(ada, "room:lobby")
        yield* ready(lobby)
        const other = watch(bob, "room:lobby")
        yield* ready(other)
        yield* until(() => assert.deepStrictEqual(lobby.events, ["join ada", "join bob"]))
        const { clients } = yield* Effect.promise(() => lobby.subscription.presence())
        assert.sameMembers(
          Object.values(clients).map(({ user }) => user),
          ["ada", "bob"]
        )
        for (const [id, info] of Object.entries(clients)) assert.strictEqual(info.client, id)
        assert.deepStrictEqual(yield* Effect.promise(() => bob.presenceStats("room:lobby")), {
          numClients: 2,
          numUsers: 2
        })
        for (const text of ["a", "b", "c"]) yield* Effect.promise(() => bob.publish("room:lobby", text))
        const history = (options = {}) => Effect.promise(() => lobby.subscription.history(options))
        const dataOf = ({ publications }: { readonly publications: ReadonlyArray<{ readonly data: unknown }> }) =>
          publications.map(({ data }) => data)
        const all = yield* history({ limit: -1 })
        assert.deepStrictEqual([dataOf(all), all.offset], [["a", "b", "c"], 3])
        assert.deepStrictEqual(dataOf(yield* history()), [])
        assert.deepStrictEqual(dataOf(yield* history({ limit: 2, reverse: true })), ["c", "b"])
        assert.deepStrictEqual(dataOf(yield* history({ limit: 1, since: { epoch: all.epoch, offset: 1 } })), ["b"])
        const error = yield* Effect.promise(() =>
          lobby.subscription.history({ limit: 1, since: { epoch: "other", offset: 1 } }).catch((error) => error)
        )
        assert.strictEqual(error.code, 112)
        other.subscription.unsubscribe()
        yield* until(() => assert.deepStrictEqual(lobby.events, ["join ada", "join bob", "leave bob"]))
        bob.disconnect()
        lobby.subscription.unsubscribe()
        yield* until(() => assert.deepStrictEqual(lobby.events[3], "0 unsubscribe called"))
        yield* until(() => assert.deepStrictEqual(Effect.runSync(server.channels.presence("room:lobby")), []))
      })
    )

    it.scopedLive("calls procedures; refusals have the codes of the protocol", () =>
      Effect.gen(function* () {
        const client = yield* centrifuge(yield* open())
        client.connect()
        assert.deepStrictEqual(yield* Effect.promise(() => client.rpc("echo", { a: [1] })), { data: { a: [1] } })
        const codeOf = (promise: Promise<unknown>) =>
          Effect.promise(() =>
            promise.then(
              () => 0,
              ({ code }) => code
            )
          )
        assert.strictEqual(yield* codeOf(client.rpc("other", {})), 104)
        assert.strictEqual(yield* codeOf(client.publish("room:private-x", 1)), 103)
        assert.strictEqual(yield* codeOf(client.publish("nowhere", 1)), 102)
        assert.strictEqual(yield* codeOf(client.publish("news", 1)), 103)
        assert.strictEqual(yield* codeOf(client.presence("typed")), 103)
        assert.strictEqual(yield* codeOf(client.presence("short:1")), 108)
        assert.strictEqual(yield* codeOf(client.publish("room:x", "x".repeat(70_000))), 106)
        const typed = watch(client, "typed")
        yield* ready(typed)
        assert.strictEqual(yield* codeOf(client.publish("typed", { text: 5 })), 107)
        assert.strictEqual(yield* codeOf(client.publish("typed", { text: "5", more: 1 })), 0)
        yield* until(() => assert.deepStrictEqual(typed.data, [{ text: "5" }]))
        const refused = watch(client, "room:private-1")
        const unknown = watch(client, "nowhere")
        yield* until(() => assert.deepStrictEqual(refused.events, ["103 permission denied"]))
        yield* until(() => assert.deepStrictEqual(unknown.events, ["102 unknown channel"]))
        assert.strictEqual(client.state, "connected")
      })
    )

    it.scopedLive("does not come back with a bad token, and gets another one for an expired one", () =>
      Effect.gen(function* () {
        const server = yield* open()
        const bad = yield* centrifuge(server, { token: "bad" })
        const ends: Array<unknown> = []
        bad.on("disconnected", ({ code, reason }) => ends.push([code, reason]))
        bad.connect()
        yield* until(() => assert.deepStrictEqual(ends, [[3500, "invalid token"]]))
        const expired = yield* centrifuge(server, { token: "expired", getToken: async () => "user:ada" })
        expired.connect()
        yield* Effect.promise(() => expired.ready(stateLimit()))
      })
    )

    it.scopedLive("sends a new token before the old one expires, and stays connected", () =>
      Effect.gen(function* () {
        let refreshed = 0
        const server = yield* open({
          connect: ({ token }) => Effect.succeed({ user: token, expiresAt: Date.now() + 1000 }),
          refresh: (token) =>
            Effect.sync(() => {
              refreshed++
              return { user: token, expiresAt: Date.now() + 1000 }
            })
        })
        const client = yield* centrifuge(server, { token: "ada", getToken: async () => "ada" })
        client.connect()
        yield* until(() => assert.isAbove(refreshed, 1))
        assert.strictEqual(client.state, "connected")
      })
    )

    it.scopedLive(
      "is disconnected with 3005 when it has expired and nobody refreshes, and comes back with a new token",
      () =>
        Effect.gen(function* () {
          const tokens: Array<string> = []
          const server = yield* open({
            connect: ({ token }) => {
              tokens.push(token)
              // The second token is one that does not expire.
              return Effect.succeed({ user: "ada", ...(tokens.length === 1 ? { expiresAt: Date.now() + 1000 } : {}) })
            }
          })
          const client = yield* centrifuge(server, { token: "first", getToken: async () => "second" })
          const reasons: Array<unknown> = []
          client.on("connecting", ({ code, reason }) => reasons.push([code, reason]))
          client.connect()
          yield* until(() => assert.strictEqual(tokens.length, 2))
          yield* until(() => assert.strictEqual(client.state, "connected"))
          assert.deepStrictEqual(reasons.slice(1), [[3005, "connection expired"]])
        })
    )

    it.scopedLive("is subscribed by the server, when it connects and later, to its own channel too", () =>
      Effect.gen(function* () {
        const server = yield* open({
          connect: () => Effect.succeed({ user: "ada", channels: ["user:ada"], data: { hi: 1 } })
        })
        const client = yield* centrifuge(server)
        const got: Array<unknown> = []
        const events: Array<string> = []
        client.on("connected", ({ data }) => events.push(`connected ${JSON.stringify(data)}`))
        client.on("subscribed", ({ channel, recovered }) => events.push(`subscribed ${channel} ${recovered}`))
        client.on("unsubscribed", ({ channel }) => events.push(`unsubscribed ${channel}`))
        client.on("publication", ({ channel, data }) => got.push([channel, data]))
        client.on("message", ({ data }) => got.push(data))
        client.connect()
        yield* Effect.promise(() => client.ready(stateLimit()))
        const { channels } = server
        yield* channels.publish("user:ada", "direct")
        yield* channels.send("ada", { message: 1 })
        yield* channels.subscribe("ada", "news")
        yield* channels.publish("news", "old")
        yield* channels.unsubscribe("ada", "news")
        yield* channels.publish("news", "unseen")
        yield* until(() => assert.deepStrictEqual(got, [["user:ada", "direct"], { message: 1 }, ["news", "old"]]))
        cut(client)
        yield* channels.publish("user:ada", "missed")
        yield* until(() => assert.deepStrictEqual(got[3], ["user:ada", "missed"]))
        assert.deepStrictEqual(events, [
          'connected {"hi":1}',
          "subscribed user:ada false",
          "subscribed news false",
          "unsubscribed news",
          'connected {"hi":1}',
          "subscribed user:ada true"
        ])
        yield* channels.disconnect("ada")
        yield* until(() => assert.strictEqual(client.state, "disconnected"))
      })
    )

    it.scopedLive("recovers what it missed while it was cut off, in order and once", () =>
      Effect.gen(function* () {
        const server = yield* open()
        const client = yield* centrifuge(server)
        const lobby = watch(client, "room:lobby")
        yield* ready(lobby)
        const expected: Array<number> = []
        for (let i = 0; i < 60; i++) {
          expected.push(i)
          yield* server.channels.publish("room:lobby", i)
          if (i % 20 === 10) cut(client)
        }
        yield* until(() => assert.deepStrictEqual(lobby.data, expected))
        for (const [wasRecovering, recovered] of lobby.recoveries.slice(1)) assert.isTrue(wasRecovering && recovered)
        assert.isAbove(lobby.recoveries.length, 1)
      })
    )

    it.scopedLive("is told when what it missed is not kept any more", () =>
      Effect.gen(function* () {
        const server = yield* open()
        const client = yield* centrifuge(server, { minReconnectDelay: 500 })
        const short = watch(client, "short:1")
        yield* ready(short)
        yield* server.channels.publish("short:1", 0)
        yield* until(() => assert.deepStrictEqual(short.data, [0]))
        cut(client)
        for (const i of [1, 2, 3]) yield* server.channels.publish("short:1", i)
        yield* until(() => assert.deepStrictEqual(short.recoveries[1], [true, false]))
        yield* server.channels.publish("short:1", 4)
        yield* until(() => assert.deepStrictEqual(short.data.at(-1), 4))
        assert.notInclude(short.data, 1)
      })
    )

    it.scopedLive("sends and gets several commands and replies in one message", () =>
      Effect.gen(function* () {
        const client = yield* centrifuge(yield* open())
        client.connect()
        yield* Effect.promise(() => client.ready(stateLimit()))
        client.startBatching()
        const results = Promise.all(Array.from({ length: 50 }, (_, i) => client.rpc("echo", i)))
        const published = Promise.all(Array.from({ length: 50 }, (_, i) => client.publish("room:lobby", i)))
        client.stopBatching()
        assert.deepStrictEqual(
          (yield* Effect.promise(() => results)).map(({ data }) => data),
          Array.from({ length: 50 }, (_, i) => i)
        )
        yield* Effect.promise(() => published)
        const { publications } = yield* Effect.promise(() => client.history("room:lobby", { limit: 100 }))
        assert.deepStrictEqual(
          publications.map(({ data }) => data),
          Array.from({ length: 50 }, (_, i) => i)
        )
      })
    )
  })

conforms("npm's centrifuge over sockets", served)
conforms("npm's centrifuge in memory", inMemory)

describe("npm's centrifuge", () => {
  it.scopedLive(
    "npm's centrifuge comes back after a restart of the server, and is told that the memory of that is gone",
    () =>
      Effect.gen(function* () {
        const port = yield* Effect.promise(() => freePort("127.0.0.1"))
        const first = yield* Scope.make()
        const server = yield* Scope.extend(served({}, { port }), first)
        const client = yield* centrifuge(server)
        const reasons: Array<number> = []
        client.on("connecting", ({ code }) => reasons.push(code))
        const lobby = watch(client, "room:lobby")
        yield* ready(lobby)
        yield* server.channels.publish("room:lobby", "before")
        yield* until(() => assert.deepStrictEqual(lobby.data, ["before"]))
        yield* Scope.close(first, Exit.void)
        // The code of a server that shuts down: the client comes back.
        yield* until(() => assert.include(reasons, 3001))
        const again = yield* served({}, { port })
        yield* until(() =>
          assert.deepStrictEqual(lobby.recoveries, [
            [false, false],
            [true, false]
          ])
        )
        yield* again.channels.publish("room:lobby", "after")
        yield* until(() => assert.deepStrictEqual(lobby.data, ["before", "after"]))
      })
  )
})
