/** The protocol, word for word: results, errors, disconnects, pings and limits. In memory, with the test's clock. */
import { once } from "node:events"
import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as HashMap from "effect/HashMap"
import * as Logger from "effect/Logger"
import * as Metric from "effect/Metric"
import type * as Scope from "effect/Scope"
import * as TestClock from "effect/TestClock"
import { WebSocket } from "ws"
import * as Channel from "../../src/Channels/Channel.ts"
import { eventually } from "../eventually.ts"
import { options } from "./options.ts"
import { bare, type Given, inMemory, served } from "./rig.ts"

/** Lets everything happen that needs no time, in the turns of the event loop that it takes. */
const settle = Effect.promise(async () => {
  for (let turn = 0; turn < 30; turn++) await new Promise((resolve) => setImmediate(resolve))
})

const turn = Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))

const connect = { id: 1, connect: { token: "user:ada" } }
const connected = { id: 1, connect: { client: "client", version: "effect-c10k", ping: 25, pong: true } }
const ada = { user: "ada", client: "client" }

/** What a client gets for commands after it has connected, and how it is closed if it is. */
const answersTo = (
  commands: ReadonlyArray<unknown>,
  given: Given = {}
): Effect.Effect<ReadonlyArray<unknown>, never, Scope.Scope> =>
  Effect.gen(function* () {
    const client = yield* bare(yield* inMemory(given))
    client.send(connect, ...commands)
    yield* settle
    assert.deepStrictEqual(client.received[0], connected)
    return [...client.received.slice(1), ...(client.closed === undefined ? [] : [client.closed])]
  })

const error = (id: number, code: number, message: string) => ({ id, error: { code, message } })
const internal = (id: number) => ({ id, error: { code: 100, message: "internal server error", temporary: true } })

