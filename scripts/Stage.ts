/** A stage is a command that checks the project. Its result is printed in one line. */
import * as Command from "@effect/platform/Command"
import * as FileSystem from "@effect/platform/FileSystem"
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Cause from "effect/Cause"
import * as Console from "effect/Console"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { missingPackages } from "./Debian.ts"

export interface Stage {
  readonly name: string
  readonly command: readonly [file: string, ...args: ReadonlyArray<string>]
  readonly env?: Readonly<Record<string, string>>
}

/** The options with which vitest also writes the file `report`, which `countTests` reads. */
export const reporting = (report: string): ReadonlyArray<string> => [
  "--reporter=default",
  "--reporter=json",
  `--outputFile.json=${report}`
]

const TestCase = Schema.Struct({
  status: Schema.String
})

const TestFile = Schema.Struct({
  status: Schema.String,
  assertionResults: Schema.Array(TestCase)
})

/** The part of vitest's report that we read. */
const Report = Schema.parseJson(
  Schema.Struct({
    numPassedTests: Schema.Number,
    numFailedTests: Schema.Number,
    numPendingTests: Schema.Number,
    testResults: Schema.Array(TestFile)
  })
)

export interface Counts {
  readonly passed: number
  readonly failed: number
  /** Tests that need a program which this machine does not have. */
  readonly skipped: number
}

export const countTests: (report: string) => Effect.Effect<Counts, never, FileSystem.FileSystem> = Effect.fn(
  "countTests"
)(
  function* (report) {
    const fs = yield* FileSystem.FileSystem
    const { numFailedTests, numPassedTests, numPendingTests, testResults } = yield* Schema.decode(Report)(
      yield* fs.readFileString(report)
    )
    // A file that fails outside its tests has no failed test to count.
    const brokenFiles = testResults.filter(
      (file) => file.status === "failed" && file.assertionResults.every(({ status }) => status !== "failed")
    )
    return {
      passed: numPassedTests,
      failed: numFailedTests + brokenFiles.length,
      skipped: numPendingTests
    }
  },
  // There is no report because the runner itself failed. This counts as a failure.
  Effect.orElseSucceed(() => ({ passed: 0, failed: 1, skipped: 0 }))
)

/** Runs a command to its end. Returns all that it printed on both outputs, in the order in which it came. */
const execute = Effect.fn("execute")(function* ({ command: [file, ...args], env }: Stage) {
  const child = yield* Command.start(Command.make(file, ...args).pipe(Command.env({ NO_COLOR: "1", ...env })))
  const output = yield* Stream.merge(child.stdout, child.stderr).pipe(Stream.decodeText(), Stream.mkString)
  return { succeeded: (yield* child.exitCode) === 0, output }
}, Effect.scoped)

/** Runs a stage and prints its line. If the stage failed, its whole output follows. */
export const runStage = Effect.fn("runStage")(function* (stage: Stage) {
  const { command, name } = stage
  const [duration, { output, succeeded }] = yield* Effect.timed(execute(stage))
  const seconds = `${Duration.toSeconds(duration).toFixed(1)} s`.padStart(8)
  yield* succeeded
    ? Console.log(`ok     ${seconds}  ${name}`)
    : Console.log(`FAILED ${seconds}  ${name}: ${command.join(" ")}\n\n${output.trim()}\n`)
  return { name, succeeded }
})

/** Runs tests as a stage and counts them. `options` are passed to vitest. */
export const runTests = Effect.fn("runTests")(function* (
  name: string,
  options: ReadonlyArray<string>,
  env: Readonly<Record<string, string>> = {}
) {
  const report = yield* (yield* FileSystem.FileSystem).makeTempFileScoped({ suffix: ".json" })
  const stage = yield* runStage({ name, command: ["vitest", "run", ...reporting(report), ...options], env })
  return { ...stage, ...(yield* countTests(report)) }
}, Effect.scoped)

interface Outcome {
  readonly name: string
  readonly succeeded: boolean
}

/**
 * Prints what failed, which packages skipped tests need, and in the last line how many tests passed. The exit status is 1 if
 * anything failed or no test ran.
 */
export const conclude = Effect.fn("conclude")(function* (
  outcomes: ReadonlyArray<Outcome>,
  tests: ReadonlyArray<Outcome & Counts>
) {
  const failed = tests.reduce((sum, one) => sum + one.failed, 0)
  const passed = tests.reduce((sum, one) => sum + one.passed, 0)
  const skipped = tests.reduce((sum, one) => sum + one.skipped, 0)
  const wrong = [...outcomes, ...tests].filter(({ succeeded }) => !succeeded).map(({ name }) => name)
  if (wrong.length > 0) yield* Console.log(`Failed: ${wrong.join(", ")}`)
  if (skipped > 0)
    yield* Console.log(`Missing here, so tests were skipped: ${missingPackages().join(", ")} (packages of Debian)`)
  yield* Console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`)
  if (wrong.length > 0 || failed > 0 || passed === 0) process.exitCode = 1
})

/** Runs a script as the main program of the process. The exit status is 130 if a signal ends it, so that nobody takes a run that was cut off for one that passed. */
export const runScript = <E>(script: Effect.Effect<void, E, NodeContext.NodeContext>): void =>
  script.pipe(
    Effect.provide(NodeContext.layer),
    NodeRuntime.runMain({
      teardown: (exit, onExit) => onExit(Exit.isSuccess(exit) ? 0 : Cause.isInterruptedOnly(exit.cause) ? 130 : 1)
    })
  )
