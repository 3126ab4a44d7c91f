import * as Effect from "effect/Effect"
import * as Contender from "../Contender.ts"
import * as Driver from "../Driver.ts"
import { kernelSlab } from "../ProcStat.ts"
import type { Case, Scenario } from "../Scenario.ts"
import * as Server from "../Server.ts"

const IN_FLIGHT = 200

const hold = (connections: number): Case => ({
  title: `${connections.toLocaleString("en")} connections`,
  x: connections,
  takesPart: Contender.relays,
  measure: (contender) =>
    Effect.gen(function* () {
      const server = yield* Server.start(contender)
      yield* Effect.sleep("1 second")
      const before = yield* server.usage
      const slabBefore = kernelSlab()
      const driver = yield* Driver.start("echo", [server.port, "/test/echo/", connections, 0, IN_FLIGHT])
      const open = yield* driver.stage("open")
      const accepted = yield* server.usage
      yield* Effect.sleep("2 seconds")
      const after = yield* server.usage
      return {
        memory: (after.memory - before.memory) / connections / 1024,
        cpu: ((accepted.cpu - before.cpu) / connections) * 1e6,
        accepted: connections / open["run_s"]!,
        kernel: (kernelSlab() - slabBefore) / connections / 1024
      }
    })
})

export const idle: Scenario = {
  name: "idle",
  title: "Idle connections",
  about:
    "Connections to `/test/echo/` are opened, 200 handshakes at a time, and say nothing. Memory is what the server's " +
    "processes have grown by, two seconds after the last one was accepted. The kernel's own memory is in no process: " +
    "it is given for both ends of the connection together, and belongs to the machine rather than to the server.",
  metrics: [
    { key: "memory", label: "memory per connection", unit: "KiB", better: "lower", digits: 2 },
    { key: "cpu", label: "server CPU per accepted connection", unit: "µs", better: "lower", digits: 0 },
    { key: "accepted", label: "accepted", unit: "1/s", better: "higher", digits: 0 },
    { key: "kernel", label: "kernel memory, both ends", unit: "KiB", better: "lower", digits: 1 }
  ],
  cases: (scale) => (scale === "quick" ? [1000] : [1000, 2000, 5000, 10000]).map(hold)
}
