/** What a real server and the pages' `TestServer` tell a watcher of the same game. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { WebSocket } from "ws"
import { concat } from "../../src/Protocol/Bytes.ts"
import {
  encodeBits,
  encodeGame,
  encodeGeneration,
  encodeServer,
  encodeStatus
} from "../../src/Protocol/WatchEncoder.ts"
import { type StatusBlock, SUBPROTOCOL } from "../../src/Protocol/WatchProtocol.ts"
import { eventually } from "../eventually.ts"
import * as RelayRig from "../Server/Game/RelayRig.ts"
import { TestServer } from "./TestServer.ts"
import { Transcript } from "./Transcript.ts"

/** What happens in a game of two cells, which are neighbours. */
interface Game {
  readonly reset: Effect.Effect<unknown, unknown, Scope.Scope>
  /** The next worker connects. */
  readonly connect: Effect.Effect<unknown, unknown, Scope.Scope>
  readonly subscribe: (cell: number) => Effect.Effect<unknown, unknown>
  readonly publish: (cell: number, step: number, state: number) => Effect.Effect<unknown>
  /** The worker's connection ends, with or without a close frame. */
  readonly leave: (cell: number, breaks: boolean) => Effect.Effect<unknown>
}

/** A watcher that asks for what the page asks for. */
const watch = (port: number) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.sync(() => new WebSocket(`ws://127.0.0.1:${port}/watcher/`, SUBPROTOCOL)),
      (socket) => Effect.sync(() => socket.terminate())
    ),
    (socket) => {
      const lines: Array<string> = []
      const problems = new Set<string>()
      const transcript = new Transcript(problems, lines)
      socket.on("message", (data: Buffer, isBinary) => transcript.take(isBinary ? data : String(data)))
      socket.on("open", () => {
        socket.send("gaps")
        socket.send("bits")
      })
      /** Waits until the watcher was told it. */
      const until = (pattern: RegExp) => Effect.promise(() => eventually(() => assert.match(lines.join("\n"), pattern)))
      return { lines, problems, socket, until }
    }
  )

/** Plays the game, one event after the other, and returns what the watcher was told. */
const reported = Effect.fnUntraced(function* (port: number, game: Game) {
  const { lines, problems, socket, until } = yield* watch(port)
  yield* until(/^idle/m)
  yield* game.reset
  yield* until(/^game of 2 x 1.*^idle/ms)
  yield* game.connect
  yield* until(/^connecting: 1 /m)
  yield* game.connect
  yield* until(/^subscribing: 2 connected, 0/m)
  yield* game.subscribe(0)
  yield* until(/^subscribing: 2 connected, 1/m)
  yield* game.subscribe(1)
  yield* until(/^running: 2 connected, 2/m)
  let messages = 0
  for (const step of [0, 1])
    for (const cell of [0, 1]) {
      yield* game.publish(cell, step, (step + cell) % 2)
      yield* until(new RegExp(` ${++messages} messages`))
    }
  socket.send("listen 1")
  yield* until(/^client 1 \d+ 0$/m)
  yield* game.publish(1, 2, 1)
  yield* until(/ 5 messages/)
  yield* game.leave(0, true)
  yield* until(/^running: 1 connected, 1 subscribed, 1 broken/m)
  socket.send("listen 0")
  yield* until(/^client 0$/m)
  yield* game.leave(1, false)
  yield* until(/^ended/m)
  yield* game.reset
  yield* until(/^game of 2 x 1.*^game of 2 x 1.*^idle/ms)
  assert.deepStrictEqual([...problems], [])
  // The number of a connection counts those of the server.
  return lines.map((line) => line.replace(/^client (\d+) \d+/, "client $1 N"))
})

const real = Effect.gen(function* () {
  const { port } = yield* RelayRig.serveRelay()
  const workers: Array<Effect.Effect.Success<ReturnType<typeof RelayRig.worker>>> = []
  const socketOf = (cell: number) => workers[cell]!.socket
  return yield* reported(port, {
    reset: RelayRig.reset(port, "2 1"),
    connect: Effect.tap(RelayRig.worker(port), (worker) => workers.push(worker)),
    subscribe: (cell) => RelayRig.subscribe(workers[cell]!, [`0 ${1 - cell}`]),
    publish: (cell, step, state) => Effect.sync(() => socketOf(cell).send(`${step} 0 ${cell} ${state}`)),
    leave: (cell, breaks) => Effect.sync(() => (breaks ? socketOf(cell).terminate() : socketOf(cell).close()))
  })
})

