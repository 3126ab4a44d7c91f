/**
 * A game on several nodes during which everything is killed, frozen or cut: nodes, the engine of the log, `life`, sockets, and the
 * network between nodes and engine. Cells reach the nodes through a proxy that distributes them. An observer reads the log itself.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { PCGRandom } from "effect/Utils"
import * as RandomStart from "../../src/Life/Universe/RandomStart.ts"
import * as Topology from "../../src/Life/Universe/Topology.ts"
import * as JetStreamLogs from "../../src/Log/JetStreamLogs.ts"
import { Logs } from "../../src/Log/Log.ts"
import { codec } from "../../src/Server/Game/GameEventCodec.ts"
import { freePort } from "../freePort.ts"
import * as NatsServer from "../Log/NatsServer.ts"
import { stateLimit } from "../limits.ts"
import { type ServerProcess, start } from "../Server/ServerProcess.ts"
import * as FaultyNetwork from "./FaultyNetwork.ts"
import { ChaosFailure, kill } from "./Killing.ts"
import type { ChaosOptions } from "./LifeChaos.ts"
import { Observer } from "./Observer.ts"

export const kinds = [
  "node",
  "nodes",
  "frozen node",
  "long frozen node",
  "engine",
  "frozen engine",
  "full disk",
  "life",
  "sockets",
  "network",
  "purge",
  "frozen past retention",
  "rolled back"
] as const
type Kind = (typeof kinds)[number]

interface NodesChaosOptions extends ChaosOptions {
  readonly nodes: number
  /** Whether the nodes advertise addresses, so that `life` connects the cells of a block to one node. Otherwise any cell is on any node. */
  readonly isPlaced?: boolean
  /** The faults, repeated in this order; random faults if absent. */
  readonly order?: ReadonlyArray<Kind>
}

interface NodesReport {
  readonly counts: Readonly<Record<string, number>>
  readonly repeated: number
  /** The longest time from the end of a fault to the next complete step, in milliseconds, and the kind of the fault. */
  readonly slowest: string
}

/** A node, with the network between it and the engine, and the one at its own address. */
const makeNode = Effect.fnUntraced(function* (index: number, engine: number, isPlaced: boolean) {
  const port = yield* Effect.promise(() => freePort("127.0.0.1"))
  const own = yield* FaultyNetwork.scoped(port)
  own.network.isOpen = true
  const { network, port: enginePort } = yield* FaultyNetwork.scoped(engine)
  network.isOpen = true
  const args = ["--port", String(port), "--nats", `nats://127.0.0.1:${enginePort}`, "--node", `n${index}`]
  if (isPlaced) args.push("--advertise", `ws://127.0.0.1:${own.port}`)
  const begin = Effect.gen(function* () {
    const server = yield* start(["serve", "--host", "127.0.0.1", ...args])
    yield* Effect.tryPromise(() => server.port())
    return server
  }).pipe(
    // A node ends if its engine is too slow. Its supervisor, here the test, starts it again.
    Effect.retry({ times: 5 }),
    Effect.orDie
  )
  return { port, network, own: own.network, begin }
})

