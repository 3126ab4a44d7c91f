import { performance } from "node:perf_hooks"
import * as Effect from "effect/Effect"
import { BenchError } from "../BenchError.ts"
import * as Contender from "../Contender.ts"
import * as ProcessTree from "../ProcessTree.ts"
import type { Case, Scenario } from "../Scenario.ts"
import * as Server from "../Server.ts"

/** The number of starts, of which the fastest counts, so that the disk has no influence. */
const STARTS = 5

/** The fastest of several starts. `start` returns the time at which the program was ready. */
const fastest = (start: Effect.Effect<number, BenchError>) =>
  Effect.gen(function* () {
    let best = Number.POSITIVE_INFINITY
    for (let i = 0; i < STARTS; i++) {
      const begin = performance.now()
      best = Math.min(best, (yield* start) - begin)
    }
    return [{ milliseconds: best }]
  })

const moment = Effect.sync(() => performance.now())

const help: Case = {
  points: [{ title: "--help" }],
  takesPart: (contender) => contender.help !== undefined,
  measure: (contender) =>
    contender.help
      ? fastest(Effect.zipRight(ProcessTree.run(contender.help), moment))
      : new BenchError({ message: `${contender.title} has no help` })
}

const serve: Case = {
  points: [{ title: "serve, until it accepts connections" }],
  takesPart: Contender.serves,
  measure: (contender) => fastest(Effect.scoped(Effect.zipRight(Server.start(contender), moment)))
}

export const startUp: Scenario = {
  name: "start-up",
  title: "Start-up time",
  about:
    `The fastest of ${STARTS} starts, from the system call that creates the process to its end (\`--help\`) or to ` +
    "the first accepted connection (`serve`). `node -e 0` is the time that Node itself takes.",
  metrics: [{ key: "milliseconds", label: "time", unit: "ms", better: "lower", digits: 0 }],
  also: [
    Contender.fromMain(Contender.root, "tsx", "effect-c10k, from its sources", ["--import", "tsx", "src/main.ts"]),
    {
      name: "node",
      title: "node -e 0",
      slowness: 1,
      help: { command: "node", args: ["-e", "0"], cwd: Contender.peersFolder }
    }
  ],
  cases: () => [help, serve]
}
