/** The echo command as a child process, and places for its files. */
import { type ChildProcess, spawn } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import { program } from "../../program.ts"

interface Ended {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Starts the command; `whenPrinted` is called once when its progress, on the error output, matches. */
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
