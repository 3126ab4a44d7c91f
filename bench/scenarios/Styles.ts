import * as Effect from "effect/Effect"
import * as Contender from "../Contender.ts"
import * as Driver from "../Driver.ts"
import { cpuPer, type Figures } from "../Metric.ts"
import { type Case, connections, type Scenario } from "../Scenario.ts"
import * as Server from "../Server.ts"
import { styles } from "../Styles.ts"
import { warmUp } from "./Echo.ts"

const IN_FLIGHT = 200

const fill = (messages: number, counts: ReadonlyArray<number>): Case => ({
  points: counts.map(connections),
  takesPart: (contender) => contender.echoesOnly === true || Contender.relays(contender),
  measure: (contender) =>
    Effect.gen(function* () {
      const server = yield* Server.start(contender)
      yield* warmUp(server.port)
      yield* Effect.sleep("1 second")
      const empty = yield* server.usage
      const driver = yield* Driver.start("echo", [server.port, "/test/echo/", messages, IN_FLIGHT, ...counts])
      const figures: Array<Figures> = []
      for (const [index, count] of counts.entries()) {
        const added = count - (counts[index - 1] ?? 0)
        const start = yield* server.usage
        yield* driver.stage("open")
        const accepted = yield* server.usage
        yield* Effect.sleep("1500 millis")
        const before = yield* server.usage
        const done = yield* driver.stage("echoed")
        const after = yield* server.usage
        figures.push({
          cpu: ((after.cpu - before.cpu) / done["count"]!) * 1e6,
          accept: ((accepted.cpu - start.cpu) / added) * 1e6,
          memory: (before.memory - empty.memory) / count / 1024
        })
      }
      return figures
    })
})

export const conversationStyles: Scenario = {
  name: "styles",
  title: "Conversation styles",
  about:
    "The same echo in each style in which an Effect application may write it: the styles of this project, and the " +
    "two ways of `@effect/platform-node`. One server is measured as it fills up, after 20,000 messages on 200 " +
    "connections that have left: the cost to accept a connection, the memory of a connection before its first " +
    "message, and then the cost of each of 60,000 messages.",
  metrics: [
    cpuPer("message", 1),
    { key: "accept", label: "server CPU per accepted connection", unit: "µs", better: "lower", digits: 0 },
    { key: "memory", label: "memory per idle connection", unit: "KiB", better: "lower", digits: 1 }
  ],
  also: styles,
  cases: (scale) => [scale === "quick" ? fill(5000, [250, 500]) : fill(60_000, [2000, 10_000])]
}