describe("the protocol of channels", () => {
  it.scoped("the protocol of channels answers each command with the result of the protocol", () =>
    Effect.gen(function* () {
      const answers = yield* answersTo([
        { id: 2, subscribe: { channel: "room:1" } },
        { id: 3, publish: { channel: "room:1", data: { text: "hi" } } },
        { id: 4, history: { channel: "room:1", limit: 10 } },
        { id: 5, history: { channel: "room:1" } },
        { id: 6, presence: { channel: "room:1" } },
        { id: 7, presence_stats: { channel: "room:1" } },
        { id: 8, rpc: { method: "echo", data: null } },
        { id: 9, ping: {} },
        { id: 10, unsubscribe: { channel: "room:1" } },
        { id: 11, unsubscribe: { channel: "room:1" } },
        { id: 12, subscribe: { channel: "news", token: null, data: null } }
      ])
      assert.deepStrictEqual(
        answers,
        [
          { id: 2, subscribe: { recoverable: true, positioned: true, epoch: "epoch", offset: 0 } },
          { push: { channel: "room:1", join: { info: ada } } },
          { push: { channel: "room:1", pub: { data: { text: "hi" }, info: ada, offset: 1, epoch: "epoch" } } },
          { id: 3, publish: {} },
          {
            id: 4,
            history: { publications: [{ data: { text: "hi" }, info: ada, offset: 1 }], epoch: "epoch", offset: 1 }
          },
          { id: 5, history: { publications: [], epoch: "epoch", offset: 1 } },
          { id: 6, presence: { presence: { client: ada } } },
          { id: 7, presence_stats: { num_clients: 1, num_users: 1 } },
          { id: 8, rpc: { data: null } },
          { id: 9, ping: {} },
          { id: 10, unsubscribe: {} },
          { id: 11, unsubscribe: {} },
          { id: 12, subscribe: {} }
        ].map((answer) => JSON.parse(JSON.stringify(answer).replace('"client":{"user"', `"${idOf(answers)}":{"user"`)))
      )
    })
  )

  it.scoped("the protocol of channels recovers with the position that the client named, and says when it can't", () =>
    Effect.gen(function* () {
      const server = yield* inMemory()
      for (const i of [1, 2, 3]) yield* server.channels.publish("short:1", i)
      const { epoch } = yield* server.channels.publish("short:1", 4)
      const client = yield* bare(server)
      const recover = (id: number, offset: number, more = {}) => [
        { id, subscribe: { channel: "short:1", recover: true, offset, epoch, ...more } },
        { id: id + 1, unsubscribe: { channel: "short:1" } }
      ]
      client.send(
        connect,
        ...[...recover(2, 2), ...recover(4, 1), ...recover(6, 4), ...recover(8, 9), ...recover(10, 4, { epoch: "x" })],
        ...[...recover(12, 3, { epoch: "" }), ...recover(14, 1, { flag: 2 })]
      )
      yield* settle
      const own = { recoverable: true, positioned: true, epoch: "epoch", was_recovering: true }
      const replies = client.received.filter(
        (reply) => JSON.stringify(reply).includes('subscribe":{"') || JSON.stringify(reply).includes("error")
      )
      assert.deepStrictEqual(replies, [
        {
          id: 2,
          subscribe: {
            ...own,
            offset: 2,
            recovered: true,
            publications: [
              { data: 3, offset: 3 },
              { data: 4, offset: 4 }
            ]
          }
        },
        { id: 4, subscribe: { ...own, offset: 4, recovered: false } },
        { id: 6, subscribe: { ...own, offset: 4, recovered: true } },
        { id: 8, subscribe: { ...own, offset: 4, recovered: false } },
        { id: 10, subscribe: { ...own, offset: 4, recovered: false } },
        { id: 12, subscribe: { ...own, offset: 3, recovered: true, publications: [{ data: 4, offset: 4 }] } },
        error(14, 112, "unrecoverable position")
      ])
    })
  )

  it.scoped(
    "the protocol of channels says that what it can't send at once is lost, for a client that would be closed would come back for it",
    () =>
      Effect.gen(function* () {
        const server = yield* inMemory({ maxQueued: 64 * 1024 })
        const text = "x".repeat(1000)
        const { epoch } = yield* server.channels.publish("room:1", text)
        for (let i = 1; i < 80; i++) yield* server.channels.publish("room:1", text)
        const client = yield* bare(server)
        const recover = (id: number, offset: number) => [
          { id, subscribe: { channel: "room:1", recover: true, offset, epoch } },
          { id: id + 1, history: { channel: "room:1", limit: -1 } },
          { id: id + 2, unsubscribe: { channel: "room:1" } }
        ]
        for (const commands of [[connect], recover(2, 0), recover(5, 40)]) {
          client.send(...commands)
          yield* settle
        }
        const replies = client.received as ReadonlyArray<{
          readonly subscribe?: { readonly recovered: boolean; readonly publications?: ReadonlyArray<unknown> }
          readonly history?: { readonly publications: ReadonlyArray<unknown>; readonly offset: number }
        }>
        assert.deepStrictEqual(
          replies.flatMap(({ subscribe }) =>
            subscribe === undefined ? [] : [[subscribe.recovered, subscribe.publications?.length]]
          ),
          [
            [false, undefined],
            [true, 40]
          ]
        )
        // A part of the history, and the position of its end.
        const parts = replies.flatMap(({ history }) => (history === undefined ? [] : [history]))
        for (const { offset, publications } of parts) {
          assert.isBelow(publications.length, 80)
          assert.strictEqual(offset, 80)
        }
        assert.isAbove(parts[0]!.publications.length, 40)
        assert.isUndefined(client.closed)
      })
  )

  it.scoped("the protocol of channels answers what it refuses with the error of the protocol, and goes on", () =>
    Effect.gen(function* () {
      const answers = yield* answersTo([
        { id: 2, subscribe: { channel: "news" } },
        { id: 3, subscribe: { channel: "news" } },
        { id: 3, subscribe: { channel: "nowhere" } },
        { id: 4, subscribe: { channel: "room:private-1" } },
        { id: 5, subscribe: { channel: `room:${"x".repeat(300)}` } },
        { id: 6, publish: { channel: "news", data: 1 } },
        { id: 7, presence: { channel: "news" } },
        { id: 8, history: { channel: "news" } },
        { id: 9, rpc: { method: "other" } },
        { id: 10, refresh: { token: "user:ada" } },
        { id: 11, sub_refresh: { channel: "news", token: "t" } },
        { id: 12, sub_refresh: { channel: "room:1", token: "t" } },
        { id: 13, publish: { channel: "room:1", data: "x".repeat(66_000) } },
        { id: 14, history: { channel: "room:1", since: { epoch: "x", offset: 0 }, limit: 1 } },
        { id: 15, rpc: { method: "echo", data: "still here" } },
        // Names that no log can keep: too long, or with half of a character.
        { id: 16, publish: { channel: `room:${"x".repeat(70_000)}`, data: 1 } },
        { id: 17, subscribe: { channel: "room:\ud800" } },
        { id: 18, publish: { channel: "room:\ud800", data: 1 } },
        { id: 19, subscribe: { channel: "short:1", tf: { key: "a", cmp: "eq", val: "b" } } },
        { id: 20, subscribe: { channel: "short:1", type: 4 } },
        { id: 21, subscribe: { channel: "short:1", tf: null, type: 0, delta: "fossil" } }
      ])
      assert.deepStrictEqual(answers, [
        { id: 2, subscribe: {} },
        error(3, 105, "already subscribed"),
        error(3, 102, "unknown channel"),
        error(4, 103, "permission denied"),
        error(5, 107, "bad request"),
        error(6, 103, "permission denied"),
        error(7, 108, "not available"),
        error(8, 108, "not available"),
        error(9, 104, "method not found"),
        error(10, 108, "not available"),
        error(11, 108, "not available"),
        error(12, 103, "permission denied"),
        error(13, 106, "limit exceeded"),
        error(14, 112, "unrecoverable position"),
        { id: 15, rpc: { data: "still here" } },
        error(16, 102, "unknown channel"),
        error(17, 102, "unknown channel"),
        error(18, 102, "unknown channel"),
        error(19, 108, "not available"),
        error(20, 108, "not available"),
        { id: 21, subscribe: { recoverable: true, positioned: true, epoch: "epoch", offset: 0 } }
      ])
    })
  )

  it.scoped("the protocol of channels answers a hook that dies with error 100, which is temporary, and goes on", () =>
    Effect.gen(function* () {
      const answers = yield* answersTo(
        [
          { id: 2, subscribe: { channel: "broken" } },
          { id: 3, publish: { channel: "broken", data: 1 } },
          { id: 4, rpc: { method: "broken" } },
          { id: 5, rpc: { method: "echo", data: 5 } },
          { id: 6, rpc: { method: "no JSON" } },
          { id: 7, rpc: { method: "interrupted" } },
          { id: 8, rpc: { method: "throws" } }
        ],
        {
          channels: [
            Channel.make("broken", {
              subscribe: () => Effect.dieMessage("subscribe"),
              publish: () => {
                throw new Error("publish")
              }
            })
          ],
          procedures: [
            ...(options.procedures ?? []),
            { method: "broken", call: () => Effect.dieMessage("procedure") },
            { method: "no JSON", call: () => Effect.succeed(1n) },
            { method: "interrupted", call: () => Effect.interrupt },
            {
              method: "throws",
              call: () => {
                throw new Error("procedure")
              }
            }
          ]
        }
      )
      assert.sameDeepMembers(
        [...answers],
        [internal(2), internal(3), internal(4), { id: 5, rpc: { data: 5 } }, internal(6), internal(7), internal(8)]
      )
    })
  )

  for (const [given, problem] of [
    [{ times: { ping: 0 } }, "times.ping is 0: expected whole seconds from 1 to 86400"],
    [{ times: { pong: 0.5 } }, "times.pong is 0.5: expected whole seconds from 1 to 86400"],
    [{ limits: { channels: Number.NaN } }, "limits.channels is NaN: expected 0 or more; Infinity is no limit"],
    [
      { limits: { rate: { perSecond: -1, burst: 1 } } },
      "limits.rate.perSecond is -1: expected 0 or more; Infinity is no limit"
    ],
    [{ channels: [Channel.make("a:*:*")] }, "the pattern a:*:* of a channel has more than one *: expected at most one"],
    [{ channels: [Channel.make("a"), Channel.make("a")] }, "two channels have the pattern a: expected one"],
    [
      { procedures: [...options.procedures!, ...options.procedures!] },
      "two procedures have the method echo: expected one"
    ]
  ] as const)
    it.scoped(`a server of channels does not start if ${problem}`, () =>
      Effect.gen(function* () {
        const exit = yield* Effect.exit(inMemory(given))
        assert.isTrue(Exit.isFailure(exit) && Cause.pretty(exit.cause).includes(problem))
      })
    )

  it.scoped("a client whose connect hook gives what can't be encoded is told, and is nobody", () =>
    Effect.gen(function* () {
      const server = yield* inMemory({
        connect: () => Effect.succeed({ user: "ada", data: 1n }),
        limits: { connections: 1 }
      })
      const clients = [yield* bare(server), yield* bare(server), yield* bare(server)]
      // The first one does not count as a connection of the user when the second comes.
      for (const client of clients) {
        client.send(connect)
        yield* settle
        assert.deepStrictEqual(client.received, [internal(1)])
      }
      for (const client of clients.slice(1)) {
        client.send("{}")
        yield* settle
        assert.strictEqual(client.closed, "3501 bad request")
      }
      // One that says no more has its answer, so it is not asked to come back.
      yield* TestClock.adjust("11 seconds")
      yield* settle
      assert.strictEqual(clients[0]!.closed, "3502 stale")
    })
  )

  it.scoped("a subscription whose hook gives data that can't be encoded is error 100, and is none", () =>
    Effect.gen(function* () {
      const server = yield* inMemory({
        channels: [Channel.make("room", { presence: true, subscribe: () => Effect.succeed({ data: 1n }) })]
      })
      const client = yield* bare(server)
      client.send(connect, { id: 2, subscribe: { channel: "room" } }, { id: 3, subscribe: { channel: "room" } })
      yield* settle
      yield* server.channels.publish("room", "for subscribers")
      yield* settle
      assert.deepStrictEqual(client.received, [connected, internal(2), internal(3)])
    })
  )

  it.scoped("a client whose info can't be encoded is not shown to others, is answered once, and is subscribed", () =>
    Effect.gen(function* () {
      const reports: Array<string> = []
      const logger = Logger.make(({ cause }) => void reports.push(Cause.pretty(cause)))
      const isOdd = ({ token }: { readonly token: string }) => token === "user:odd"
      const server = yield* inMemory(
        {
          connect: (request) => Effect.succeed({ user: "ada", info: isOdd(request) ? 1n : "even" }),
          channels: [Channel.make("room", { presence: true, publish: true })]
        },
        Logger.replace(Logger.defaultLogger, logger)
      )
      const [odd, even, other] = [yield* bare(server), yield* bare(server), yield* bare(server)]
      odd.send({ id: 1, connect: { token: "user:odd" } }, { id: 2, subscribe: { channel: "room" } })
      even.send(connect)
      other.send(connect, { id: 2, subscribe: { channel: "room" } })
      yield* settle
      odd.send({ id: 3, publish: { channel: "room", data: 1 } }, { id: 4, unsubscribe: { channel: "room" } })
      yield* settle
      // Of all connections of the user, one can't be shown.
      yield* server.channels.subscribe("ada", "room")
      yield* settle
      assert.deepStrictEqual(odd.received, [
        connected,
        { id: 2, subscribe: {} },
        internal(3),
        { id: 4, unsubscribe: {} },
        { push: { channel: "room", subscribe: {} } }
      ])
      assert.deepStrictEqual(even.received, [connected, { push: { channel: "room", subscribe: {} } }])
      const present = yield* server.channels.presence("room")
      assert.deepStrictEqual(
        present.map(({ conn_info }) => conn_info),
        ["even", "even"]
      )
      assert.strictEqual(reports.filter((report) => report.includes("BigInt")).length, 3)
    })
  )

  it.scoped("a command that dies after a hook that took time is error 100, and those after it are handled", () =>
    Effect.gen(function* () {
      const answers = yield* answersTo(
        [
          { id: 2, subscribe: { channel: "room" } },
          { id: 3, publish: { channel: "room", data: 1 } },
          { id: 4, ping: {} }
        ],
        {
          channels: [
            Channel.make("room", {
              publish: true,
              subscribe: () =>
                Effect.as(
                  Effect.promise(() => Promise.resolve()),
                  { info: 1n }
                )
            })
          ]
        }
      )
      assert.deepStrictEqual(answers, [{ id: 2, subscribe: {} }, internal(3), { id: 4, ping: {} }])
    })
  )

  it.scopedLive(
    "clients connect, subscribe and publish without fibers of their own, if their hooks are results already",
    () =>
      Effect.gen(function* () {
        const server = yield* served({
          channels: [
            Channel.make("room:*", { subscribe: () => Effect.succeed({}), publish: () => Effect.void }),
            Channel.make("closed", { subscribe: Channel.denied })
          ]
        })
        const clients = yield* Effect.all(Array.from({ length: 20 }, () => bare(server)))
        const fibers = () => Metric.fiberStarted.unsafeValue([]).count
        const before = fibers()
        yield* Effect.promise(async () => {
          for (const client of clients) {
            client.send(
              connect,
              { id: 2, subscribe: { channel: "closed" } },
              { id: 3, publish: { channel: "room:1", data: 1 } },
              { id: 4, rpc: { method: "echo", data: 1 } },
              { id: 5, subscribe: { channel: "room:1" } }
            )
            await eventually(() => assert.deepStrictEqual(client.received.at(-1), { id: 5, subscribe: {} }))
          }
        })
        // Those of the server itself, and of timers.
        assert.isBelow(fibers() - before, clients.length)
      })
  )

  for (const [what, frames, close] of [
    ["text that is no JSON", ["Hello"], "3501 bad request"],
    ["JSON that is no command", [[1]], "3501 bad request"],
    ["null", ["null"], "3501 bad request"],
    ["nothing", [""], "3501 bad request"],
    [
      "JSON of 50,000 levels",
      [connect, `{"id":2,"rpc":{"method":"echo","data":${"[".repeat(50_000)}${"]".repeat(50_000)}}}`],
      "3501 bad request"
    ],
    ["a command before connect", [{ id: 1, subscribe: { channel: "news" } }], "3501 bad request"],
    ["connect without an id", [{ connect: { token: "user:ada" } }], "3501 bad request"],
    ["connect twice", [connect, { ...connect, id: 2 }], "3501 bad request"],
    ["a command without its id", [connect, { subscribe: { channel: "news" } }], "3501 bad request"],
    ["an id that is no number", [connect, { id: "2", rpc: { method: "echo" } }], "3501 bad request"],
    ["an unknown method", [connect, { id: 2, dance: {} }], "3501 bad request"],
    ["no method", [connect, { id: 2 }], "3501 bad request"],
    ["a channel that is no text", [connect, { id: 2, subscribe: { channel: 5 } }], "3501 bad request"],
    ["no channel", [connect, { id: 2, subscribe: {} }], "3501 bad request"],
    ["no data to publish", [connect, { id: 2, publish: { channel: "room:1" } }], "3501 bad request"],
    [
      "an offset below 0",
      [connect, { id: 2, subscribe: { channel: "room:1", recover: true, offset: -1 } }],
      "3501 bad request"
    ],
    ["a pong for no ping", [connect, "{}"], "3501 bad request"],
    ["a message that nobody takes", [connect, { send: { data: 1 } }], "3508 not available"],
    ["a token that is none", [{ id: 1, connect: { token: "ada" } }], "3500 invalid token"],
    ["no token", [{ id: 1, connect: {} }], "3500 invalid token"]
  ] as const)
    it.scoped(`${what} ends the connection with ${close}, and no other`, () =>
      Effect.gen(function* () {
        const server = yield* inMemory()
        const [bad, other] = [yield* bare(server), yield* bare(server)]
        bad.send(...frames)
        yield* settle
        assert.strictEqual(bad.closed, close)
        other.send(connect, { id: 2, rpc: { method: "echo", data: 1 } })
        yield* settle
        assert.deepStrictEqual(other.received, [connected, { id: 2, rpc: { data: 1 } }])
      })
    )

  it.scoped("the protocol of channels does what comes before a line that is no command", () =>
    Effect.gen(function* () {
      const answers = yield* answersTo([{ id: 2, rpc: { method: "echo", data: 2 } }, "{", { id: 3, ping: {} }])
      assert.deepStrictEqual(answers, [{ id: 2, rpc: { data: 2 } }, "3501 bad request"])
    })
  )

  it.scoped("after an error for connect, the commands beside it are not done, and a further message ends it", () =>
    Effect.gen(function* () {
      const client = yield* bare(yield* inMemory())
      client.send({ id: 1, connect: { token: "expired" } }, { id: 2, subscribe: { channel: "news" } })
      yield* settle
      assert.deepStrictEqual([client.received, client.closed], [[error(1, 109, "token expired")], undefined])
      client.send({ id: 3, connect: { token: "user:ada" } })
      yield* settle
      assert.strictEqual(client.closed, "3501 bad request")
    })
  )

  it.scoped(
    "the protocol of channels pings every 25 s; who does not answer within 8 s is closed with 3012, and nobody else",
    () =>
      Effect.gen(function* () {
        const server = yield* inMemory()
        const [silent, answering] = [yield* bare(server), yield* bare(server)]
        for (const client of [silent, answering]) client.send(connect)
        yield* settle
        for (let round = 1; round <= 3; round++) {
          yield* TestClock.adjust("25 seconds")
          yield* settle
          assert.deepStrictEqual(answering.received, [connected, ...Array.from({ length: round }, () => ({}))])
          answering.send("{}")
          yield* settle
        }
        assert.strictEqual(silent.closed, "3012 no pong")
        assert.deepStrictEqual(silent.received, [connected, {}])
        assert.isUndefined(answering.closed)
      })
  )

  it.scoped("who does not connect within 10 s is closed with 3502", () =>
    Effect.gen(function* () {
      const client = yield* bare(yield* inMemory())
      yield* TestClock.adjust("9 seconds")
      yield* settle
      assert.isUndefined(client.closed)
      yield* TestClock.adjust("2 seconds")
      yield* settle
      assert.strictEqual(client.closed, "3502 stale")
    })
  )

  it.scoped(
    "who sent connect, but got no answer within 10 s from the hook, is closed with a code on which it comes back",
    () =>
      Effect.gen(function* () {
        const client = yield* bare(yield* inMemory({ connect: () => Effect.never }))
        client.send(connect)
        yield* settle
        yield* TestClock.adjust("11 seconds")
        yield* settle
        assert.strictEqual(client.closed, "3004 internal server error")
      })
  )

  it.scoped("an expired connection is closed with 3005, an expired subscription ends with 2501", () =>
    Effect.gen(function* () {
      const server = yield* inMemory({
        connect: () => Effect.succeed({ user: "ada", expiresAt: 60_000 }),
        channels: [
          Channel.make("brief", { subscribe: () => Effect.succeed({ expiresAt: 20_000, data: "until 20" }) }),
          Channel.make("renewed", {
            subscribe: () => Effect.succeed({ expiresAt: 20_000 }),
            refresh: ({ token }) => Effect.succeed({ expiresAt: Number(token) })
          })
        ]
      })
      const client = yield* bare(server)
      client.send(connect, { id: 2, subscribe: { channel: "brief" } }, { id: 3, subscribe: { channel: "renewed" } })
      yield* TestClock.adjust("15 seconds")
      client.send({ id: 4, sub_refresh: { channel: "renewed", token: "40000" } })
      yield* settle
      yield* TestClock.adjust("6 seconds")
      yield* settle
      assert.deepStrictEqual(client.received, [
        connected,
        { id: 2, subscribe: { data: "until 20" } },
        { id: 3, subscribe: { expires: true, ttl: 20 } },
        { id: 4, sub_refresh: { expires: true, ttl: 25 } },
        { push: { channel: "brief", unsubscribe: { code: 2501, reason: "expired" } } }
      ])
      yield* TestClock.adjust("4 seconds")
      yield* settle
      client.send("{}")
      yield* TestClock.adjust("16 seconds")
      yield* settle
      assert.deepStrictEqual(client.received.at(-1), {
        push: { channel: "renewed", unsubscribe: { code: 2501, reason: "expired" } }
      })
      yield* TestClock.adjust("9 seconds")
      yield* settle
      client.send("{}")
      yield* TestClock.adjust("15 seconds")
      yield* settle
      assert.strictEqual(client.closed, "3005 connection expired")
    })
  )

  it.scoped("a new subscription token without a time makes the subscription last", () =>
    Effect.gen(function* () {
      const server = yield* inMemory({
        channels: [
          Channel.make("renewed", {
            subscribe: () => Effect.succeed({ expiresAt: 20_000 }),
            refresh: () => Effect.void
          })
        ]
      })
      const client = yield* bare(server)
      client.send(connect, { id: 2, subscribe: { channel: "renewed" } })
      yield* settle
      client.send({ id: 3, sub_refresh: { channel: "renewed", token: "for ever" } })
      yield* settle
      yield* TestClock.adjust("22 seconds")
      yield* settle
      yield* server.channels.publish("renewed", "still here")
      yield* settle
      assert.deepStrictEqual(client.received.slice(2), [
        { id: 3, sub_refresh: {} },
        { push: { channel: "renewed", pub: { data: "still here" } } }
      ])
    })
  )

  it.scopedLive("who does not read is closed with 3008, and is not present any more before it reads that", () =>
    Effect.gen(function* () {
      const server = yield* served({
        channels: [Channel.make("room:*", { history: { messages: 1 }, presence: true })],
        maxQueued: 256 * 1024
      })
      const socket = new WebSocket(server.url)
      yield* Effect.addFinalizer(() => Effect.sync(() => socket.terminate()))
      const closed = new Promise<string>((resolve) => {
        socket.on("close", (code, reason) => resolve(`${code} ${reason}`))
      })
      yield* Effect.promise(() => once(socket, "open"))
      socket.send(`${JSON.stringify(connect)}\n${JSON.stringify({ id: 2, subscribe: { channel: "room:1" } })}`)
      const present = Effect.map(server.channels.presence("room:1"), ({ length }) => length)
      yield* Effect.repeat(Effect.zipRight(turn, present), { until: (count) => count === 1 })
      socket.pause()
      const text = "x".repeat(64 * 1024)
      // The kernel takes some megabytes, so this ends long before.
      for (let sent = 0; sent < 1000 && (yield* present) === 1; sent++) {
        yield* server.channels.publish("room:1", text)
        yield* turn
      }
      assert.strictEqual(yield* present, 0)
      socket.resume()
      assert.strictEqual(yield* Effect.promise(() => closed), "3008 slow")
    })
  )

  it.scoped("a client that leaves while it is sent to is not reported as a slow one", () =>
    Effect.gen(function* () {
      const reported: Array<string> = []
      const logger = Logger.make(({ annotations }) => {
        reported.push(...HashMap.keys(annotations))
      })
      const server = yield* inMemory({}, Logger.replace(Logger.defaultLogger, logger))
      for (let round = 0; round < 3; round++) {
        const client = yield* bare(server)
        client.send(connect, { id: 2, subscribe: { channel: "room:1" } }, { id: 3, rpc: { method: "other" } })
        yield* settle
        client.close()
        while ((yield* server.channels.presence("room:1")).length > 0) {
          yield* server.channels.publish("room:1", 1)
          yield* turn
        }
      }
      yield* TestClock.adjust("10 seconds")
      assert.deepStrictEqual(reported, ["104 method not found"])
    })
  )

  it.scoped(
    "the protocol of channels limits channels, the rate of commands, procedures and connections of a user",
    () =>
      Effect.gen(function* () {
        const server = yield* inMemory({
          limits: { channels: 2, rate: { perSecond: 1, burst: 5 }, procedures: 1, connections: 1 },
          procedures: [{ method: "never", call: () => Effect.never }]
        })
        const client = yield* bare(server)
        const subscribe = (id: number) => ({ id, subscribe: { channel: `short:${id}` } })
        client.send(
          connect,
          subscribe(2),
          subscribe(3),
          subscribe(4),
          ...[5, 6, 7].map((id) => ({ id, rpc: { method: "never" } }))
        )
        yield* settle
        const own = { recoverable: true, positioned: true, epoch: "epoch", offset: 0 }
        const many = { code: 111, message: "too many requests", temporary: true }
        assert.deepStrictEqual(client.received.slice(1), [
          { id: 2, subscribe: own },
          { id: 3, subscribe: own },
          error(4, 106, "limit exceeded"),
          { id: 6, error: many },
          { id: 7, error: many }
        ])
        const second = yield* bare(server)
        second.send(connect)
        yield* settle
        assert.strictEqual(second.closed, "3504 connection limit")
      })
  )

  it.scopedLive("10,000 subscriptions on one connection: the first 128 are made, the others are error 106", () =>
    Effect.gen(function* () {
      const answers = yield* answersTo(
        Array.from({ length: 10_000 }, (_, i) => ({ id: i + 2, subscribe: { channel: `short:${i}` } })),
        { limits: { rate: { perSecond: 20_000, burst: 20_000 } }, maxPayload: 4 * 1024 * 1024 }
      )
      assert.strictEqual(answers.length, 10_000)
      assert.strictEqual(answers.filter((answer) => JSON.stringify(answer).includes('"code":106')).length, 10_000 - 128)
    })
  )

  it.scopedLive("a message that is larger than the limit is closed with 1009", () =>
    Effect.gen(function* () {
      const server = yield* served()
      const client = yield* bare(server)
      client.send(connect, { id: 2, publish: { channel: "room:1", data: "x".repeat(300_000) } })
      yield* Effect.iterate(0, {
        while: () => client.closed === undefined,
        body: () => Effect.delay(Effect.succeed(0), 20)
      })
      assert.match(client.closed ?? "", /^1009/)
    })
  )
})

/** The id of the only client in presence, which is a key there. */
const idOf = (answers: ReadonlyArray<unknown>): string => {
  const [found] = answers.flatMap((answer) =>
    Object.keys((answer as { presence?: { presence: object } }).presence?.presence ?? {})
  )
  return found ?? ""
}
