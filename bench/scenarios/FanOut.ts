import * as Effect from "effect/Effect"
import * as Contender from "../Contender.ts"
import * as Driver from "../Driver.ts"
import { cpuPer, memory } from "../Metric.ts"
import type { Case, Scenario } from "../Scenario.ts"
import * as Server from "../Server.ts"

/** Deliveries before the measured ones. */
const WARM_UP = 50_000

export const publish = (subscribers: number, messages: number): Case => ({
  points: [{ title: `1 publisher, ${subscribers.toLocaleString("en")} subscribers` }],
  takesPart: Contender.serves,
  measure: (contender) =>
    Effect.gen(function* () {
      const server = yield* Server.start(contender)
      const ownMessages = Math.max(2, Math.round(messages / contender.slowness))
      const warmUp = Math.min(messages, Math.ceil(WARM_UP / subscribers))
      const dialect = contender.speaksSocketIo === true ? 1 : 0
      const driver = yield* Driver.start("fanout", [server.port, subscribers, warmUp, ownMessages, dialect])
      yield* driver.stage("warm")
      const before = yield* server.usage
      const done = yield* driver.stage("done")
      const after = yield* server.usage
      return [
        {
          cpu: ((after.cpu - before.cpu) / done["deliveries"]!) * 1e6,
          deliveries: done["deliveries"]! / done["run_s"]!,
          p99: done["p99_ms"]!,
          memory: after.memory / 2 ** 20
        }
      ]
    })
})

export const fanOut: Scenario = {
  name: "fan-out",
  title: "Fan-out",
  about:
    "All clients subscribe to one topic, and one client publishes to it. It sends the next message when all have " +
    "received the one before, so each message is a write to every connection, and most of the cost is the " +
    "kernel's. Each subscriber checks that it gets every message once and in order. With protocol 0, \"1,000 " +
    'subscribers" are the 1,024 of a game of 32 × 32 cells.',
  metrics: [
    cpuPer("delivery"),
    { key: "deliveries", label: "deliveries", unit: "1/s", better: "higher", digits: 0 },
    { key: "p99", label: "until the last has it, p99", unit: "ms", better: "lower", digits: 1 },
    memory
  ],
  cases: (scale) => (scale === "quick" ? [publish(1000, 20)] : [publish(1000, 300), publish(10000, 40)])
}
