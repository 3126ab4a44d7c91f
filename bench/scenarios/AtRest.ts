import * as Effect from "effect/Effect"
import * as Contender from "../Contender.ts"
import { memory } from "../Metric.ts"
import type { Case, Scenario } from "../Scenario.ts"
import * as Server from "../Server.ts"

const nobody: Case = {
  points: [{ title: "serve, nobody connected" }],
  takesPart: Contender.serves,
  measure: (contender) =>
    Effect.gen(function* () {
      const server = yield* Server.start(contender)
      yield* Effect.sleep("3 seconds")
      const { memory } = yield* server.usage
      return [{ memory: memory / 2 ** 20 }]
    })
}

export const atRest: Scenario = {
  name: "at-rest",
  title: "Memory at rest",
  about: "A server without any connection, three seconds after it began to accept connections.",
  metrics: [memory],
  cases: () => [nobody]
}
