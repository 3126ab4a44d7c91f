import * as Effect from "effect/Effect"
import type { Contender } from "../Contender.ts"
import { onLoadCore, onOtherCores } from "../Cores.ts"
import * as Driver from "../Driver.ts"
import { cpuPer } from "../Metric.ts"
import * as NatsServer from "../NatsServer.ts"
import type { Usage } from "../ProcStat.ts"
import { type Case, connections, type Scenario } from "../Scenario.ts"
import * as Server from "../Server.ts"
import { WARM_UP } from "./Relay.ts"

/** The project's servers as nodes, with one game or with as many as nodes. Peers have no such option. Only commits of this project have a help text. */
const asNodes = (contender: Contender): ReadonlyArray<Contender> => {
  if (contender.help === undefined) return []
  const of = (nodes: number, isApart: boolean): Contender => ({
    ...contender,
    name: `${contender.name}-${nodes}${isApart ? "-apart" : ""}`,
    title: `${contender.title}, ${nodes} ${nodes === 1 ? "node" : "nodes"} and NATS${isApart ? `, ${nodes} games` : ""}`,
    nodes,
    isApart
  })
  return [of(1, false), ...[2, 3, 4].flatMap((nodes) => [of(nodes, false), of(nodes, true)])]
}

const pinned = (contender: Contender): Contender => ({
  ...contender,
  server: (port, page) => onOtherCores(contender.server!(port, page))
})

const withNats = (contender: Contender, url: string, node: number): Contender => ({
  ...contender,
  server: (port, page) => {
    const program = contender.server!(port, page)
    return { ...program, args: [...program.args, "--nats", url, "--node", `n${node}`] }
  }
})

const startAll = (contender: Contender) =>
  Effect.gen(function* () {
    if (contender.nodes === undefined) return { engine: undefined, servers: [yield* Server.start(pinned(contender))] }
    const engine = yield* NatsServer.start(onOtherCores)
    const servers = yield* Effect.forEach(Array.from({ length: contender.nodes }), (_, node) =>
      Server.start(pinned(withNats(contender, engine.url, node)))
    )
    return { engine, servers }
  })

const sum = (usages: ReadonlyArray<Usage>, key: keyof Usage): number =>
  usages.reduce((total, usage) => total + usage[key], 0)

const play = (size: number, steps: number): Case => ({
  points: [connections(size * size)],
  takesPart: ({ help }) => help !== undefined,
  measure: (contender) =>
    Effect.gen(function* () {
      const { engine, servers } = yield* startAll(contender)
      const usage = Effect.all({
        servers: Effect.forEach(servers, (server) => server.usage),
        engine: engine?.usage ?? Effect.succeed({ cpu: 0, memory: 0, writes: 0 })
      })
      const ports = servers.map(({ port }) => port)
      const games = contender.isApart === true ? ports.map((port) => [port]) : [ports]
      const side = Math.max(3, Math.round(size / Math.sqrt(games.length)))
      // Each node must warm up, and each has only a part of the deliveries.
      const warmUp = Math.ceil((WARM_UP * servers.length) / (8 * size * size))
      const drivers = yield* Effect.forEach(games, ([first, ...also], game) =>
        Driver.start("relay", [first!, side, warmUp, warmUp + steps, 0], {
          ALSO: also.join(","),
          PLACED: "rows",
          ...onLoadCore,
          ...(games.length === 1 ? {} : { GAME: `/games/g${game}` })
        })
      )
      const stage = (name: string) =>
        Effect.forEach(drivers, (driver) => driver.stage(name), { concurrency: "unbounded" })
      yield* stage("warm")
      const before = yield* usage
      const done = yield* stage("done")
      const after = yield* usage
      const deliveries = done.reduce((total, figures) => total + figures["deliveries"]!, 0)
      const cpu = sum(after.servers, "cpu") - sum(before.servers, "cpu")
      const engineCpu = after.engine.cpu - before.engine.cpu
      return [
        {
          cpu: ((cpu + engineCpu) / deliveries) * 1e6,
          servers: (cpu / deliveries) * 1e6,
          engine: (engineCpu / deliveries) * 1e6,
          writes: (sum(after.servers, "writes") - sum(before.servers, "writes")) / deliveries,
          steps: steps / Math.max(...done.map((figures) => figures["run_s"]!)),
          memory: (sum(after.servers, "memory") + after.engine.memory) / 2 ** 20
        }
      ]
    })
})

export const nodes: Scenario = {
  name: "nodes",
  title: "Nodes that share a game",
  about:
    "The game of the relay scenario: with its log in the memory of one server, and on one to four servers " +
    "(nodes) that share the log in NATS JetStream. Each node has the cells of some rows, as `life` places them, so that " +
    "most neighbours are on one node. The lines with several games show the floor: the same nodes and as many cells, " +
    "but each node has a game of its own that no other reads. The load runs on the first core and the rest on the others. CPU is that of all nodes and of nats-server. The figure is the cost of a " +
    "delivery and not a gain in speed, because all nodes share the cores of one machine. A write is " +
    "a `write` system call of a node.",
  metrics: [
    cpuPer("delivery, nodes and NATS"),
    { key: "servers", label: "nodes alone", unit: "µs", better: "lower", digits: 2 },
    { key: "engine", label: "nats-server", unit: "µs", better: "lower", digits: 2 },
    { key: "writes", label: "writes per delivery", unit: "", better: "lower", digits: 3 },
    { key: "steps", label: "steps", unit: "1/s", better: "higher", digits: 1 },
    { key: "memory", label: "memory, nodes and NATS", unit: "MiB", better: "lower", digits: 0 }
  ],
  variants: asNodes,
  cases: (scale) =>
    scale === "quick"
      ? [play(16, 40)]
      : [
          [32, 120],
          [64, 30],
          [100, 12]
        ].map(([size, steps]) => play(size!, steps!))
}
