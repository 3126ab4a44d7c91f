/** Starts a nats-server with JetStream as a user would, with its files in a temporary folder. */
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { BenchError } from "./BenchError.ts"
import * as ProcessTree from "./ProcessTree.ts"
import * as Server from "./Server.ts"

/** `run` says how the program is run. */
export const start = Effect.fn("NatsServer.start")(function* (
  run: (program: ProcessTree.Program) => ProcessTree.Program
) {
  const port = yield* Server.freePort
  const store = yield* Effect.acquireRelease(
    Effect.sync(() => fs.mkdtempSync(path.join(os.tmpdir(), "bench-nats-"))),
    (folder) => Effect.sync(() => fs.rmSync(folder, { recursive: true, force: true }))
  )
  const args = ["-a", "127.0.0.1", "-p", port, "-js", "-sd", store]
  const tree = yield* ProcessTree.start(run({ command: "nats-server", args, cwd: store }))
  const ended = Effect.flatMap(
    tree.exited,
    (status) => new BenchError({ message: `nats-server ended with status ${status}` })
  )
  yield* Server.accepts(port).pipe(
    Effect.retry(Schedule.spaced("20 millis").pipe(Schedule.upTo("20 seconds"))),
    Effect.raceFirst(ended)
  )
  return { ...tree, url: `nats://127.0.0.1:${port}` }
})
