import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { createServer } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import { WebSocketServer } from "ws"
import * as LocalRun from "../../../src/Echo/Load/LocalRun.ts"
import * as Rows from "../../../src/Echo/Load/Rows.ts"
import * as WebSocketDialer from "../../../src/Echo/Load/WebSocketDialer.ts"
import * as ScenarioFile from "../../../src/Echo/Scenario/ScenarioFile.ts"
import { eventually } from "../../eventually.ts"
import { plan } from "../plan.ts"
import { VirtualClock } from "../VirtualClock.ts"
import * as WsServer from "../WsServer.ts"
import * as MemoryDialer from "./MemoryDialer.ts"

const folder = (files: Readonly<Record<string, string>>) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const path = mkdtempSync(join(tmpdir(), "echo-data-"))
      for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text)
      return path
    }),
    (path) => Effect.sync(() => rmSync(path, { recursive: true }))
  )

const scenario = `name: login
connect:
  subprotocols: ["user.{{users.name}}"]
  headers: {x-room: "{{room}}", x-key: "{{env.ECHO_TEST_KEY}}", x-session: "{{session}}"}
data:
  users: {file: users.csv}
variables:
  room: "{{$integer(1, 3)}}"
  session: none
steps:
  - send: {json: {type: login, name: "{{users.name}}", age: "{{users.age | number}}"}}
  - expect: {json: {type: welcome}, capture: {session: $.session.id, n: {pattern: '"n":(\\d+)'}}}
  - set: {greeting: "{{users.name}} of {{room}} in {{session}}"}
  - send: "{{greeting}}"
  - expect: {pattern: "^{{users.name}} of {{room}}", capture: {head: {bytes: [0, 2]}}}
  - send: {hex: "ff {{head}}"}
  - expect: {sent: true}
  - send: {bytes: 1KiB}
  - expect: {sent: true, capture: {byte: {bytes: [0, 1]}}}
  - send: {json: {n: "{{n | json}}", session: "{{session}}"}}
  - expect: {json: {n: "{{n | number}}", session: "s-{{users.name}}"}}
`

const users = 'name,age\nAnn,30\n"Ben ""B""",41\nZoë,22\n'

/** Answers a login with a session, and echoes all other messages. Records the first message of each connection. */
const loginServer = Effect.gen(function* () {
  const logins: Array<Readonly<Record<string, unknown>>> = []
  const http = createServer()
  const wss = new WebSocketServer({ server: http })
  wss.on("connection", (socket, request) => {
    socket.once("message", (data: Buffer) => {
      const login = JSON.parse(data.toString()) as { readonly name: string; readonly age: number }
      const { "x-key": key, "x-room": room, "x-session": session } = request.headers
      logins.push({ ...login, key, room, session, protocol: socket.protocol })
      socket.send(JSON.stringify({ type: "welcome", session: { id: `s-${login.name}` }, n: logins.length }))
      socket.on("message", (echoed: Buffer, isBinary) => socket.send(isBinary ? echoed : echoed.toString()))
    })
  })
  const { port } = yield* WsServer.listen(http)
  return { url: `ws://127.0.0.1:${port}/`, logins }
})

const withKey = Effect.withConfigProvider(ConfigProvider.fromMap(new Map([["ECHO_TEST_KEY", "secret"]])))

