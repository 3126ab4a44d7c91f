/** Games with names, under `/games/NAME/`. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Schedule from "effect/Schedule"
import * as JetStreamLogs from "../../src/Log/JetStreamLogs.ts"
import * as NatsServer from "../Log/NatsServer.ts"
import { wsClient } from "../WebSocket/Rig.ts"
import { closeOf, next, reset, serveRelay, subscribe, until, watcher, worker } from "./Game/RelayRig.ts"
import { frame } from "./RawPeer.ts"
import { open } from "./ServerRig.ts"

/** A running game of one cell, which has sent its first state. */
const lonely = Effect.fnUntraced(function* (port: number, base: string) {
  yield* reset(port, "1", base)
  const client = yield* worker(port, base)
  yield* subscribe(client, ["0 0"])
  assert.strictEqual(yield* next(client), "run")
  client.socket.send("0 0 0 1")
  assert.strictEqual(yield* next(client), "0 0 0 1")
  return client
})

const get = (port: number, path: string, headers: Record<string, string> = {}) =>
  Effect.promise(async () => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers })
    return { status: response.status, text: await response.text() }
  })

const resetAs = (port: number, token: string, name: string, size = "1") =>
  Effect.gen(function* () {
    const client = yield* wsClient(port, `/games/${name}/reset/?token=${token}`)
    client.socket.send(size)
    return yield* closeOf(client)
  })

interface Listed {
  readonly games: ReadonlyArray<{ readonly name: string; readonly workers?: number; readonly step?: number }>
}

const list = (port: number) =>
  Effect.map(get(port, "/games.json"), ({ text }): Listed["games"] => (JSON.parse(text) as Listed).games)

const node = (url: string, name: string, settings = {}, log = {}) =>
  serveRelay({ node: name, ...settings }, JetStreamLogs.layer({ servers: [url], name, ...log }))

const temporary = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "c10k-games-"))),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
)

