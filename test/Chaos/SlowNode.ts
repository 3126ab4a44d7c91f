/**
 * A slow node among others: it stops every other second. Another game, on the other nodes, must keep its rate. The rate is compared
 * second by second with and without the slow node, so that other load on the machine affects both alike.
 */
import * as Effect from "effect/Effect"
import { WebSocket } from "ws"
import { freePort } from "../freePort.ts"
import * as NatsServer from "../Log/NatsServer.ts"
import { stateLimit } from "../limits.ts"
import { start } from "../Server/ServerProcess.ts"
import * as FaultyNetwork from "./FaultyNetwork.ts"
import { ChaosFailure } from "./Killing.ts"

export interface SlowNodeOptions {
  readonly seed: number
  /** Pairs of a second without the slow node and one with it. */
  readonly rounds: number
  readonly log: (line: string) => void
}

/** The part of their rate that the other nodes must keep. */
const LEAST = 0.9

const serve = (engine: string, node: string) =>
  Effect.gen(function* () {
    const port = yield* Effect.promise(() => freePort("127.0.0.1"))
    const args = ["--host", "127.0.0.1", "--port", String(port), "--nats", engine, "--node", node]
    const server = yield* start(["serve", ...args])
    yield* Effect.promise(() => server.port())
    return { port, server }
  })

/** Counts the states that a watcher of a game receives. */
const countStates = (url: string) =>
  Effect.acquireRelease(
    Effect.promise(
      () =>
        new Promise<{ readonly socket: WebSocket; states: number }>((resolve, reject) => {
          const counter = { socket: new WebSocket(url, { perMessageDeflate: false }), states: 0 }
          counter.socket.on("message", () => counter.states++)
          counter.socket.on("open", () => resolve(counter))
          counter.socket.on("error", reject)
        })
    ),
    ({ socket }) => Effect.sync(() => socket.terminate())
  )

export const run = Effect.fn("SlowNode.run")(function* ({ log, rounds, seed }: SlowNodeOptions) {
  const engine = yield* NatsServer.scoped()
  const [a, b, slow] = yield* Effect.all([serve(engine.url, "a"), serve(engine.url, "b"), serve(engine.url, "slow")], {
    concurrency: "unbounded"
  })
  const { network, port } = yield* FaultyNetwork.scoped(a.port, b.port)
  network.isOpen = true
  const live = (at: string) => start(["life", "--url", at, "-s", "16", "--seed", String(seed), "-l", "100000"])
  const url = `ws://127.0.0.1:${a.port}/games/beside/`
  const life = yield* live(`ws://127.0.0.1:${port}/games/beside/`)
  yield* live(`ws://127.0.0.1:${slow.port}`)
  yield* Effect.promise(() => life.printed(/step \d+ /))
  const counter = yield* countStates(`${url}watcher/`)
  yield* Effect.iterate(0, {
    while: (heard) => heard < 5000,
    body: () =>
      Effect.delay(
        Effect.sync(() => counter.states),
        50
      )
  }).pipe(
    Effect.timeoutFail({
      duration: stateLimit(),
      onTimeout: () => new ChaosFailure({ seed, reason: `the game does not run: ${counter.states} states` })
    })
  )
  const second = Effect.gen(function* () {
    const before = { states: counter.states, at: performance.now() }
    yield* Effect.sleep("1 second")
    return ((counter.states - before.states) / (performance.now() - before.at)) * 1000
  })
  const rates = { without: 0, beside: 0 }
  for (let n = 0; n < rounds; n++) {
    const without = yield* second
    slow.server.child.kill("SIGSTOP")
    const beside = yield* second
    slow.server.child.kill("SIGCONT")
    rates.without += without / rounds
    rates.beside += beside / rounds
    log(`${n + 1}/${rounds}: ${Math.round(without)} states a second, ${Math.round(beside)} beside the slow node`)
  }
  const kept = rates.beside / rates.without
  if (kept < LEAST)
    return yield* new ChaosFailure({
      seed,
      reason: `beside a slow node the others keep ${kept.toFixed(2)} of their rate`
    })
  return { states: Math.round(rates.without), kept: kept.toFixed(2) }
}, Effect.scoped)
