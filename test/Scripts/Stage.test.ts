import { spawn } from "node:child_process"
import { once } from "node:events"
import { assert, describe, it } from "@effect/vitest"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { conclude } from "../../scripts/Stage.ts"

/** The last lines of a run of the tests, and its exit status. */
const concluded = (...[outcomes, tests]: Parameters<typeof conclude>) =>
  Effect.gen(function* () {
    const lines: Array<string> = []
    const console = yield* Console.consoleWith(Effect.succeed)
    const log = (line: string) => Effect.sync(() => void lines.push(line))
    yield* conclude(outcomes, tests).pipe(Effect.withConsole({ ...console, log }))
    const status = process.exitCode ?? 0
    process.exitCode = 0
    return { lines, status }
  })

const tests = { name: "tests", succeeded: true, passed: 2, failed: 0, skipped: 0 }

describe("the conclusion of npm test", () => {
  it.effect("the conclusion of npm test counts the tests of all stages in its last line", () =>
    Effect.map(concluded([], [tests, { ...tests, passed: 5 }]), (concluded) =>
      assert.deepStrictEqual(concluded, { lines: ["7 passed, 0 failed"], status: 0 })
    )
  )

  it.effect(
    "the conclusion of npm test counts skipped tests, and names the packages that are missing in one line before",
    () =>
      Effect.map(concluded([], [{ ...tests, skipped: 3 }]), ({ lines, status }) => {
        assert.lengthOf(lines, 2)
        assert.match(lines[0]!, /^Missing here, so tests were skipped: /)
        assert.strictEqual(lines[1], "2 passed, 0 failed, 3 skipped")
        assert.strictEqual(status, 0)
      })
  )

  it.effect("the conclusion of npm test names the stages that failed, and ends with the status 1", () =>
    Effect.map(
      concluded([{ name: "build", succeeded: false }], [{ ...tests, succeeded: false, failed: 1 }]),
      (concluded) =>
        assert.deepStrictEqual(concluded, { lines: ["Failed: build, tests", "2 passed, 1 failed"], status: 1 })
    )
  )

  it.effect("the conclusion of npm test is a failure if no test ran", () =>
    Effect.map(concluded([], [{ ...tests, passed: 0, skipped: 4 }]), ({ status }) => assert.strictEqual(status, 1))
  )

  it("a run of the tests that a signal ends has the status 130, so it is not taken for a success", async () => {
    const script = `
      import * as Effect from "effect/Effect"
      import { runScript } from "${new URL("../../scripts/Stage.ts", import.meta.url)}"
      // A turn later, when it listens for signals.
const turn = Effect.async((resume) => void setImmediate(() => resume(Effect.void)))
runScript(turn.pipe(Effect.andThen(Effect.sync(() => console.log("running"))), Effect.zipRight(Effect.never)))`
    const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "--eval", script], {
      stdio: ["ignore", "pipe", "inherit"]
    })
    await once(child.stdout, "data")
    child.kill("SIGTERM")
    const [status] = await once(child, "close")
    assert.strictEqual(status, 130)
  })
})
