/** A check of the project: a command that runs to its end, and the line that tells how it ended. */
import { relative } from "node:path"
import * as Command from "@effect/platform/Command"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Console from "effect/Console"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"

export interface Stage {
  readonly name: string
  readonly command: readonly [file: string, ...args: ReadonlyArray<string>]
  readonly env?: Readonly<Record<string, string>>
}

/** The options of vitest with which it also writes `report`, a file that `countTests` reads. */
export const reporting = (report: string): ReadonlyArray<string> => [
  "--reporter=default",
  "--reporter=json",
  `--outputFile.json=${report}`
]

const TestCase = Schema.Struct({
  fullName: Schema.String,
  status: Schema.String,
  failureMessages: Schema.Array(Schema.String)
})

const TestFile = Schema.Struct({
  name: Schema.String,
  status: Schema.String,
  assertionResults: Schema.Array(TestCase)
})

/** The part of vitest's report that is read. */
const Report = Schema.parseJson(
  Schema.Struct({
    numPassedTests: Schema.Number,
    numFailedTests: Schema.Number,
    testResults: Schema.Array(TestFile)
  })
)

export interface Counts {
  readonly passed: number
  readonly failed: number
  /** The tests that passed at the second attempt (`retry` in `vitest.config.ts`): file, name, and how the first one failed. */
  readonly repeated: ReadonlyArray<string>
}

/** A test that passed has failures when an attempt before failed. */
const repeatedOf = ({ assertionResults, name }: typeof TestFile.Type): ReadonlyArray<string> =>
  assertionResults
    .filter(({ failureMessages, status }) => status === "passed" && failureMessages.length > 0)
    .map(
      ({ failureMessages, fullName }) =>
        `${relative(".", name)} > ${fullName}: ${failureMessages[0]!.split("\n", 1)[0]}`
    )

export const countTests: (report: string) => Effect.Effect<Counts, never, FileSystem.FileSystem> = Effect.fn(
  "countTests"
)(
  function* (report) {
    const fs = yield* FileSystem.FileSystem
    const { numFailedTests, numPassedTests, testResults } = yield* Schema.decode(Report)(
      yield* fs.readFileString(report)
    )
    // A file that fails outside its tests has no failed test to count.
    const brokenFiles = testResults.filter(
      (file) => file.status === "failed" && file.assertionResults.every(({ status }) => status !== "failed")
    )
    return {
      passed: numPassedTests,
      failed: numFailedTests + brokenFiles.length,
      repeated: testResults.flatMap(repeatedOf)
    }
  },
  // The runner itself broke: nothing ran, and that is a failure too.
  Effect.orElseSucceed(() => ({ passed: 0, failed: 1, repeated: [] }))
)

/** Runs a command to its end; with all that it printed on both outputs, in the order in which it came. */
const execute = Effect.fn("execute")(function* ({ command: [file, ...args], env }: Stage) {
  const child = yield* Command.start(Command.make(file, ...args).pipe(Command.env({ NO_COLOR: "1", ...env })))
  const output = yield* Stream.merge(child.stdout, child.stderr).pipe(Stream.decodeText(), Stream.mkString)
  return { succeeded: (yield* child.exitCode) === 0, output }
}, Effect.scoped)

/** Runs a stage and prints its line; with all that it printed if it failed. */
export const runStage = Effect.fn("runStage")(function* (stage: Stage) {
  const { command, name } = stage
  const [duration, { output, succeeded }] = yield* Effect.timed(execute(stage))
  const seconds = `${Duration.toSeconds(duration).toFixed(1)} s`.padStart(8)
  yield* succeeded
    ? Console.log(`ok     ${seconds}  ${name}`)
    : Console.log(`FAILED ${seconds}  ${name}: ${command.join(" ")}\n\n${output.trim()}\n`)
  return { name, succeeded }
})

/** Runs tests as a stage, and counts them; `options` are those of vitest. */
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

/** Names each test that needed a second attempt, so that none is hidden. */
export const tellRepeated = (repeated: Counts["repeated"]): Effect.Effect<void> =>
  Effect.forEach(repeated, (one) => Console.log(`passed at the second attempt: ${one}`), { discard: true })

/**
 * Says what failed, which tests needed a second attempt and, in the last line, how many passed; the exit status is 1 unless all went
 * well.
 */
export const conclude = Effect.fn("conclude")(function* (
  outcomes: ReadonlyArray<Outcome>,
  tests: ReadonlyArray<Outcome & Counts>
) {
  const failed = tests.reduce((sum, one) => sum + one.failed, 0)
  const passed = tests.reduce((sum, one) => sum + one.passed, 0)
  const wrong = [...outcomes, ...tests].filter(({ succeeded }) => !succeeded).map(({ name }) => name)
  yield* tellRepeated(tests.flatMap(({ repeated }) => repeated))
  if (wrong.length > 0) yield* Console.log(`Failed: ${wrong.join(", ")}`)
  yield* Console.log(`${passed} passed, ${failed} failed`)
  if (wrong.length > 0 || failed > 0 || passed === 0) process.exitCode = 1
})
