import * as Effect from "effect/Effect"
import * as Contender from "../Contender.ts"
import * as Driver from "../Driver.ts"
import { memory } from "../Metric.ts"
import type { Case, Scenario } from "../Scenario.ts"
import * as Server from "../Server.ts"

const ALL_AT_ONCE = 0

const storm = (connections: number): Case => ({
  points: [{ title: `${connections.toLocaleString("en")} connections at once` }],
  takesPart: Contender.relays,
  measure: (contender) =>
    Effect.gen(function* () {
      const server = yield* Server.start(contender)
      const before = yield* server.usage
      const driver = yield* Driver.start("echo", [server.port, "/test/echo/", connections, ALL_AT_ONCE, connections])
      const open = yield* driver.stage("open")
      yield* driver.stage("echoed")
      yield* driver.stage("closed")
      const after = yield* server.usage
      return [
        {
          seconds: open["run_s"]!,
          p99: open["p99_ms"]!,
          cpu: ((after.cpu - before.cpu) / connections) * 1e6,
          memory: after.memory / 2 ** 20
        }
      ]
    })
})

export const connectionStorm: Scenario = {
  name: "storm",
  title: "Connection storm",
  about:
    "All clients connect at the same moment, as after a restart: all connections are started at once, and none " +
    "waits for another. If the listen queue overflows, the kernel tries again one second later. When all are " +
    "connected, each sends one text, checks the reply and closes.",
  metrics: [
    { key: "seconds", label: "until all are connected", unit: "s", better: "lower", digits: 2 },
    { key: "p99", label: "handshake, p99", unit: "ms", better: "lower", digits: 0 },
    { key: "cpu", label: "server CPU per connection, whole life", unit: "µs", better: "lower", digits: 0 },
    memory
  ],
  cases: (scale) => (scale === "quick" ? [storm(500)] : [storm(10000)])
}
