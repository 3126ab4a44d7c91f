import * as Effect from "effect/Effect"
import * as Contender from "../Contender.ts"
import * as Driver from "../Driver.ts"
import { cpuPer, type Figures, memory } from "../Metric.ts"
import { type Case, connections, type Scenario } from "../Scenario.ts"
import * as Server from "../Server.ts"

const IN_FLIGHT = 200

/** Sends messages on a few other connections first, so that V8 has compiled the hot code before the measurement. */
export const warmUp = (port: number) =>
  Effect.gen(function* () {
    const driver = yield* Driver.start("echo", [port, "/test/echo/", 20_000, IN_FLIGHT, 200])
    yield* driver.stage("open")
    yield* driver.stage("echoed")
    yield* driver.stage("closed")
  }).pipe(Effect.scoped)

export const talk = (messages: number, counts: ReadonlyArray<number>): Case => ({
  points: counts.map(connections),
  takesPart: Contender.relays,
  measure: (contender) =>
    Effect.gen(function* () {
      const server = yield* Server.start(contender)
      yield* warmUp(server.port)
      const driver = yield* Driver.start("echo", [server.port, "/test/echo/", messages, IN_FLIGHT, ...counts])
      const figures: Array<Figures> = []
      for (const _ of counts) {
        yield* driver.stage("open")
        const before = yield* server.usage
        const done = yield* driver.stage("echoed")
        const after = yield* server.usage
        figures.push({
          cpu: ((after.cpu - before.cpu) / done["count"]!) * 1e6,
          replies: done["count"]! / done["run_s"]!,
          p99: done["p99_ms"]!,
          memory: after.memory / 2 ** 20
        })
      }
      return figures
    })
})

export const echo: Scenario = {
  name: "echo",
  title: "Echo",
  about:
    "All connections to `/test/echo/` talk at once. Each sends its own text, waits until this text comes back, " +
    "and sends the next one. One server is measured as it fills up, with the same number of messages at each " +
    "number of connections.",
  metrics: [
    cpuPer("message", 1),
    { key: "replies", label: "replies", unit: "1/s", better: "higher", digits: 0 },
    { key: "p99", label: "round trip, p99", unit: "ms", better: "lower", digits: 1 },
    memory
  ],
  cases: (scale) => [scale === "quick" ? talk(5000, [250, 500]) : talk(60_000, [1000, 2000, 5000, 10000])]
}
