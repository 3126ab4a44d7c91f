/** Runs the checks and tests that each change must pass, and prints one line per stage. `testLong.ts` runs the rest. The last line counts the tests: `N passed, N failed`, and `, N skipped` if the machine lacks programs. */
import * as Effect from "effect/Effect"
import { staticChecks } from "./Checks.ts"
import { conclude, runScript, runStage, runTests, type Stage } from "./Stage.ts"

/** Runs before the tests: one of them packs the build, and many run its command line. */
const build: Stage = { name: "build", command: ["npm", "run", "--silent", "build"] }

const withBuild = { EFFECT_C10K_BUILT: "true" }

const checks: ReadonlyArray<Stage> = [
  ...staticChecks,
  { name: "package", command: ["tsx", "scripts/checkPackage.ts"] },
  // The site around it is built by `testLong.ts`.
  { name: "reference of the API", command: ["typedoc", "--logLevel", "Warn", "--emit", "none"] }
]

/** Those of one project share a process. They use what was built. */
const runProject = (name: string) => runTests(`tests of ${name}`, ["--project", name], withBuild)

const buildAndTest = Effect.gen(function* () {
  const built = yield* runStage(build)
  const [checked, ...tests] = yield* Effect.all(
    [Effect.forEach(checks, runStage), ...["commands", "package", "servers", "logs", "pages"].map(runProject)],
    { concurrency: "unbounded" }
  )
  return { stages: [built, ...checked], tests }
})

Effect.gen(function* () {
  // All of these wait at times, for processes, browsers or timers, so they run at the same time.
  const [inMemory, { stages, tests }] = yield* Effect.all(
    [runTests("tests in one process", ["--project", "fast", "--project", "shared"]), buildAndTest],
    { concurrency: "unbounded" }
  )
  yield* conclude(stages, [inMemory, ...tests])
}).pipe(runScript)