describe("games", () => {
  it.scopedLive("games are created by their first reset, and are separate", () =>
    Effect.gen(function* () {
      const { port } = yield* serveRelay()
      const [a, b, plain] = [
        yield* lonely(port, "/games/a/"),
        yield* lonely(port, "/games/b/"),
        yield* lonely(port, "/")
      ]
      const watching = yield* watcher(port, "/games/a/")
      b.socket.send("1 0 0 0")
      plain.socket.send("1 0 0 0")
      assert.deepStrictEqual([yield* next(b), yield* next(plain)], ["1 0 0 0", "1 0 0 0"])
      a.socket.send("1 0 0 1")
      assert.strictEqual(yield* next(watching), "1 0 0 1")
      // Another reset of one of them does not affect the other.
      yield* reset(port, "2", "/games/b/")
      assert.strictEqual((yield* closeOf(b)).code, 4000)
      a.socket.send("2 0 0 0")
      assert.strictEqual(yield* next(watching), "2 0 0 0")
    })
  )

  it.scopedLive("games are listed, for people and for programs", () =>
    Effect.gen(function* () {
      const { port } = yield* serveRelay()
      assert.include((yield* get(port, "/games/")).text, "There are no games yet")
      yield* lonely(port, "/games/Ada_1/")
      const page = yield* get(port, "/games/")
      assert.include(page.text, '<a href="/games/Ada_1/">Ada_1</a>')
      assert.include(page.text, "1 × 1")
      const json = yield* get(port, "/games/", { accept: "application/json" })
      const { games } = JSON.parse(json.text)
      // The rate is known after two polls.
      assert.include([undefined, 0], games[0].rate)
      delete games[0].rate
      assert.deepStrictEqual(
        { games },
        {
          games: [
            {
              name: "Ada_1",
              path: "/games/Ada_1/",
              width: 1,
              height: 1,
              topology: "",
              phase: "running",
              step: 0,
              workers: 1,
              watchers: 0
            }
          ]
        }
      )
      assert.match((yield* get(port, "/games/Ada_1/")).text, /<title>Ada_1: Game of Life 1x1<\/title>/)
      assert.strictEqual((yield* get(port, "/games/nobody/")).status, 200)
    })
  )

  it.scopedLive("games have harmless names; other names are refused", () =>
    Effect.gen(function* () {
      const { port } = yield* serveRelay()
      for (const name of ["a.b", "%3Cb%3E", "a%2Fb", "x".repeat(25), "%D0%B8%D0%B3%D1%80%D0%B0"]) {
        const path = `/games/${name}/`
        const page = yield* get(port, path)
        assert.strictEqual(page.status, 404, name)
        assert.match(page.text, /a name has 1 to 24 of the characters/, name)
        assert.strictEqual((yield* reset(port, "1", path)).code, 4010, name)
        const { code, reason } = yield* closeOf(yield* worker(port, path))
        assert.strictEqual(code, 4010, name)
        assert.match(reason, /a name has 1 to 24 of A-Z/, name)
      }
      const unmade = yield* worker(port, "/games/unmade/")
      assert.deepStrictEqual(yield* closeOf(unmade), { code: 4010, reason: "no such game: a reset makes it" })
      assert.deepStrictEqual(yield* list(port), [])
    })
  )

  it.scopedLive("games are limited in number and in cells", () =>
    Effect.gen(function* () {
      const { port } = yield* serveRelay({ maxGames: 2, maxAllCells: 30 })
      assert.strictEqual((yield* reset(port, "4", "/games/a/")).code, 1000)
      assert.deepStrictEqual(yield* reset(port, "4", "/games/b/"), {
        code: 4011,
        reason: "at most 30 cells in all games"
      })
      assert.strictEqual((yield* reset(port, "3", "/games/b/")).code, 1000)
      assert.deepStrictEqual(yield* reset(port, "1", "/games/c/"), { code: 4011, reason: "at most 2 games" })
      // An existing game may change.
      assert.strictEqual((yield* reset(port, "2", "/games/a/")).code, 1000)
    })
  )

  it.scopedLive("games are limited for each token, by its name, which a changed secret keeps", () =>
    Effect.gen(function* () {
      const tokens = ["ada 1", "ada 2", "bob 3"].map((text) => {
        const [name = "", secret = ""] = text.split(" ")
        return { name, secret: Redacted.make(secret) }
      })
      const { port } = yield* serveRelay({ tokens, maxGamesPerToken: 1, gameIdle: 1500 })
      const ask = (token: string, name: string) => resetAs(port, token, name)
      assert.strictEqual((yield* ask("1", "a")).code, 1000)
      // It does not end while somebody watches.
      const watching = yield* watcher(port, "/games/a/")
      assert.deepStrictEqual(yield* ask("1", "b"), { code: 4011, reason: "at most 1 games of one token" })
      assert.deepStrictEqual(yield* ask("2", "b"), { code: 4011, reason: "at most 1 games of one token" })
      // An existing game may change, and other tokens have their own limit.
      assert.strictEqual((yield* ask("1", "a")).code, 1000)
      assert.strictEqual((yield* ask("3", "b")).code, 1000)
      const refused = (yield* get(port, "/metrics")).text.match(
        /effect_c10k_games_refused_total\{limit="token"\} (\d+)/
      )
      assert.isAtLeast(Number(refused?.[1]), 2)
      watching.socket.terminate()
      // A game that has ended does not count any more.
      yield* until(list(port), (games) => games.length === 0)
      assert.strictEqual((yield* ask("2", "c")).code, 1000)
    })
  )

  it.scopedLive("games are limited for each address if there are no tokens, but not for this machine", () =>
    Effect.gen(function* () {
      const { port } = yield* serveRelay({ maxGamesPerToken: 1, trustedProxies: ["127.0.0.1"] })
      const ask = (address: string, name: string) =>
        Effect.gen(function* () {
          const peer = yield* open(port, `/games/${name}/reset/`, { "X-Forwarded-For": address })
          peer.send(frame(1, "1"))
          return yield* Effect.promise(() => peer.close())
        })
      assert.notInclude(yield* ask("203.0.113.7", "a"), "4011")
      assert.strictEqual(yield* ask("203.0.113.7", "b"), "4011 at most 1 games of one address")
      assert.notInclude(yield* ask("203.0.113.8", "b"), "4011")
      for (const name of ["c", "d"]) assert.notInclude(yield* ask("127.0.0.1", name), "4011")
      assert.deepStrictEqual((yield* list(port)).map(({ name }) => name).sort(), ["a", "b", "c", "d"])
    })
  )

  it.scopedLive("games are limited over all nodes, even if many are requested at once, and after a restart", () =>
    Effect.gen(function* () {
      const nats = yield* NatsServer.scoped()
      const settings = { tokens: [{ name: "ada", secret: Redacted.make("1") }], maxGamesPerToken: 2 }
      const nodes = [yield* node(nats.url, "a", settings), yield* node(nats.url, "b", settings)]
      const answers = yield* Effect.forEach(
        ["a", "b", "c", "d", "e", "f"],
        (name, i) => resetAs(nodes[i % 2]!.port, "1", name),
        { concurrency: "unbounded" }
      )
      const codes = answers.map(({ code }) => code).sort()
      assert.deepStrictEqual(codes, [1000, 1000, 4011, 4011, 4011, 4011])
      for (const { port } of nodes) yield* until(list(port), (games) => games.length === 2)
      const later = yield* node(nats.url, "c", settings)
      assert.deepStrictEqual(yield* resetAs(later.port, "1", "g"), {
        code: 4011,
        reason: "at most 2 games of one token"
      })
    })
  )

  it.scopedLive("games are made larger only with the token that made them, on any node", () =>
    Effect.gen(function* () {
      const nats = yield* NatsServer.scoped()
      const tokens = ["ada", "bob"].map((name) => ({ name, secret: Redacted.make(name) }))
      const [a, b] = [yield* node(nats.url, "a", { tokens }), yield* node(nats.url, "b", { tokens })]
      assert.strictEqual((yield* resetAs(a.port, "ada", "x", "3")).code, 1000)
      yield* until(list(b.port), (games) => games.length === 1)
      const larger = { code: 4011, reason: "only the token that made this game can make it larger" }
      assert.deepStrictEqual(yield* resetAs(b.port, "bob", "x", "4"), larger)
      assert.strictEqual((yield* resetAs(b.port, "bob", "x", "2")).code, 1000)
      // What it had before counts no more.
      assert.deepStrictEqual(yield* resetAs(b.port, "bob", "x", "3"), larger)
      assert.strictEqual((yield* resetAs(b.port, "ada", "x", "4")).code, 1000)
    })
  )

  it.scopedLive("games can't be requested without limit while their log is away", () =>
    Effect.gen(function* () {
      const nats = yield* NatsServer.scoped()
      const { port } = yield* node(nats.url, "a")
      yield* Effect.promise(() => nats.kill())
      const waiting = { code: 1013, reason: "too many wait for a new game: connect again later" }
      for (const path of ["/", "/games/a/"]) {
        // Resets of clients that have left count too, because they will be written to the log.
        const peers = yield* Effect.forEach(Array.from({ length: 1000 }), () => open(port, `${path}reset/`), {
          concurrency: 50
        })
        // The server has read them when it answers the pings after them.
        for (const peer of peers) peer.send(frame(1, "1"), frame(9, ""))
        yield* Effect.promise(() => Promise.all(peers.map((peer) => peer.frame())))
        assert.deepStrictEqual(yield* reset(port, "1", path), waiting)
      }
    })
  )

  it.scopedLive("games tell watchers that came before their creation to connect again", () =>
    Effect.gen(function* () {
      const { port } = yield* serveRelay()
      const early = yield* watcher(port, "/games/a/")
      yield* reset(port, "1", "/games/a/")
      assert.deepStrictEqual(yield* closeOf(early), { code: 1012, reason: "the game has begun: connect again" })
    })
  )

  it.scopedLive("games end when nobody uses them, and not before", () =>
    Effect.gen(function* () {
      const { port } = yield* serveRelay({ gameIdle: 1000 })
      yield* reset(port, "1", "/games/idle/")
      const used = yield* lonely(port, "/games/used/")
      yield* until(list(port), (games) => games.length === 1)
      used.socket.send("1 0 0 0")
      assert.strictEqual(yield* next(used), "1 0 0 0")
      used.socket.terminate()
      yield* until(list(port), (games) => games.length === 0)
    })
  )

  it.scopedLive("games are the same on all nodes, and end on all of them", () =>
    Effect.gen(function* () {
      const nats = yield* NatsServer.scoped()
      const [a, b] = [yield* node(nats.url, "a", { gameIdle: 4000 }), yield* node(nats.url, "b", { gameIdle: 4000 })]
      yield* reset(a.port, "2", "/games/shared/")
      // It connects to a node that may not have read of the game yet.
      const workers = [
        yield* worker(b.port, "/games/shared/"),
        yield* worker(a.port, "/games/shared/"),
        yield* worker(b.port, "/games/shared/"),
        yield* worker(a.port, "/games/shared/")
      ]
      for (const client of workers) yield* subscribe(client, ["0 0"])
      for (const client of workers) assert.strictEqual(yield* next(client), "run")
      workers[0]!.socket.send("0 0 0 1")
      for (const client of workers) assert.strictEqual(yield* next(client), "0 0 0 1")
      for (const { port } of [a, b]) yield* until(list(port), ([game]) => game?.workers === 4 && game.step === 0)
      for (const client of workers) client.socket.terminate()
      for (const { port } of [a, b]) yield* until(list(port), (games) => games.length === 0)
    })
  )

  it.scopedLive("games have the size that the list says, when two nodes get resets at the same time", () =>
    Effect.gen(function* () {
      const nats = yield* NatsServer.scoped()
      const nodes = [yield* node(nats.url, "a"), yield* node(nats.url, "b")]
      const sizes = ["2", "3"]
      for (let round = 0; round < 10; round++) {
        const base = `/games/g${round}/`
        const answers = yield* Effect.forEach(nodes, ({ port }, i) => reset(port, sizes[i] ?? "", base), {
          concurrency: "unbounded"
        })
        // One of them stands. The other was told so, or stood until the later one came.
        assert.include([1000, 4000], answers[0]?.code)
        assert.include([1000, 4000], answers[1]?.code)
        const widthAt = (port: number) =>
          Effect.map(
            get(port, "/games.json"),
            ({ text }): number =>
              JSON.parse(text).games.find(({ name }: { name: string }) => name === `g${round}`)?.width
          )
        // A node may read the later one only after both were answered.
        const widths = Effect.forEach(nodes, ({ port }) => widthAt(port))
        const [width = 0] = yield* until(widths, ([one, other]) => one !== undefined && one === other)
        for (const { port } of nodes) {
          const watching = yield* watcher(port, base)
          const early = yield* Effect.forEach(Array.from({ length: width * width }), () => worker(port, base))
          // The barrier opens with exactly the cells of the listed size.
          for (const client of early) assert.strictEqual(yield* next(client), "sub")
          for (const client of [...early, watching]) client.socket.terminate()
          yield* until(list(port), (games) => games.find(({ name }) => name === `g${round}`)?.workers === 0)
        }
      }
    })
  )

  it.scopedLive("games stay in the list while a node can't read their log, and are entered when it can again", () =>
    Effect.gen(function* () {
      const nats = yield* NatsServer.scoped()
      const [a, b] = [yield* node(nats.url, "a"), yield* node(nats.url, "b")]
      yield* reset(a.port, "1", "/games/x/")
      yield* until(list(b.port), (games) => games.length === 1)
      yield* Effect.promise(() => nats.kill())
      const away = { code: 1013, reason: "the game can't be read now: connect again later" }
      assert.deepStrictEqual(yield* closeOf(yield* worker(b.port, "/games/x/")), away)
      assert.deepStrictEqual(
        (yield* list(b.port)).map(({ name }) => name),
        ["x"]
      )
      yield* Effect.promise(() => nats.start())
      yield* Effect.repeat(
        Effect.gen(function* () {
          const client = yield* worker(b.port, "/games/x/")
          return yield* Effect.promise(() => Promise.race([client.next(), client.closed.then(({ code }) => code)]))
        }),
        { until: (got) => got === "sub", schedule: Schedule.spaced("100 millis") }
      )
    })
  )

  it.scopedLive(
    "games get a smaller log if NATS has little room; without any they leave the list, and the client is told",
    () =>
      Effect.gen(function* () {
        // The logs of the lobby and of the game without a name fit, then one of half the size, and no other.
        const keep = 64 << 20
        const folder = yield* temporary
        const config = join(folder, "nats.conf")
        writeFileSync(config, `jetstream { store_dir: ${JSON.stringify(folder)}, max_file_store: ${2.5 * keep} }`)
        const nats = yield* NatsServer.scoped({ jetstream: false, args: ["-c", config] })
        const { port } = yield* node(nats.url, "a", {}, { keep })
        assert.strictEqual((yield* reset(port, "1", "/games/first/")).code, 1000)
        for (const name of ["x", "y"]) {
          const answer = yield* reset(port, "1", `/games/${name}/`)
          assert.deepStrictEqual(answer, { code: 1013, reason: "the game can't be read now: connect again later" })
          yield* until(list(port), ([game, ...more]) => game?.name === "first" && more.length === 0)
        }
      })
  )
})
