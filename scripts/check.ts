/** For everyday use: types, format, lint and the fast tests. `npm test` runs everything. */
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Effect from "effect/Effect"
import { staticChecks } from "./Checks.ts"
import { conclude, runStage, runTests } from "./Stage.ts"

Effect.gen(function* () {
  // The fast tests are one process. The checks of types need most of the other core.
  const [tests, stages] = yield* Effect.all(
    [runTests("fast tests", ["--project", "fast"]), Effect.forEach(staticChecks, runStage, { concurrency: 2 })],
    { concurrency: 2 }
  )
  yield* conclude(stages, [tests])
}).pipe(Effect.provide(NodeContext.layer), NodeRuntime.runMain)
