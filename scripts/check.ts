/** Every check of the project, one line a stage; the last line counts the tests: `N passed, N failed`. */
import * as FileSystem from "@effect/platform/FileSystem"
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Nodes from "./Nodes.ts"
import { countTests, reporting, runStage, type Stage } from "./Stage.ts"

const diagnostics = ["effect-language-service", "diagnostics", "--strict", "--format", "text", "--project"] as const

const checks: ReadonlyArray<Stage> = [
  { name: "types", command: ["tsc"] },
  { name: "types of the pages", command: ["tsc", "--project", "static"] },
  { name: "types of the pages' tests", command: ["tsc", "--project", "test/Page"] },
  { name: "Effect diagnostics", command: [...diagnostics, "tsconfig.json"] },
  { name: "format and lint", command: ["biome", "check", "--error-on-warnings"] },
  {
    name: "import directions",
    command: ["depcruise", "src", "static", "bench", "scripts", "test", "--output-type", "err-long"]
  },
  { name: "nothing unused", command: ["knip"] },
  { name: "build", command: ["npm", "run", "--silent", "build"] }
]

/** Of what the build made. */
const packageChecks: ReadonlyArray<Stage> = [{ name: "package", command: ["tsx", "scripts/checkPackage.ts"] }]

const tests = (report: string): Stage => ({
  name: "tests",
  command: ["vitest", "run", ...reporting(report)]
})

/** The fast part on the newest Node, where its binary can be had; `npm run test:nodes` runs all on each version. */
const newestNode: ReadonlyArray<Stage> = Nodes.isSupported
  ? [
      {
        name: `the fast part on Node ${Nodes.newest.version}`,
        command: ["tsx", "scripts/testNodes.ts", "--newest"]
      }
    ]
  : []

const program = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const report = yield* fs.makeTempFileScoped({ suffix: ".json" })
  const outcomes = [
    ...(yield* Effect.forEach(checks, runStage, { concurrency: 2 })),
    ...(yield* Effect.forEach([...packageChecks, ...newestNode, tests(report)], runStage))
  ]
  const failed = outcomes.filter(({ succeeded }) => !succeeded).map(({ name }) => name)
  const counts = yield* countTests(report)
  if (failed.length > 0) yield* Console.log(`Failed: ${failed.join(", ")}`)
  yield* Console.log(`${counts.passed} passed, ${counts.failed} failed`)
  if (failed.length > 0 || counts.failed > 0 || counts.passed === 0) process.exitCode = 1
})

program.pipe(Effect.scoped, Effect.provide(NodeContext.layer), NodeRuntime.runMain)