describe("data", () => {
  it.scopedLive("data comes from files, the environment and replies, and fills all templates", () =>
    Effect.gen(function* () {
      const path = yield* folder({ "s.yaml": scenario, "users.csv": users })
      const loaded = yield* withKey(ScenarioFile.load(join(path, "s.yaml")))
      const { logins, url } = yield* loginServer
      // A subprotocol can't contain quotes or non-ASCII letters, so only the first row is possible.
      const run = yield* LocalRun.make(plan(0, { ...loaded, urls: [url], clients: 1, ramp: { _tag: "Once" } }))
      const report = yield* run.report
      assert.deepStrictEqual(report.failures, [])
      assert.strictEqual(logins.length, 1)
      const { room, ...rest } = logins[0]!
      assert.deepStrictEqual(rest, {
        ...{ type: "login", name: "Ann", age: 30, key: "secret", session: "none", protocol: "user.Ann" }
      })
      assert.include(["1", "2", "3"], room)
    }).pipe(Effect.provide([WebSocketDialer.layer, NodeContext.layer]))
  )

  it.scopedLive(
    "data stays the same if a client comes back after a failure, and is new after a correct conversation",
    () =>
      Effect.gen(function* () {
        const seen: Array<string> = []
        const { url } = yield* WsServer.serve((peer) => {
          peer.send(`token ${seen.length}`)
          let heard = 0
          peer.onMessage = (message) => {
            seen.push(String(message))
            if (seen.length === 1) return peer.drop()
            // A reply other than the expected one may come before the end.
            if (++heard === 2) peer.send("ok")
          }
        })
        const steps = [
          { send: "{{id}} {{old}}" },
          { expect: { pattern: "^token", capture: { old: { pattern: "\\d+" } } } },
          { wait: 50 },
          { send: "{{id}}" },
          { expect: "ok" }
        ]
        const once = { ...plan(0).scenario, variables: { id: "{{$uuid}}", old: "none" }, steps }
        const load = { scenario: once, urls: [url], clients: 1, duration: 3_600_000, ramp: { _tag: "Once" } } as const
        const run = yield* LocalRun.make(plan(0, load))
        // The third conversation has begun.
        yield* Effect.promise(() => eventually(() => assert.isAtLeast(seen.length, 4)))
        yield* run.stop
        const report = yield* run.report
        assert.strictEqual(report.failed, 1)
        const [first = "", second = "", , third = ""] = seen
        assert.strictEqual(first.slice(37), "none")
        assert.deepStrictEqual([second.slice(0, 36), second.slice(37)], [first.slice(0, 36), "0"])
        assert.notStrictEqual(third.slice(0, 36), first.slice(0, 36))
        assert.strictEqual(third.slice(37), "none")
      }).pipe(Effect.provide(WebSocketDialer.layer))
  )

  it.scopedLive("data that is missing in a reply fails the conversation, and the failure says what was expected", () =>
    Effect.gen(function* () {
      const { url } = yield* WsServer.serve((peer) => peer.send('{"token": null}'))
      const steps = [{ expect: { any: true as const, capture: { id: "$.user.id" } } }]
      const load = { scenario: { ...plan(0).scenario, steps }, urls: [url] } as const
      const report = yield* Effect.flatMap(LocalRun.make(plan(0, load)), (run) => run.report)
      assert.strictEqual(report.failures[0]?.cause, "wrong reply")
      assert.include(report.failures[0]?.examples[0]?.detail, "nothing at $.user.id to capture as id")
    }).pipe(Effect.provide(WebSocketDialer.layer))
  )

  const refusals: ReadonlyArray<readonly [what: string, files: Readonly<Record<string, string>>, words: string]> = [
    [
      "a column that is not there",
      { "users.csv": "nom,age\nAnn,30\n" },
      's.yaml:3: connect.subprotocols[1]: "users" has no column "name"'
    ],
    ["a table without rows", { "users.csv": "name,age\n" }, "users.csv: the file has no rows"],
    ["a row too long", { "users.csv": "name,age\nAnn,30,3\n" }, "users.csv: Invalid Record Length"],
    [
      "a file that is not there",
      {},
      "s.yaml:6: data.users.file: users.csv: it cannot be read: there is no such file; check its path"
    ]
  ]
  it.scopedLive.each(refusals)("data refuses %s", ([, files, words]) =>
    Effect.gen(function* () {
      const path = yield* folder({ "s.yaml": scenario, ...files })
      const { message } = yield* Effect.flip(withKey(ScenarioFile.load(join(path, "s.yaml"))))
      assert.include(message, words)
    }).pipe(Effect.provide(NodeContext.layer))
  )

  it.scopedLive("data refuses what the environment does not have, with its line", () =>
    Effect.gen(function* () {
      const path = yield* folder({ "s.yaml": scenario, "users.csv": users })
      const { message } = yield* Effect.flip(ScenarioFile.load(join(path, "s.yaml")))
      assert.include(message, "s.yaml:4: connect.headers.x-key: the environment has no variable ECHO_TEST_KEY")
    }).pipe(Effect.provide(NodeContext.layer))
  )
})

