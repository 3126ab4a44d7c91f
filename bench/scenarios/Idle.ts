import * as Effect from "effect/Effect"
import * as Contender from "../Contender.ts"
import * as Driver from "../Driver.ts"
import type { Figures } from "../Metric.ts"
import { kernelSlab } from "../ProcStat.ts"
import { type Case, connections, type Scenario } from "../Scenario.ts"
import * as Server from "../Server.ts"

const IN_FLIGHT = 200

export const keepOpen = (path: string, counts: ReadonlyArray<number>): Case => ({
  points: counts.map(connections),
  takesPart: Contender.relays,
  measure: (contender) =>
    Effect.gen(function* () {
      const server = yield* Server.start(contender)
      yield* Effect.sleep("1 second")
      const before = yield* server.usage
      const slabBefore = kernelSlab()
      const driver = yield* Driver.start("echo", [server.port, path, 0, IN_FLIGHT, ...counts])
      const figures: Array<Figures> = []
      for (const [index, count] of counts.entries()) {
        const added = count - (counts[index - 1] ?? 0)
        const start = yield* server.usage
        const open = yield* driver.stage("open")
        const accepted = yield* server.usage
        yield* Effect.sleep("1500 millis")
        const after = yield* server.usage
        figures.push({
          memory: (after.memory - before.memory) / count / 1024,
          cpu: ((accepted.cpu - start.cpu) / added) * 1e6,
          accepted: added / open["run_s"]!,
          kernel: (kernelSlab() - slabBefore) / count / 1024
        })
      }
      return figures
    })
})

/** A `node:net` server that only answers the handshake. No server on Node can accept a connection for less. */
const leastNode: Contender.Contender = {
  name: "least-node",
  title: "the least that Node does",
  slowness: 1,
  server: (port) => ({ command: "node", args: ["least-node.js", port], cwd: Contender.peersFolder })
}

export const idle: Scenario = {
  name: "idle",
  title: "Idle connections",
  about:
    "Connections to `/test/echo/` are opened, 200 handshakes at a time, and send nothing. One server is measured " +
    "as it fills up. Memory is the growth of its processes since before the first connection, 1.5 seconds after " +
    "the last one was accepted. The kernel's own memory belongs to no process. It is given for both ends of a " +
    'connection together. "The least that Node does" is a `node:net` server that reads the request once, hashes ' +
    "its key and writes the answer.",
  metrics: [
    { key: "memory", label: "memory per connection", unit: "KiB", better: "lower", digits: 2 },
    { key: "cpu", label: "server CPU per accepted connection", unit: "µs", better: "lower", digits: 0 },
    { key: "accepted", label: "accepted", unit: "1/s", better: "higher", digits: 0 },
    { key: "kernel", label: "kernel memory, both ends", unit: "KiB", better: "lower", digits: 1 }
  ],
  also: [leastNode],
  cases: (scale) => [keepOpen("/test/echo/", scale === "quick" ? [500, 1000] : [1000, 2000, 5000, 10000])]
}

export const idleConversation: Scenario = {
  ...idle,
  name: "conversation",
  title: "Idle conversations",
  about:
    "The same on `/test/ws/`, whose handler is one fiber for each connection (in Python: a coroutine). The server " +
    "has sent each client its greeting, and the handler waits for the first message.",
  also: [],
  cases: (scale) => [keepOpen("/test/ws/", scale === "quick" ? [500, 1000] : [1000, 10000])]
}
