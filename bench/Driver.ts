import { spawn } from "node:child_process"
import * as path from "node:path"
import * as readline from "node:readline"
import * as Effect from "effect/Effect"
import * as Mailbox from "effect/Mailbox"
import type * as Scope from "effect/Scope"
import { BenchError } from "./BenchError.ts"
import { compile, compiled } from "./Compile.ts"
import type { Figures } from "./Metric.ts"

export type DriverName = "relay" | "watch" | "echo" | "fanout"

/** A load generator in C, compiled when it is first needed. */
export interface Driver {
  /**
   * Lets the driver continue and waits for the end of the stage with this name. Then the driver pauses until the next call, so
   * a measurement between two calls covers only this stage.
   */
  readonly stage: (name: string) => Effect.Effect<Figures, BenchError>
}

const sources = path.join(import.meta.dirname, "drivers")
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

const build = (name: DriverName) => compile(name, sources, [`${name}.c`, ...shared])

/** Compiles the driver if necessary. */
export const prepare = (name: DriverName): Effect.Effect<void, BenchError> => Effect.asVoid(build(name))

/** Path of its program, once it is prepared. */
export const binary = (name: DriverName): string => compiled(name)

export const start = (
  name: DriverName,
  args: ReadonlyArray<string | number>,
  environment: Readonly<Record<string, string>> = {}
): Effect.Effect<Driver, BenchError, Scope.Scope> =>
  Effect.gen(function* () {
    const binary = yield* build(name)
    const lines = yield* Mailbox.make<string, BenchError>()
    const child = yield* Effect.acquireRelease(
      Effect.sync(() =>
        spawn(binary, args.map(String), { stdio: ["pipe", "pipe", "pipe"], env: { ...process.env, ...environment } })
      ),
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
