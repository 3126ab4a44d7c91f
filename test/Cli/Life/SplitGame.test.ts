/** `life --processes`: the cells of a game in several processes. */
import { readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { eventually } from "../../eventually.ts"
import { freePort } from "../../freePort.ts"
import * as ServerProcess from "../../Server/ServerProcess.ts"
import { shareServer } from "../processes.ts"

/** The processes that a process has started. */
const childrenOf = (pid: number): ReadonlyArray<number> =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8")
    .trim()
    .split(" ")
    .filter((word) => word !== "")
    .map(Number)

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

const size = ["-s", "9", "--seed", "5", "--processes", "3", "--check", "--json", "-"]

const lastOf = (output: string): unknown => JSON.parse(output.trim().split("\n").at(-1)!)

describe.skipIf(process.platform !== "linux")("the cells of a game in several processes", () => {
  const shared = shareServer()

  it.scopedLive(
    "the cells of a game in several processes are right at every step, also if the server loses the game in the middle",
    () =>
      Effect.gen(function* () {
        const port = yield* Effect.promise(() => freePort("127.0.0.1"))
        const serve = ServerProcess.start(["serve", "--host", "127.0.0.1", "--port", String(port)])
        const first = yield* serve
        yield* Effect.promise(() => first.port())
        const url = `ws://127.0.0.1:${port}`
        const life = yield* ServerProcess.start(["life", "--url", url, ...size, "-n", "60", "--speed", "20"])
        yield* Effect.promise(() => life.printed(/"step":\d/))
        assert.strictEqual(childrenOf(life.child.pid!).length, 3)
        first.child.kill("SIGKILL")
        yield* Effect.promise(() => first.ended)
        yield* serve
        const status = yield* Effect.promise(() => life.ended)
        assert.strictEqual(status, 0, life.errors)
        assert.deepInclude(lastOf(life.output), { phase: "ended", step: 60, cells: 81, checked: 61, connected: 81 })
      })
  )

  it.scopedLive("the cells of a game in several processes end with an error if one of these is killed", () =>
    Effect.gen(function* () {
      const { at } = yield* shared
      const life = yield* ServerProcess.start(["life", ...at, ...size, "--speed", "20"])
      yield* Effect.promise(() => life.printed(/"step":\d/))
      const cells = childrenOf(life.child.pid!)
      process.kill(cells[1]!, "SIGKILL")
      const status = yield* Effect.promise(() => life.ended)
      assert.strictEqual(status, 1)
      assert.match(
        life.errors,
        /^effect-c10k: process 2 of 3 of the cells ended \(SIGKILL\): the game can't go on.*--resume/m
      )
      yield* Effect.promise(() => eventually(() => assert.deepStrictEqual(cells.filter(isAlive), [])))
    })
  )
})
