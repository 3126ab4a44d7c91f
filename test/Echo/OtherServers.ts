/** Servers of other projects as child processes: Python `websockets` and websocketd. Each runs until the scope closes. */
import { type ChildProcess, spawn } from "node:child_process"
import * as Effect from "effect/Effect"
import { freePort } from "../freePort.ts"
import { stateLimit } from "../limits.ts"
import { need } from "../need.ts"

const PYTHON = "/usr/bin/python3"
const WEBSOCKETD = "websocketd"

const file = (path: string): string => new URL(path, import.meta.url).pathname

const start = (command: string, args: ReadonlyArray<string>) =>
  Effect.acquireRelease(
    Effect.sync(() => spawn(command, [...args], { stdio: ["ignore", "pipe", "pipe"] })),
    (child) => Effect.sync(() => child.kill("SIGKILL"))
  )

/** The first match of `pattern` in the output of a process. */
const printed = (child: ChildProcess, pattern: RegExp) =>
  Effect.async<string>((resume) => {
    let text = ""
    const onData = (chunk: Buffer) => {
      text += chunk.toString()
      const match = pattern.exec(text)
      if (match !== null) resume(Effect.succeed(match[1] ?? ""))
    }
    child.stdout?.on("data", onData)
    child.stderr?.on("data", onData)
  }).pipe(Effect.timeout(stateLimit()))

/** A script on Python's `websockets` that prints its port: `ws://127.0.0.1:PORT`. */
export const python = Effect.fn("OtherServers.python")(function* (script: string) {
  need("python3-websockets")
  const server = yield* start(PYTHON, [file(script), "0"])
  return `ws://127.0.0.1:${yield* printed(server, /^(\d+)\n/)}`
})

/** A program whose lines are the messages of a connection. */
export const websocketd = Effect.fn("OtherServers.websocketd")(function* (program: string) {
  need("websocketd")
  const port = yield* Effect.promise(() => freePort("127.0.0.1"))
  const child = yield* start(WEBSOCKETD, ["--address=127.0.0.1", `--port=${port}`, file(program)])
  yield* printed(child, /(Starting WebSocket server)/)
  return `ws://127.0.0.1:${port}`
})
