import { spawn } from "node:child_process"
import { createHash } from "node:crypto"
import * as fs from "node:fs"
import * as path from "node:path"
import * as readline from "node:readline"
import * as Effect from "effect/Effect"
import * as Mailbox from "effect/Mailbox"
import type * as Scope from "effect/Scope"
import { BenchError } from "./BenchError.ts"
import { peersFolder } from "./Contender.ts"
import type { Figures } from "./Metric.ts"
import * as ProcessTree from "./ProcessTree.ts"

export type DriverName = "relay" | "watch" | "echo" | "fanout"

/** A load generator in C, compiled when it is first needed. */
export interface Driver {
  /**
   * Lets the driver go on, and waits for the end of the stage of that name. It then stands still until the next call:
   * what is measured between two calls is that stage alone.
   */
  readonly stage: (name: string) => Effect.Effect<Figures, BenchError>
}

const sources = path.join(import.meta.dirname, "drivers")
const cache = path.join(peersFolder, "node_modules", ".cache")
const shared = ["websocket.c", "life.c", "latency.c"]

/** `stage=open count=3 run_s=0.5`: the name of the stage, and numbers. */
export const parseStage = (line: string): { readonly name: string; readonly figures: Figures } => {
  const pairs = line.split(" ").map((pair) => pair.split("=") as [string, string])
  const name = pairs.find(([key]) => key === "stage")?.[1] ?? ""
  return {
    name,
    figures: Object.fromEntries(pairs.filter(([key]) => key !== "stage").map(([key, value]) => [key, Number(value)]))
  }
}

/** Path of the compiled driver; its name carries a hash of all sources, so a changed source is compiled again. */
const compile = (name: DriverName): Effect.Effect<string, BenchError> =>
  Effect.gen(function* () {
    const hash = createHash("sha256")
    for (const file of fs.readdirSync(sources).sort()) hash.update(fs.readFileSync(path.join(sources, file)))
    const binary = path.join(cache, `${name}-${hash.digest("hex").slice(0, 12)}`)
    if (fs.existsSync(binary)) return binary
    fs.mkdirSync(cache, { recursive: true })
    const unfinished = `${binary}.${process.pid}`
    const args = ["-O2", "-Wall", "-Wextra", "-o", unfinished, `${name}.c`, ...shared]
    yield* ProcessTree.run({ command: "gcc", args, cwd: sources }).pipe(
      Effect.mapError(
        (error) => new BenchError({ message: `${error.message} (Debian: apt-get install gcc libc6-dev)` })
      )
    )
    fs.renameSync(unfinished, binary)
    return binary
  })

export const start = (
  name: DriverName,
  args: ReadonlyArray<string | number>
): Effect.Effect<Driver, BenchError, Scope.Scope> =>
  Effect.gen(function* () {
    const binary = yield* compile(name)
    const lines = yield* Mailbox.make<string, BenchError>()
    const child = yield* Effect.acquireRelease(
      Effect.sync(() => spawn(binary, args.map(String), { stdio: ["pipe", "pipe", "pipe"] })),
      (child) => Effect.sync(() => child.kill("SIGKILL"))
    )
    let errors = ""
    child.stderr.on("data", (bytes: Buffer) => {
      errors += bytes.toString()
    })
    child.stdin.on("error", () => {}) // it has ended: its exit status says why
    readline.createInterface({ input: child.stdout }).on("line", (line) => lines.unsafeOffer(line))
    child.on("close", (status) => {
      const why = errors.trim().split("\n").at(-1) ?? ""
      lines.unsafeDone(Effect.runSyncExit(new BenchError({ message: `${name} load ended with ${status}: ${why}` })))
    })
    let started = false
    return {
      stage: (expected) =>
        Effect.gen(function* () {
          if (started) child.stdin.write("\n")
          started = true
          const line = yield* lines.take.pipe(
            Effect.catchTag("NoSuchElementException", () => new BenchError({ message: `${name} load has ended` }))
          )
          const { name: reached, figures } = parseStage(line)
          if (reached === expected) return figures
          return yield* new BenchError({ message: `${name} load: expected stage ${expected}, got ${line}` })
        })
    }
  })
