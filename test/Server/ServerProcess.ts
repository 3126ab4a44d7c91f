/** The server as users start it: a process with its own signals, output and limits. */
import { type ChildProcess, spawn } from "node:child_process"
import { fileURLToPath } from "node:url"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { program as commandLine } from "../program.ts"

const root = fileURLToPath(new URL("../../", import.meta.url))

export class ServerProcess {
  readonly child: ChildProcess
  output = ""
  errors = ""
  /** The exit status, or the name of the signal that ended it. */
  readonly ended: Promise<number | string>
  #changed: Array<() => void> = []
  #isEnded = false

  constructor(child: ChildProcess) {
    this.child = child
    child.stdout?.on("data", (data) => {
      this.output += String(data)
      this.#notify()
    })
    child.stderr?.on("data", (data) => {
      this.errors += String(data)
      this.#notify()
    })
    this.ended = new Promise((resolve) => {
      // "close" and not "exit", which may come before the end of the outputs.
      child.once("close", (code, signal) => {
        this.#isEnded = true
        this.#notify()
        resolve(code ?? signal ?? -1)
      })
    })
  }

  /** Waits for a match in the output on either stream. */
  async printed(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.output) ?? pattern.exec(this.errors)
      if (found !== null) return found
      if (this.#isEnded) throw new Error(`ended without ${pattern}: ${this.output}${this.errors}`)
      await new Promise<void>((resolve) => this.#changed.push(resolve))
    }
  }

  async port(): Promise<number> {
    return Number((await this.printed(/Listening on https?:\/\/[^/]+:(\d+)\//))[1])
  }

  get isEnded(): boolean {
    return this.#isEnded
  }

  #notify(): void {
    const waiting = this.#changed
    this.#changed = []
    for (const f of waiting) f()
  }
}

export interface ProcessOptions {
  readonly env?: Readonly<Record<string, string>>
  /** Shell text before the command, such as `ulimit -n 100;`. */
  readonly before?: string
  /** Shell text after it, such as `>/dev/full`. */
  readonly after?: string
  /** The program to start instead of the command line: JavaScript, or TypeScript if its name ends in `.ts`. */
  readonly program?: string
}

/** Starts `effect-c10k` with these arguments. It is killed at the end of the scope. */
export const start = (
  args: ReadonlyArray<string>,
  { after = "", before = "", env = {}, program }: ProcessOptions = {}
): Effect.Effect<ServerProcess, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const script = `${before} exec "$0" "$@" ${after}`
      const command = [
        process.execPath,
        ...(program === undefined ? commandLine() : program.endsWith(".ts") ? ["--import", "tsx", program] : [program]),
        ...args
      ]
      return new ServerProcess(spawn("sh", ["-c", script, ...command], { cwd: root, env: { ...process.env, ...env } }))
    }),
    ({ child, ended }) =>
      Effect.promise(() => {
        child.kill("SIGKILL")
        return ended
      })
  )
