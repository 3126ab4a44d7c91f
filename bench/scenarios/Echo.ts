import * as Effect from "effect/Effect"
import * as Contender from "../Contender.ts"
import * as Driver from "../Driver.ts"
import { cpuPer, memory } from "../Metric.ts"
import type { Case, Scenario } from "../Scenario.ts"
import * as Server from "../Server.ts"

const IN_FLIGHT = 200

const talk = (connections: number, messages: number): Case => ({
  title: `${connections.toLocaleString("en")} connections`,
  x: connections,
  takesPart: Contender.relays,
  measure: (contender) =>
    Effect.gen(function* () {
      const server = yield* Server.start(contender)
      const rounds = Math.max(1, Math.round(messages / connections))
      const driver = yield* Driver.start("echo", [server.port, "/test/echo/", connections, rounds, IN_FLIGHT])
      yield* driver.stage("open")
      const before = yield* server.usage
      const done = yield* driver.stage("echoed")
      const after = yield* server.usage
      return {
        cpu: ((after.cpu - before.cpu) / done["count"]!) * 1e6,
        replies: done["count"]! / done["run_s"]!,
        p99: done["p99_ms"]!,
        memory: after.memory / 2 ** 20
      }
    })
})

export const echo: Scenario = {
  name: "echo",
  title: "Echo",
  about:
    "All connections to `/test/echo/` talk at once: each sends a text of its own, waits for the very same text, and " +
    "sends the next. The number of messages is the same at each number of connections.",
  metrics: [
    cpuPer("message", 1),
    { key: "replies", label: "replies", unit: "1/s", better: "higher", digits: 0 },
    { key: "p99", label: "round trip, p99", unit: "ms", better: "lower", digits: 1 },
    memory
  ],
  cases: (scale) =>
    scale === "quick" ? [talk(500, 5000)] : [1000, 2000, 5000, 10000].map((connections) => talk(connections, 100_000))
}
