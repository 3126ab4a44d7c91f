/** Every check of the project, one line a stage; the last line counts the tests: `N passed, N failed`. */
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Effect from "effect/Effect"
import { effectTypes, otherChecks } from "./Checks.ts"
import * as Nodes from "./Nodes.ts"
import { conclude, runStage, runTests, type Stage } from "./Stage.ts"

const checks: ReadonlyArray<Stage> = [
  effectTypes,
  ...otherChecks,
  { name: "build", command: ["npm", "run", "--silent", "build"] },
  { name: "API reference", command: ["typedoc", "--logLevel", "Warn"] }
]

/** Of what the build made. */
const packageCheck: Stage = { name: "package", command: ["tsx", "scripts/checkPackage.ts"] }

/** The fast part on the newest Node, where its binary can be had; `npm run test:nodes` runs all on each version. */
const newestNode: ReadonlyArray<Stage> = Nodes.isSupported
  ? [
      {
        name: `the fast part on Node ${Nodes.newest.version}`,
        command: ["tsx", "scripts/testNodes.ts", "--newest"]
      }
    ]
  : []

Effect.gen(function* () {
  const before = yield* Effect.forEach(checks, runStage, { concurrency: 2 })
  const built = yield* Effect.forEach([packageCheck, ...newestNode], runStage, { concurrency: 2 })
  const tests = yield* runTests("tests", [], { EFFECT_C10K_BUILT: "true" })
  yield* conclude([...before, ...built], [tests])
}).pipe(Effect.provide(NodeContext.layer), NodeRuntime.runMain)