describe("Rows", () => {
  it.prop(
    "Rows gives each partitioned row to one process only, and uses all rows",
    [FastCheck.integer({ min: 1, max: 40 }), FastCheck.integer({ min: 1, max: 5 })],
    ([count, of]) => {
      const rows = Array.from({ length: count }, (_, row) => [String(row)])
      const taken = Array.from({ length: of }, (_, index) => {
        const own = new Set<string>()
        const share = { index, of }
        const { give } = Rows.make(plan(0, { share, tables: { t: { columns: ["n"], rows, order: "partitioned" } } }))
        // A process with an empty share has no rows.
        if (index < count)
          for (let i = 0; i < 2 * count; i++)
            give(
              1,
              () => 0,
              (_, value) => own.add(value)
            )
        return own
      })
      const all = taken.flatMap((own) => [...own])
      assert.strictEqual(all.length, count)
      assert.strictEqual(new Set(all).size, count)
    }
  )

  it("Rows gives each row of a table whose rows are used once to one conversation, over all processes", () => {
    const tables = { t: { columns: ["n"], rows: [["a"], ["b"], ["c"]], order: "once" } } as const
    const got: Array<string> = []
    for (const index of [0, 1]) {
      const rows = Rows.make({ tables, share: { index, of: 2 } })
      const give = () =>
        rows.give(
          1,
          () => 0,
          (_, value) => got.push(value)
        )
      while (rows.reserve()) give()
      assert.throws(give, "no row of t is left")
    }
    assert.deepStrictEqual(got, ["a", "c", "b"])
    assert.match(Rows.tooFew({ tables, clients: 4 })?.message ?? "", /^3 rows, .* are too few for 4 clients/)
    assert.isUndefined(Rows.tooFew({ tables, clients: 3 }))
  })

  it.scopedLive("data whose rows are used once ends a run with a duration when no row is left", () =>
    Effect.gen(function* () {
      const users: Array<string> = []
      const scenario = Either.getOrThrow(
        ScenarioFile.parse("s.yaml", "data: {t: {file: t.csv, rows: once}}\nsteps: [{send: '{{t.n}}'}, {expect: ok}]")
      )
      const rows = Array.from({ length: 7 }, (_, n) => [`user ${n}`])
      const tables = { t: { columns: ["n"], rows, order: "once" } } as const
      const dialer = MemoryDialer.layer((peer) => {
        peer.onMessage = (message) => {
          users.push(String(message))
          // The first conversation of each row fails once. It is repeated with the same row.
          peer.send(users.filter((user) => user === String(message)).length === 1 ? "no" : "ok")
        }
      })
      const load = plan(0, { scenario, tables, clients: 2, ramp: { _tag: "Once" }, duration: 600_000 })
      const report = yield* Effect.flatMap(LocalRun.make(load), (run) => run.report).pipe(
        Effect.provide(dialer),
        new VirtualClock().run
      )
      assert.deepStrictEqual([report.completed, report.failed], [7, 7])
      assert.deepStrictEqual([...new Set(users)].toSorted(), rows.flat())
      assert.isBelow(report.elapsed, 600_000)
    })
  )

  it("Rows gives client 1 the first row, and begins again after the last", () => {
    const table = { columns: ["n"], rows: [["a"], ["b"]], order: "in-order" } as const
    const { give } = Rows.make(plan(0, { tables: { t: table } }))
    const got: Array<string> = []
    for (const client of [1, 2, 3])
      give(
        client,
        () => 0,
        (name, value) => got.push(`${name}=${value}`)
      )
    assert.deepStrictEqual(got, ["t.n=a", "t.n=b", "t.n=a"])
  })
})
