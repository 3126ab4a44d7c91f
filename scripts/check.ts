/** For everyday use: types, format, lint and the fast tests. `npm test` runs everything. */
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Effect from "effect/Effect"
import { staticChecks } from "./Checks.ts"
import { conclude, runStage, runTests } from "./Stage.ts"

Effect.gen(function* () {
  const stages = yield* Effect.forEach(staticChecks, runStage, { concurrency: 2 })
  const tests = yield* runTests("fast tests", ["--project", "fast"])
  yield* conclude(stages, [tests])
}).pipe(Effect.provide(NodeContext.layer), NodeRuntime.runMain)
