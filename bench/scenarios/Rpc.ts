import * as Effect from "effect/Effect"
import * as Driver from "../Driver.ts"
import { cpuPer, type Figures } from "../Metric.ts"
import { rpcWays } from "../RpcWays.ts"
import { type Case, connections, type Scenario } from "../Scenario.ts"
import * as Server from "../Server.ts"

const IN_FLIGHT = 200

const environment = { RPC: "1" }

const ask = (requests: number, counts: ReadonlyArray<number>): Case => ({
  points: counts.map(connections),
  takesPart: (contender) => rpcWays.includes(contender),
  measure: (contender) =>
    Effect.gen(function* () {
      const server = yield* Server.start(contender)
      const warm = yield* Driver.start("echo", [server.port, "/test/echo/", 20_000, IN_FLIGHT, 200], environment)
      for (const stage of ["open", "echoed", "closed"]) yield* warm.stage(stage)
      const driver = yield* Driver.start(
        "echo",
        [server.port, "/test/echo/", requests, IN_FLIGHT, ...counts],
        environment
      )
      const figures: Array<Figures> = []
      for (const _ of counts) {
        yield* driver.stage("open")
        const before = yield* server.usage
        const done = yield* driver.stage("echoed")
        const after = yield* server.usage
        figures.push({ cpu: ((after.cpu - before.cpu) / done["count"]!) * 1e6 })
      }
      return figures
    })
})

export const rpc: Scenario = {
  name: "rpc",
  title: "Requests of @effect/rpc",
  about:
    "The same RPC server of `@effect/rpc`, in lines of JSON, over the WebSockets of this project and of " +
    "`@effect/platform-node`. Every connection sends the next request when it has the answer to the one before, " +
    "and checks each answer. On one server, after 20,000 requests on 200 connections that have left, the cost of " +
    "each of 60,000 requests is measured. Spans are off.",
  metrics: [cpuPer("request", 1)],
  also: rpcWays,
  cases: (scale) => [scale === "quick" ? ask(2000, [100, 200]) : ask(60_000, [2000, 10_000])]
}
