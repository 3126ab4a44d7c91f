/** Every check of the project, one line a stage; the last line counts the tests: `N passed, N failed`. */
import * as Command from "@effect/platform/Command"
import * as FileSystem from "@effect/platform/FileSystem"
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"

interface Stage {
  readonly name: string
  readonly command: readonly [file: string, ...args: ReadonlyArray<string>]
}

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
  command: ["vitest", "run", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`]
})

/** The part of vitest's report that is read. A file that fails outside its tests has no failed test to count. */
const Report = Schema.parseJson(
  Schema.Struct({
    numPassedTests: Schema.Number,
    numFailedTests: Schema.Number,
    testResults: Schema.Array(
      Schema.Struct({ status: Schema.String, assertionResults: Schema.Array(Schema.Struct({ status: Schema.String })) })
    )
  })
)

const countTests = Effect.fn("countTests")(
  function* (report: string) {
    const fs = yield* FileSystem.FileSystem
    const { numFailedTests, numPassedTests, testResults } = yield* Schema.decode(Report)(
      yield* fs.readFileString(report)
    )
    const brokenFiles = testResults.filter(
      (file) => file.status === "failed" && file.assertionResults.every(({ status }) => status !== "failed")
    )
    return { passed: numPassedTests, failed: numFailedTests + brokenFiles.length }
  },
  // The runner itself broke: nothing ran, and that is a failure too.
  Effect.orElseSucceed(() => ({ passed: 0, failed: 1 }))
)

/** Runs a command to its end; with all that it printed on both outputs, in the order in which it came. */
const execute = Effect.fn("execute")(function* ([file, ...args]: Stage["command"]) {
  const child = yield* Command.start(Command.make(file, ...args).pipe(Command.env({ NO_COLOR: "1" })))
  const output = yield* Stream.merge(child.stdout, child.stderr).pipe(Stream.decodeText(), Stream.mkString)
  return { succeeded: (yield* child.exitCode) === 0, output }
}, Effect.scoped)

const runStage = Effect.fn("runStage")(function* ({ command, name }: Stage) {
  const [duration, { output, succeeded }] = yield* Effect.timed(execute(command))
  const seconds = `${Duration.toSeconds(duration).toFixed(1)} s`.padStart(8)
  yield* succeeded
    ? Console.log(`ok     ${seconds}  ${name}`)
    : Console.log(`FAILED ${seconds}  ${name}: ${command.join(" ")}\n\n${output.trim()}\n`)
  return { name, succeeded }
})

const program = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const report = yield* fs.makeTempFileScoped({ suffix: ".json" })
  const outcomes = [
    ...(yield* Effect.forEach(checks, runStage, { concurrency: 2 })),
    ...(yield* Effect.forEach([...packageChecks, tests(report)], runStage))
  ]
  const failed = outcomes.filter(({ succeeded }) => !succeeded).map(({ name }) => name)
  const counts = yield* countTests(report)
  if (failed.length > 0) yield* Console.log(`Failed: ${failed.join(", ")}`)
  yield* Console.log(`${counts.passed} passed, ${counts.failed} failed`)
  if (failed.length > 0 || counts.failed > 0 || counts.passed === 0) process.exitCode = 1
})

program.pipe(Effect.scoped, Effect.provide(NodeContext.layer), NodeRuntime.runMain)
