/** Several servers that share a game through its log in a real NATS server. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import * as JetStreamLogs from "../../src/Log/JetStreamLogs.ts"
import * as FaultyNetwork from "../Chaos/FaultyNetwork.ts"
import * as NatsServer from "../Log/NatsServer.ts"
import { limit } from "../WebSocket/Rig.ts"
import { cells, closeOf, next, reset, serveRelay, square, subscribe, until, watcher, worker } from "./Game/RelayRig.ts"

/** A node, which ends with the scope. */
const node = (url: string, name: string) => serveRelay({ node: name }, JetStreamLogs.layer({ servers: [url], name }))

const readiness = (port: number) =>
  Effect.promise(async () => {
    const response = await fetch(`http://127.0.0.1:${port}/readyz`)
    return { status: response.status, text: await response.text() }
  })

describe("nodes", () => {
  it.scopedLive("nodes share a game, whose workers and watchers may be on any of them", () =>
    Effect.gen(function* () {
      const nats = yield* NatsServer.scoped()
      const nodes = [yield* node(nats.url, "a"), yield* node(nats.url, "b")]
      const ports = nodes.map(({ port }) => port)
      const watchers = yield* Effect.forEach(ports, (port) => watcher(port))
      const workers = yield* square(ports)
      for (const [index, client] of workers.entries()) client.socket.send(`0 ${cells[index]} 1`)
      for (const [index, client] of workers.entries()) {
        const heard = [yield* next(client), yield* next(client), yield* next(client)]
        assert.sameMembers(
          heard,
          cells.filter((_, other) => other !== index).map((cell) => `0 ${cell} 1`)
        )
      }
      for (const client of watchers) {
        const heard = [yield* next(client), yield* next(client), yield* next(client), yield* next(client)]
        assert.sameMembers(
          heard,
          cells.map((cell) => `0 ${cell} 1`)
        )
      }
      for (const { lines } of nodes) {
        assert.include(lines, "    4 workers connected")
        assert.include(lines, "Telling workers to run")
      }
    })
  )

  it.scopedLive("nodes share a game with more than two states, whose states and kept states reach both", () =>
    Effect.gen(function* () {
      const nats = yield* NatsServer.scoped()
      const [a, b] = [yield* node(nats.url, "a"), yield* node(nats.url, "b")]
      const workers = yield* square([a.port, b.port], "2 2 //200:T2,2 200")
      workers[0]!.socket.send("0 0 0 199")
      assert.strictEqual(yield* next(workers[1]!), "0 0 0 199")
      workers[0]!.socket.send("1 0 0 2")
      assert.strictEqual(yield* next(workers[1]!), "1 0 0 2")
      // A later watcher on the other node gets both.
      const late = yield* worker(b.port)
      yield* subscribe(late, ["0 0"])
      assert.deepStrictEqual([yield* next(late), yield* next(late), yield* next(late)], ["run", "0 0 0 199", "1 0 0 2"])
      workers[2]!.socket.send("0 1 0 200")
      assert.strictEqual((yield* closeOf(workers[2]!)).code, 4001)
      for (const states of ["1", "256"]) {
        const { code, reason } = yield* reset(a.port, `2 2 - ${states}`)
        assert.deepStrictEqual([code, reason], [4005, "a cell has 2 to 255 states"])
      }
    })
  )

  it.scopedLive("a reset on one is known on the other when it is answered, and the workers of both are closed", () =>
    Effect.gen(function* () {
      const nats = yield* NatsServer.scoped()
      const [a, b] = [yield* node(nats.url, "a"), yield* node(nats.url, "b")]
      const workers = yield* square([a.port, b.port])
      assert.strictEqual((yield* reset(b.port, "1")).code, 1000)
      // It connects to a node that may not have read the reset yet.
      const fresh = yield* worker(a.port)
      assert.strictEqual(yield* next(fresh), "sub")
      for (const client of workers) assert.strictEqual((yield* closeOf(client)).code, 4000)
    })
  )

  it.scopedLive("nodes of two workers of the same cell on two nodes, the later one keeps it", () =>
    Effect.gen(function* () {
      const nats = yield* NatsServer.scoped()
      const [a, b] = [yield* node(nats.url, "a"), yield* node(nats.url, "b")]
      const workers = yield* square([a.port, b.port])
      workers[0]!.socket.send("0 0 0 1")
      assert.strictEqual(yield* next(workers[1]!), "0 0 0 1")
      const other = yield* worker(b.port)
      yield* subscribe(other, ["0 0"])
      assert.deepStrictEqual([yield* next(other), yield* next(other)], ["run", "0 0 0 1"])
      other.socket.send("1 0 0 0")
      assert.strictEqual((yield* closeOf(workers[0]!)).code, 4006)
      assert.strictEqual(yield* next(other), "1 0 0 0")
    })
  )

  it.scopedLive("nodes still have the game after all of them were restarted", () =>
    Effect.gen(function* () {
      const nats = yield* NatsServer.scoped()
      const scope = yield* Scope.make()
      const first = yield* Scope.extend(node(nats.url, "a"), scope)
      const workers = yield* square([first.port])
      for (const [index, client] of workers.entries()) client.socket.send(`0 ${cells[index]} 1`)
      for (const [index, client] of workers.entries()) {
        for (let i = 0; i < 3; i++) yield* next(client)
        client.socket.send(`1 ${cells[index]} 0`)
      }
      for (const client of workers) for (let i = 0; i < 3; i++) yield* next(client)
      yield* Scope.close(scope, Exit.void)
      yield* Effect.promise(() => nats.kill())
      yield* Effect.promise(() => nats.start())
      const { port } = yield* node(nats.url, "a")
      const back = yield* worker(port)
      yield* subscribe(back, ["0 1"])
      assert.deepStrictEqual([yield* next(back), yield* next(back), yield* next(back)], ["run", "0 0 1 1", "1 0 1 0"])
    })
  )

  it.scopedLive("nodes is not ready while its engine is away, and continues where it was when that is back", () =>
    Effect.gen(function* () {
      const nats = yield* NatsServer.scoped()
      const { port } = yield* node(nats.url, "a")
      const workers = yield* square([port])
      assert.deepStrictEqual(yield* readiness(port), { status: 200, text: "ready\n" })
      yield* Effect.promise(() => nats.kill())
      const away = yield* until(readiness(port), ({ status }) => status === 503)
      assert.strictEqual(away.text, "the log of the game can't be reached\n")
      workers[0]!.socket.send("0 0 0 1")
      yield* Effect.promise(() => nats.start())
      assert.strictEqual(yield* next(workers[1]!), "0 0 0 1")
      yield* until(readiness(port), ({ status }) => status === 200)
    })
  )

  it.scopedLive(
    "nodes that missed a part of the log begins again at a snapshot, and its workers are closed and come back",
    () =>
      Effect.gen(function* () {
        const nats = yield* NatsServer.scoped()
        const { network, port } = yield* FaultyNetwork.scoped(nats.port)
        network.isOpen = true
        const [a, b] = [yield* node(nats.url, "a"), yield* node(`nats://127.0.0.1:${port}`, "b")]
        const [first, away, second] = yield* square([a.port, b.port])
        first!.socket.send("0 0 0 1")
        assert.deepStrictEqual([yield* next(away!), yield* next(second!)], ["0 0 0 1", "0 0 0 1"])
        network.isOpen = false
        network.cut(() => true)
        yield* until(readiness(b.port), ({ status }) => status === 503)
        first!.socket.send("1 0 0 0")
        assert.strictEqual(yield* next(second!), "1 0 0 0")
        yield* Effect.promise(async () => {
          const { connect } = await import("@nats-io/transport-node")
          const { jetstreamManager } = await import("@nats-io/jetstream")
          const connection = await connect({ servers: nats.url })
          await (await jetstreamManager(connection)).streams.purge("c10k_log_default")
          await connection.close()
        })
        network.isOpen = true
        assert.strictEqual((yield* closeOf(away!)).code, 1012)
        yield* until(readiness(b.port), ({ status }) => status === 200)
        const back = yield* worker(b.port)
        yield* subscribe(back, ["0 0"])
        assert.deepStrictEqual([yield* next(back), yield* next(back), yield* next(back)], ["run", "0 0 0 1", "1 0 0 0"])
        first!.socket.send("2 0 0 1")
        assert.strictEqual(yield* next(back), "2 0 0 1")
      })
  )

  it.scopedLive("nodes ends even while its engine is away", () =>
    Effect.gen(function* () {
      const nats = yield* NatsServer.scoped()
      const scope = yield* Scope.make()
      const { port } = yield* Scope.extend(node(nats.url, "a"), scope)
      yield* Effect.promise(() => nats.kill())
      yield* until(readiness(port), ({ status }) => status === 503)
      yield* limit(Scope.close(scope, Exit.void))
    })
  )

  it.scopedLive("nodes whose engine lost the log closes its workers, and takes part in the next game", () =>
    Effect.gen(function* () {
      const nats = yield* NatsServer.scoped()
      const [a, b] = [yield* node(nats.url, "a"), yield* node(nats.url, "b")]
      const workers = yield* square([a.port, b.port])
      yield* Effect.promise(() => nats.kill())
      nats.wipe()
      yield* Effect.promise(() => nats.start())
      for (const client of workers) assert.strictEqual((yield* closeOf(client)).code, 1012)
      yield* square([b.port, a.port])
    })
  )
})