export const run = Effect.fn("NodesChaos.run")(function* (options: NodesChaosOptions) {
  const { height, isPlaced = false, kills, log = () => {}, order, seed, speed, steps, width } = options
  const random = new PCGRandom(seed)
  const topology = Topology.torus(width, height)
  const observer = new Observer(RandomStart.make({ width, height, seed }), topology, steps)
  const engine = yield* NatsServer.scoped()
  const nodes = yield* Effect.forEach(Array.from({ length: options.nodes }), (_, index) =>
    makeNode(index, engine.port, isPlaced)
  )
  const servers: Array<ServerProcess> = yield* Effect.forEach(nodes, ({ begin }) => begin, { concurrency: "unbounded" })
  const { network, port } = yield* FaultyNetwork.scoped(...nodes.map((node) => node.port))
  network.isOpen = true

  const logs = yield* Layer.build(JetStreamLogs.layer({ servers: [engine.url], name: "observer" }))
  let resets = 0
  let rollbacks = 0
  yield* Context.get(logs, Logs).open("default", {
    codec,
    reader: {
      entry: (event) => {
        if (event.type === "reset") resets++
        if (event.type === "states")
          for (const { state, step, topic } of event.states) observer.hear(step, topic, state)
      }
    }
  })

  const game = ["--width", width, "--height", height, "--seed", seed, "-n", steps, "-l", speed].map(String)
  const live = (resume: boolean) =>
    start(["life", "--url", `ws://127.0.0.1:${port}`, ...game, "--check", ...(resume ? ["--resume"] : [])])
  let life = yield* live(false)

  const wait = (step: number) =>
    Effect.gen(function* () {
      yield* Effect.promise(() => observer.until(step)).pipe(
        Effect.timeoutFail({
          duration: stateLimit(),
          onTimeout: () =>
            new ChaosFailure({
              seed,
              reason: `stuck at step ${observer.step}: ${observer.missing()}, life ${life.isEnded ? "has ended" : "goes on"}: ${life.errors}${servers.map(({ errors }) => errors).join("")}`
            })
        })
      )
      if (observer.wrong !== undefined) return yield* new ChaosFailure({ seed, reason: observer.wrong })
    })

  /** Stops a process for some seconds. */
  const freeze = (signal: (name: NodeJS.Signals) => void, seconds: number) =>
    Effect.gen(function* () {
      signal("SIGSTOP")
      yield* Effect.sleep(seconds * 1000)
      signal("SIGCONT")
    })

  const restart = (index: number) =>
    Effect.gen(function* () {
      yield* kill(servers[index]!)
      servers[index] = yield* nodes[index]!.begin
    })

  const purge = Effect.promise(async () => {
    const { connect } = await import("@nats-io/transport-node")
    const { jetstreamManager } = await import("@nats-io/jetstream")
    const connection = await connect({ servers: engine.url })
    await (await jetstreamManager(connection)).streams.purge("c10k_log_default")
    await connection.close()
  })

  const harm: Readonly<
    Record<Kind, (index: number) => Effect.Effect<void, never, Effect.Effect.Context<ReturnType<typeof restart>>>>
  > = {
    node: restart,
    nodes: () =>
      Effect.gen(function* () {
        yield* Effect.forEach(servers, kill)
        for (const index of nodes.keys()) servers[index] = yield* nodes[index]!.begin
      }),
    "frozen node": (index) => freeze((name) => servers[index]!.child.kill(name), 1 + random.integer(8)),
    // The other nodes treat it as dead, and its workers have moved to them.
    "long frozen node": (index) => freeze((name) => servers[index]!.child.kill(name), 20),
    engine: () =>
      Effect.promise(async () => {
        await engine.kill()
        await engine.start()
      }),
    "frozen engine": () => freeze((name) => engine.signal(name), 3),
    "full disk": () =>
      Effect.gen(function* () {
        engine.fillDisk()
        yield* Effect.sleep("3 seconds")
        engine.freeDisk()
      }),
    life: () =>
      Effect.gen(function* () {
        yield* kill(life)
        life = yield* live(true)
      }),
    sockets: () =>
      Effect.sync(() => {
        for (const cells of [network, ...nodes.map(({ own }) => own)]) cells.cut(() => random.number() < 0.5)
      }),
    network: (index) =>
      Effect.gen(function* () {
        const { network } = nodes[index]!
        network.isOpen = false
        network.cut(() => true)
        yield* Effect.sleep(1000 * (1 + random.integer(8)))
        network.isOpen = true
      }),
    // Nothing of the log is left but what the nodes know, and what they save when they notice it.
    purge: () => purge,
    "frozen past retention": (index) =>
      Effect.gen(function* () {
        const { child } = servers[index]!
        const { network } = nodes[index]!
        child.kill("SIGSTOP")
        // Otherwise the entries wait in the buffers of its connection, and it misses nothing.
        network.isOpen = false
        network.cut(() => true)
        yield* Effect.sleep("4 seconds")
        yield* purge
        yield* Effect.sleep("2 seconds")
        network.isOpen = true
        child.kill("SIGCONT")
      }),
    // The engine loses its newest entries, as in a power cut. The game of all nodes is lost, and `life` begins it again.
    "rolled back": () =>
      Effect.gen(function* () {
        yield* Effect.promise(() => engine.kill())
        const copy = yield* Effect.promise(() => engine.copyOf("c10k_log_default"))
        yield* Effect.promise(() => engine.start())
        yield* Effect.sleep("2 seconds")
        yield* Effect.promise(() => engine.kill())
        yield* Effect.promise(copy)
        yield* Effect.promise(() => engine.start())
        rollbacks++
      })
  }

  yield* wait(0)
  const counts: Record<string, number> = {}
  let slowest = { time: 0, kind: "" }
  for (let n = 0; n < kills; n++) {
    const kind = order?.[n % order.length] ?? kinds[random.integer(kinds.length)]!
    yield* wait(Math.min(steps - 3, Math.max(observer.step + 1, Math.floor((n * (steps - 4)) / kills))))
    yield* Effect.sleep(random.number() * (1000 / speed))
    const before = observer.step
    if (before >= steps)
      return yield* new ChaosFailure({
        seed,
        reason: `the game was over after ${n} of ${kills} kills: play it slower (--speed)`
      })
    yield* harm[kind](random.integer(nodes.length))
    counts[kind] = (counts[kind] ?? 0) + 1
    const ended = performance.now()
    yield* wait(Math.min(steps, observer.step + 2))
    const time = Math.round(performance.now() - ended)
    if (time > slowest.time) slowest = { time, kind }
    log(`${n + 1}/${kills}: ${kind} at step ${before}, ${time} ms`)
  }
  // The last states are on their way to a node that is frozen until the others have removed it, and its workers are closed.
  yield* wait(steps - 1)
  yield* freeze((name) => servers[0]!.child.kill(name), 8)
  yield* wait(steps)
  const status = yield* Effect.promise(() => life.ended)
  if (status !== 0) return yield* new ChaosFailure({ seed, reason: `life ended with ${status}: ${life.errors}` })
  // A game that was lost may be begun again more than once, if cells come back in several rounds.
  if (rollbacks === 0 && resets !== 1)
    return yield* new ChaosFailure({ seed, reason: `the game was reset ${resets} times` })
  return { counts, repeated: observer.repeated, slowest: `${slowest.time} ms (${slowest.kind})` } satisfies NodesReport
}, Effect.scoped)
