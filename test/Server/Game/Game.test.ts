/** Protocol 0 on the wire, as any client speaks it. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { limit, rawWebSocket } from "../../WebSocket/Rig.ts"
import {
  cells,
  closeOf,
  lonely,
  next,
  reset,
  serveRelay,
  settle,
  square,
  subscribe,
  watcher,
  worker
} from "./RelayRig.ts"

describe("a game", () => {
  it.scopedLive("a game goes from the reset to relayed states, with lines on the console", () =>
    Effect.gen(function* () {
      const { lines, port } = yield* serveRelay()
      const early = yield* watcher(port)
      assert.deepStrictEqual(yield* reset(port, "2"), { code: 1000, reason: "" })
      const workers = yield* square([port])
      for (const [index, client] of workers.entries()) client.socket.send(`0 ${cells[index]} ${index % 2}`)
      const states = cells.map((cell, index) => `0 ${cell} ${index % 2}`)
      for (const [index, client] of workers.entries()) {
        const got = [yield* next(client), yield* next(client), yield* next(client)]
        assert.sameMembers(
          got,
          states.filter((_, other) => other !== index)
        )
      }
      const seen = [yield* next(early), yield* next(early), yield* next(early), yield* next(early)]
      assert.sameMembers(seen, states)
      early.socket.close()
      yield* closeOf(early)
      yield* settle(port)
      assert.deepStrictEqual(lines, [
        "Watcher connected",
        "    4 workers connected",
        "Telling workers to subscribe",
        "    4 workers subscribed",
        "Telling workers to run",
        "Watcher disconnected"
      ])
    })
  )

  it.scopedLive("the console has lines for a few watchers a second, and for how many more there were", () =>
    Effect.gen(function* () {
      const { lines, port } = yield* serveRelay()
      const begun = performance.now()
      const watchers = yield* Effect.forEach(Array.from({ length: 100 }), () => watcher(port), { concurrency: 20 })
      for (const client of watchers) client.socket.terminate()
      const reported = (what: string) =>
        lines.reduce((sum, line) => sum + Number(new RegExp(`^(\\d+) more watchers ${what}$`).exec(line)?.[1] ?? 0), 0)
      const first = (what: string) => lines.filter((line) => line === `Watcher ${what}`).length
      const all = Effect.sync(
        () => reported("connected") + first("connected") + reported("disconnected") + first("disconnected")
      )
      yield* limit(Effect.repeat(Effect.delay(all, 20), { until: (count) => count === 200 }))
      // Each second has ten at most.
      const most = 10 * (Math.ceil((performance.now() - begun) / 1000) + 1)
      for (const what of ["connected", "disconnected"]) assert.isAtMost(first(what), most)
    })
  )

  it.scopedLive("a reset closes the workers of the last game, and watchers see the next one", () =>
    Effect.gen(function* () {
      const { port } = yield* serveRelay()
      const watching = yield* watcher(port)
      const workers = yield* square([port])
      const waiting = yield* lonely(port)
      for (const client of workers)
        assert.deepStrictEqual(yield* closeOf(client), { code: 4000, reason: "a new game was started" })
      waiting.socket.send("0 0 0 1")
      assert.strictEqual(yield* next(watching), "0 0 0 1")
    })
  )

  it.scopedLive("a game does not count a worker that leaves before the barrier opens", () =>
    Effect.gen(function* () {
      const { lines, port } = yield* serveRelay()
      yield* reset(port, "1 2")
      const gone = yield* worker(port)
      gone.socket.close()
      yield* closeOf(gone)
      yield* settle(port)
      const first = yield* worker(port)
      yield* settle(port)
      assert.deepStrictEqual(lines, [])
      const second = yield* worker(port)
      assert.strictEqual(yield* next(first), "sub")
      assert.strictEqual(yield* next(second), "sub")
    })
  )

  it.scopedLive("a game sends a worker that joins the last two states of each cell that it subscribed to", () =>
    Effect.gen(function* () {
      const { port } = yield* serveRelay()
      const workers = yield* square([port])
      for (const step of [0, 1, 2]) workers[1]!.socket.send(`${step} 0 1 ${step % 2}`)
      for (const step of [0, 1, 2]) assert.strictEqual(yield* next(workers[0]!), `${step} 0 1 ${step % 2}`)
      workers[0]!.socket.terminate()
      const heir = yield* worker(port)
      yield* subscribe(heir, ["0 1", "1 1"])
      assert.strictEqual(yield* next(heir), "run")
      assert.deepStrictEqual([yield* next(heir), yield* next(heir)], ["1 0 1 1", "2 0 1 0"])
      heir.socket.send("0 0 0 1")
      assert.strictEqual(yield* next(workers[3]!), "0 0 1 0")
    })
  )

  it.scopedLive("a game gives a cell to the worker that claims it last", () =>
    Effect.gen(function* () {
      const { port } = yield* serveRelay()
      const first = yield* lonely(port)
      const watching = yield* watcher(port)
      first.socket.send("0 0 0 1")
      assert.strictEqual(yield* next(watching), "0 0 0 1")
      const second = yield* worker(port)
      yield* subscribe(second, [])
      assert.strictEqual(yield* next(second), "run")
      second.socket.send("1 0 0 0")
      assert.deepStrictEqual(yield* closeOf(first), { code: 4006, reason: "another worker took over this cell" })
      assert.strictEqual(yield* next(watching), "1 0 0 0")
    })
  )
})

describe("bad input to /reset/", () => {
  for (const text of ["", "0", "-1", "abc", "3.5", " 3", "3 0", "0x10", "1e3", "3 3 two words"])
    it.scopedLive(`"${text}" is closed with 4005`, () =>
      Effect.gen(function* () {
        const { port } = yield* serveRelay()
        const running = yield* lonely(port)
        const reason = "the size must be a positive whole number"
        assert.deepStrictEqual(yield* reset(port, text), { code: 4005, reason })
        // The present game goes on.
        const watching = yield* watcher(port)
        running.socket.send("0 0 0 1")
        assert.strictEqual(yield* next(watching), "0 0 0 1")
      })
    )

  it.scopedLive("a binary message is closed with 4005", () =>
    Effect.gen(function* () {
      const { port } = yield* serveRelay()
      assert.strictEqual((yield* reset(port, Buffer.from("3"))).code, 4005)
    })
  )

  for (const text of ["1001", "2000000", "99999999999", "1000 1001", "999999999999999 999999999999999"])
    it.scopedLive(`"${text}" is told what the limit is`, () =>
      Effect.gen(function* () {
        const { port } = yield* serveRelay()
        assert.deepStrictEqual(yield* reset(port, text), { code: 4005, reason: "at most 1000000 cells" })
      })
    )

  it.scopedLive("the limit can be set", () =>
    Effect.gen(function* () {
      const { port } = yield* serveRelay({ maxCells: 9 })
      assert.strictEqual((yield* reset(port, "3")).code, 1000)
      assert.deepStrictEqual(yield* reset(port, "4"), { code: 4005, reason: "at most 9 cells" })
    })
  )
})

describe("bad input from a worker", () => {
  /** The message of each worker, after which turns, and how it is answered. */
  const cases = [
    ["before its turn", "wait", "0 0", 4003, "not yet: wait for your turn"],
    ["sub before its turn", "wait", "sub", 4003, "not yet: wait for your turn"],
    ["a state before run", "sub", "0 0 0 1", 4003, "not yet: wait for your turn"],
    ["nonsense as a subscription", "sub", "nonsense", 4001, "malformed message"],
    ["an empty subscription", "sub", "", 4001, "malformed message"],
    ["a negative subscription", "sub", "-1 0", 4001, "malformed message"],
    ["a subscription out of the grid", "sub", "0 2", 4002, "no such cell in the grid"],
    ["bytes for a subscription", "sub", Buffer.from("0 0"), 4001, "malformed message"],
    ["nonsense as a state", "run", "nonsense", 4001, "malformed message"],
    ["a state of three numbers", "run", "0 0 1", 4001, "malformed message"],
    ["a state that is neither 0 nor 1", "run", "0 0 0 2", 4001, "malformed message"],
    ["a state with leading zeros", "run", "00 0 0 1", 4001, "malformed message"],
    ["bytes for a state", "run", Buffer.from("0 0 0 1"), 4001, "malformed message"],
    ["a subscription after run", "run", "0 0", 4001, "malformed message"],
    ["a row out of the grid", "run", "0 2 0 1", 4002, "no such cell in the grid"],
    ["a column out of the grid", "run", "0 0 999999999 1", 4002, "no such cell in the grid"],
    ["a message that is too long", "run", "1".repeat(129), 1009, "a message may have at most 128 bytes"]
  ] as const

  for (const [name, when, message, code, reason] of cases)
    it.scopedLive(`${name} is closed with ${code}, and others are not affected`, () =>
      Effect.gen(function* () {
        const { port } = yield* serveRelay()
        const watching = yield* watcher(port)
        yield* reset(port, "2 1")
        const bad = yield* worker(port)
        if (when === "wait") {
          bad.socket.send(message)
          assert.deepStrictEqual(yield* closeOf(bad), { code, reason })
        }
        const good = yield* worker(port)
        const other = when === "wait" ? yield* worker(port) : bad
        yield* subscribe(good, ["0 0"])
        if (when === "sub") {
          assert.strictEqual(yield* next(bad), "sub")
          bad.socket.send(message)
          assert.deepStrictEqual(yield* closeOf(bad), { code, reason })
          // Another worker replaces it.
          yield* subscribe(yield* worker(port), [])
        } else yield* subscribe(other, [])
        assert.strictEqual(yield* next(good), "run")
        if (when === "run") {
          assert.strictEqual(yield* next(bad), "run")
          bad.socket.send(message)
          assert.deepStrictEqual(yield* closeOf(bad), { code, reason })
        }
        good.socket.send("0 0 1 1")
        assert.strictEqual(yield* next(watching), "0 0 1 1")
      })
    )

  it.scopedLive("a state of another cell than the first is closed with 4004", () =>
    Effect.gen(function* () {
      const { port } = yield* serveRelay()
      const watching = yield* watcher(port)
      const workers = yield* square([port])
      workers[0]!.socket.send("0 0 0 1")
      workers[0]!.socket.send("0 0 1 1")
      assert.deepStrictEqual(yield* closeOf(workers[0]!), { code: 4004, reason: "a worker speaks for one cell only" })
      workers[1]!.socket.send("0 0 1 0")
      assert.deepStrictEqual([yield* next(watching), yield* next(watching)], ["0 0 0 1", "0 0 1 0"])
    })
  )

  it.scopedLive("more subscriptions than the limit are closed with 4007", () =>
    Effect.gen(function* () {
      const { port } = yield* serveRelay({ maxSubscriptions: 3 })
      yield* reset(port, "1")
      const client = yield* worker(port)
      yield* subscribe(client, ["0 0", "0 0", "0 0", "0 0"])
      assert.deepStrictEqual(yield* closeOf(client), { code: 4007, reason: "too many subscriptions" })
    })
  )

  it.scopedLive("silence when it is its turn is closed with 4008", () =>
    Effect.gen(function* () {
      const { port } = yield* serveRelay({ firstMessageTimeout: 1000 })
      yield* reset(port, "1")
      const client = yield* worker(port)
      assert.strictEqual(yield* next(client), "sub")
      assert.deepStrictEqual(yield* closeOf(client), { code: 4008, reason: "no message in time" })
    })
  )

  it.scopedLive("frames that break RFC 6455 are closed with its codes", () =>
    Effect.gen(function* () {
      const { port } = yield* serveRelay()
      const unmasked = yield* rawWebSocket(port, "/worker/")
      unmasked.write(Buffer.of(0x81, 1, 0x30))
      assert.deepStrictEqual(yield* Effect.promise(() => unmasked.close()), [1002, "frames must be masked"])
      const garbled = yield* rawWebSocket(port, "/worker/")
      garbled.send({ fin: true, opcode: 1, payload: Buffer.of(0xff, 0xfe) })
      assert.deepStrictEqual(yield* Effect.promise(() => garbled.close()), [1007, "text must be UTF-8"])
    })
  )
})
