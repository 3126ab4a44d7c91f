import { type ChildProcess, spawn } from "node:child_process"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { BenchError } from "./BenchError.ts"
import { sessionUsage, type Usage } from "./ProcStat.ts"

export interface Program {
  readonly command: string
  readonly args: ReadonlyArray<string | number>
  readonly cwd: string
}

export interface ProcessTree {
  readonly usage: Effect.Effect<Usage>
  /** Its exit status; 128 or more for a signal. */
  readonly exited: Effect.Effect<number>
  /** The last lines of its standard output and error. */
  readonly output: Effect.Effect<string>
  /** Sends a signal to its first process. */
  readonly signal: (name: NodeJS.Signals) => Effect.Effect<void>
}

const OUTPUT_KEPT = 2000

const signal = (child: ChildProcess, name: NodeJS.Signals) => {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, name)
  } catch {
    // all its processes have ended
  }
}

/**
 * Starts a program as the leader of its own session, so that its children can be found and measured with it. Ends the whole
 * session when the scope closes.
 */
export const start = (program: Program): Effect.Effect<ProcessTree, BenchError, Scope.Scope> =>
  Effect.gen(function* () {
    const exit = yield* Deferred.make<number, BenchError>()
    const child = yield* Effect.acquireRelease(
      Effect.sync(() =>
        spawn(program.command, program.args.map(String), {
          cwd: program.cwd,
          detached: true,
          stdio: ["ignore", "pipe", "pipe"]
        })
      ),
      (child) =>
        Effect.gen(function* () {
          signal(child, "SIGTERM")
          yield* Deferred.await(exit).pipe(Effect.timeout("3 seconds"), Effect.ignore)
          signal(child, "SIGKILL")
        })
    )
    let output = ""
    const keep = (bytes: Buffer) => {
      output = (output + bytes.toString()).slice(-OUTPUT_KEPT)
    }
    child.stdout.on("data", keep)
    child.stderr.on("data", keep)
    child.on("error", (cause) =>
      Deferred.unsafeDone(
        exit,
        Effect.fail(new BenchError({ message: `${program.command} cannot be started: ${cause.message}` }))
      )
    )
    child.on("exit", (code) => Deferred.unsafeDone(exit, Effect.succeed(code ?? 128)))
    return {
      usage: Effect.sync(() => sessionUsage(child.pid ?? -1)),
      exited: Effect.orDie(Deferred.await(exit)),
      output: Effect.sync(() => output.trim()),
      signal: (name) => Effect.sync(() => void child.kill(name))
    }
  })

/** Runs a program to its end. A status other than 0 is an error, whose message has the last output. */
export const run = (program: Program): Effect.Effect<void, BenchError> =>
  Effect.gen(function* () {
    const tree = yield* start(program)
    const status = yield* tree.exited
    if (status !== 0) {
      const what = [program.command, ...program.args].join(" ")
      return yield* new BenchError({ message: `${what} ended with status ${status}: ${yield* tree.output}` })
    }
  }).pipe(Effect.scoped)
