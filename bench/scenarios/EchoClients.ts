import * as Effect from "effect/Effect"
import { BenchError } from "../BenchError.ts"
import * as Contender from "../Contender.ts"
import type { Case, Scenario } from "../Scenario.ts"
import * as Server from "../Server.ts"
import { wholeRun } from "../WholeRun.ts"

const converse = (clients: number, delaySeconds: number): Case => ({
  points: [{ title: `${clients.toLocaleString("en")} clients, delay ${delaySeconds} s` }],
  takesPart: (contender) => contender.echoClients !== undefined,
  measure: (contender) =>
    Effect.gen(function* () {
      const server = yield* Server.start(Contender.project(Contender.root))
      const program = contender.echoClients?.(server.port, clients, delaySeconds)
      if (!program) return yield* new BenchError({ message: `${contender.title} has no echo clients` })
      const { cpu, memory } = yield* wholeRun("echo clients", program)
      return [{ cpu: (cpu / clients) * 1e3, memory: memory / 2 ** 20 }]
    })
})

export const echoClients: Scenario = {
  name: "echo-clients",
  title: "Echo clients",
  about:
    "The load tester itself. Its clients hold the default conversation with `/test/ws/` and check the whole " +
    "transcript. Beside it, clients written by hand on `ws` have the same conversation with the same server.",
  metrics: [
    { key: "cpu", label: "clients' CPU per conversation", unit: "ms", better: "lower", digits: 3 },
    { key: "memory", label: "clients' memory, peak", unit: "MiB", better: "lower", digits: 0 }
  ],
  cases: (scale) => (scale === "quick" ? [converse(500, 0.5)] : [converse(10000, 2)])
}
