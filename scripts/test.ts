/** Runs every check of the project and prints one line per stage. The last line counts the tests: `N passed, N failed`, and `, N skipped` if the machine lacks programs. */
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Effect from "effect/Effect"
import { largeYoungGeneration, staticChecks } from "./Checks.ts"
import * as Nodes from "./Nodes.ts"
import { conclude, runStage, runTests, type Stage } from "./Stage.ts"

/** Runs before the tests: one of them packs the build, and many run its command line. */
const build: Stage = { name: "build", command: ["npm", "run", "--silent", "build"] }

const withBuild = { EFFECT_C10K_BUILT: "true" }

const checks: ReadonlyArray<Stage> = [
  ...staticChecks,
  { name: "documentation site", command: ["tsx", "scripts/site.ts"], env: largeYoungGeneration },
  { name: "package", command: ["tsx", "scripts/checkPackage.ts"] }
]

/** A fast part of the tests on the newest Node, on systems for which npm has its binary. `npm run test:nodes` runs all tests on each version. */
const newestNode: ReadonlyArray<Stage> = Nodes.isSupported
  ? [
      {
        name: `the fast part on Node ${Nodes.newest.version}`,
        command: ["tsx", "scripts/testNodes.ts", "--newest"],
        env: withBuild
      },
      // After that, which installs the newest Node.
      { name: "one-file executable", command: ["tsx", "scripts/executable.ts", "--check"] }
    ]
  : []

const buildAndTest = Effect.gen(function* () {
  const built = yield* runStage(build)
  const [checked, tests] = yield* Effect.all(
    [Effect.forEach([...checks, ...newestNode], runStage), runTests("tests", ["--project", "tests"], withBuild)],
    { concurrency: 2 }
  )
  return { stages: [built, ...checked], tests }
})

Effect.gen(function* () {
  // All of these wait at times, for processes, browsers or timers, so they run at the same time.
  const [inOneProcess, { stages, tests }] = yield* Effect.all(
    [
      runTests("tests that share a process", ["--project", "fast", "--project", "shared", "--project", "streams"]),
      buildAndTest
    ],
    { concurrency: 2 }
  )
  yield* conclude(stages, [inOneProcess, tests])
}).pipe(Effect.provide(NodeContext.layer), NodeRuntime.runMain)
