/** Commands as child processes. */
import * as Effect from "effect/Effect"
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

/** A server for a test. Returns `--url` and its URL. */
export const served = Effect.gen(function* () {
  const server = yield* ServerProcess.start(["serve", "--host", "127.0.0.1", "--port", "0"])
  const port = yield* Effect.promise(() => server.port())
  return { server, at: ["--url", `ws://127.0.0.1:${port}`] }
})
