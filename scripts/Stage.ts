/** A check of the project: a command that runs to its end, and the line that tells how it ended. */
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

export interface Counts {
  readonly passed: number
  readonly failed: number
}

export const countTests: (report: string) => Effect.Effect<Counts, never, FileSystem.FileSystem> = Effect.fn(
  "countTests"
)(
  function* (report) {
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
export const runTests = Effect.fn("runTests")(function* (name: string, options: ReadonlyArray<string>) {
  const report = yield* (yield* FileSystem.FileSystem).makeTempFileScoped({ suffix: ".json" })
  const stage = yield* runStage({ name, command: ["vitest", "run", ...reporting(report), ...options] })
  return { ...stage, ...(yield* countTests(report)) }
}, Effect.scoped)

interface Outcome {
  readonly name: string
  readonly succeeded: boolean
}

/** Says what failed and, in the last line, how many tests passed; the exit status is 1 unless all went well. */
export const conclude = Effect.fn("conclude")(function* (outcomes: ReadonlyArray<Outcome>, { failed, passed }: Counts) {
  const wrong = outcomes.filter(({ succeeded }) => !succeeded).map(({ name }) => name)
  if (wrong.length > 0) yield* Console.log(`Failed: ${wrong.join(", ")}`)
  yield* Console.log(`${passed} passed, ${failed} failed`)
  if (wrong.length > 0 || failed > 0 || passed === 0) process.exitCode = 1
})
