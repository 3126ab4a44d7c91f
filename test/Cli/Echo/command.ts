/** The echo command as a child process, and paths for its files. */
import { type ChildProcess, spawn } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { program } from "../../program.ts"

interface Ended {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Starts the command. `whenPrinted` is called once, when standard error matches. */
export const echo = (
  args: ReadonlyArray<string>,
  whenPrinted?: readonly [pattern: RegExp, act: (child: ChildProcess, said: string) => void]
): Effect.Effect<Ended> =>
  Effect.async((resume) => {
    const child = spawn(process.execPath, [...program(), "echo", ...args], {
      stdio: ["ignore", "pipe", "pipe"]
    })
    let stdout = ""
    let stderr = ""
    let acted = false
    child.stdout.on("data", (chunk: Buffer) => {
      stdout += chunk.toString()
    })
    child.stderr.on("data", (chunk: Buffer) => {
      stderr += chunk.toString()
      if (!acted && whenPrinted?.[0].test(stderr)) {
        acted = true
        whenPrinted[1](child, stderr)
      }
    })
    child.on("close", (status) => resume(Effect.succeed({ status, stdout, stderr })))
    return Effect.sync(() => child.kill("SIGKILL"))
  })

export const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "echo-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true }))
)

/** A running recording: where to connect, how to end it, and how it ended. */
export const recording = (target: string, output: string) =>
  Effect.gen(function* () {
    const started = yield* Deferred.make<{ readonly url: string; readonly kill: (signal: NodeJS.Signals) => void }>()
    const fiber = yield* Effect.fork(
      echo(
        ["record", target, "--listen", "0", "--output", output],
        [
          /Connect to (\S+),/,
          (child, said) => {
            const url = /Connect to (\S+),/.exec(said)![1]!
            Deferred.unsafeDone(started, Effect.succeed({ url, kill: (signal) => void child.kill(signal) }))
          }
        ]
      )
    )
    const begun = yield* Effect.raceFirst(
      Deferred.await(started),
      Fiber.join(fiber).pipe(Effect.flatMap((ended) => Effect.dieMessage(ended.stderr)))
    )
    return { ...begun, ended: Fiber.join(fiber) }
  })

/** A waiting agent: its process, and how it ended. */
const agent = (nats: string, name: string, ...options: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const waits = yield* Deferred.make<ChildProcess>()
    const fiber = yield* Effect.fork(
      echo(
        ["agent", "--join", nats, "--name", name, ...options],
        [/agent \S+ is waiting/, (child) => Deferred.unsafeDone(waits, Effect.succeed(child))]
      )
    )
    return { child: yield* Deferred.await(waits), ended: Fiber.join(fiber) }
  })

export const agents = (nats: string, ...names: ReadonlyArray<string>) =>
  Effect.forEach(names, (name) => agent(nats, name), { concurrency: "unbounded" })
