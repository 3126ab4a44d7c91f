/** For everyday use: types, format, lint and the fast tests. `npm test` runs everything. */
import * as Effect from "effect/Effect"
import { staticChecks } from "./Checks.ts"
import { conclude, runScript, runStage, runTests } from "./Stage.ts"

Effect.gen(function* () {
  // The fast tests are one process. The checks of types need most of the other core.
  const [tests, stages] = yield* Effect.all(
    [runTests("fast tests", ["--project", "fast"]), Effect.forEach(staticChecks, runStage, { concurrency: 2 })],
    { concurrency: 2 }
  )
  yield* conclude(stages, [tests])
}).pipe(runScript)