/** Writes the state as the tests of pages do. */
const standIn = Effect.gen(function* () {
  const server = new TestServer()
  yield* Effect.acquireRelease(
    Effect.promise(() => server.start()),
    () => Effect.promise(() => server.stop())
  )
  const { state } = server
  let [connected, subscribed, broken] = [0, 0, 0]
  const count = (change: () => void) =>
    Effect.sync(() => {
      change()
      state.setCounts(connected, subscribed, broken)
    })
  return yield* reported(Number(new URL(server.url).port), {
    reset: Effect.sync(() => {
      state.reset(2, 1)
      state.setPhase("idle")
    }),
    connect: count(() => state.setPhase(++connected < 2 ? "connecting" : "subscribing")),
    subscribe: () =>
      count(() => {
        if (++subscribed === 2) state.setPhase("running")
      }),
    publish: (cell, step, value) =>
      Effect.sync(() => {
        state.record(cell, step, value)
        // To the other worker, and in the last step to the watcher that listens.
        state.deliveries += step < 2 ? 1 : 2
      }),
    leave: (_, breaks) =>
      count(() => {
        connected--
        subscribed--
        if (breaks) broken++
        if (connected === 0) state.setPhase("ended")
      })
  })
})

describe("What the pages' server tells a watcher", () => {
  it.scopedLive("What the pages' server tells a watcher is what a real one does, in the same order", () =>
    Effect.gen(function* () {
      const lines = yield* real
      assert.isAbove(lines.length, 20)
      assert.deepStrictEqual(yield* standIn, lines)
    })
  )

  it("What the pages' server tells a watcher is held to the order and the shapes of a real one", () => {
    const problemsOf = (...messages: ReadonlyArray<string | Uint8Array>) => {
      const problems = new Set<string>()
      const transcript = new Transcript(problems)
      for (const message of messages) transcript.take(message)
      return [...problems]
    }
    const status: Omit<StatusBlock, "_tag"> = {
      phase: "running",
      ...{ game: 1, connected: 2, subscribed: 2, watchers: 1, population: 1, latency: Number.NaN },
      ...{ messages: 4, deliveries: 4, births: 1, deaths: 1, time: 9, broken: 0, memory: 0, memoryBefore: 0 },
      ...{ least: 1, greatest: 1 }
    }
    const game = { game: 1, width: 2, height: 1, topology: "", stateCount: 2 }
    const [server, first] = [encodeServer(7), encodeGame(game)]
    const begun = concat([server, first, encodeStatus(status)])
    const bits = encodeBits({ base: 1, bitmaps: [Uint8Array.of(1, 0, 0, 0)] })
    const generation = encodeGeneration(1, Uint8Array.of(0, 1), Uint8Array.of(0, 0))
    assert.deepStrictEqual(problemsOf(begun, generation, bits, "client 1 3 0", "2 0 1 1", encodeStatus(status)), [])
    // The second cell is a step ahead: its value is that of a state of the next step.
    const uneven = (base: number) => encodeGeneration(base, Uint8Array.of(0, 2), Uint8Array.of(0, 0))
    // A watcher that knows a later step of a cell begins to ask for whole generations.
    assert.deepStrictEqual(problemsOf(begun, uneven(1), generation, uneven(2)), [])
    for (const wrong of [
      [encodeStatus(status)],
      [concat([server, encodeStatus(status)])],
      [begun, concat([encodeStatus(status), generation])],
      [begun, first],
      [begun, concat([encodeServer(8), encodeGame({ ...game, game: 2 }), encodeStatus({ ...status, game: 2 })])],
      [begun, encodeStatus({ ...status, game: 2 })],
      [begun, encodeStatus({ ...status, phase: "subscribing" })],
      [begun, encodeStatus({ ...status, messages: 3 })],
      [begun, encodeStatus({ ...status, watchers: 0 })],
      [begun, bits],
      [begun, generation, encodeGeneration(0, Uint8Array.of(0, 1), Uint8Array.of(0, 0))],
      [begun, generation, uneven(0)],
      [begun, uneven(1), uneven(0)],
      [begun, "hello"],
      [begun, Uint8Array.of(9)]
    ])
      assert.isNotEmpty(problemsOf(...wrong), String(wrong))
  })
})
