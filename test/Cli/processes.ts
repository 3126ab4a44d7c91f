/** Commands as child processes. */
import { afterAll, beforeAll } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import * as ServerProcess from "../Server/ServerProcess.ts"

/** Runs a command to its end. */
export const run = (args: ReadonlyArray<string>, options?: ServerProcess.ProcessOptions) =>
  Effect.scoped(
    Effect.gen(function* () {
      const process = yield* ServerProcess.start(args, options)
      const status = yield* Effect.promise(() => process.ended)
      return { status, output: process.output, errors: process.errors }
    })
  )

/** A server of its own for a test. Returns `--url` and its URL. */
export const served = Effect.gen(function* () {
  const server = yield* ServerProcess.start(["serve", "--host", "127.0.0.1", "--port", "0"])
  const port = yield* Effect.promise(() => server.port())
  return { server, at: ["--url", `ws://127.0.0.1:${port}`] }
})

let games = 0

/**
 * Starts one server for the tests of this suite, because a server takes longer to start than most of them need. Returns `--url` and the
 * URL of a game of its own for each test.
 */
export const shareServer = () => {
  const scope = Effect.runSync(Scope.make())
  let port = 0
  beforeAll(async () => {
    const args = ["serve", "--host", "127.0.0.1", "--port", "0", "--max-games", "1000"]
    const server = await Effect.runPromise(Scope.extend(ServerProcess.start(args), scope))
    port = await server.port()
  })
  afterAll(() => Effect.runPromise(Scope.close(scope, Exit.void)))
  return Effect.sync(() => ({ at: ["--url", `ws://127.0.0.1:${port}/games/test-${++games}/`] }))
}
