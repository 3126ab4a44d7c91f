/**
 * All load on the first core, and what is measured on the others. Otherwise the load of several programs has more cores than that of
 * one, and servers that wait for their load read and write in small pieces, which costs more.
 */
import { execFileSync } from "node:child_process"
import * as os from "node:os"
import * as Effect from "effect/Effect"
import type { Program } from "./ProcessTree.ts"

const LOAD_CORE = 0
const cores = os.availableParallelism()
const hasOthers = cores > 1

export const onOtherCores = (program: Program): Program =>
  hasOthers
    ? {
        ...program,
        command: "taskset",
        args: ["-c", `${LOAD_CORE + 1}-${cores - 1}`, program.command, ...program.args]
      }
    : program

/** The environment of a driver. */
export const onLoadCore: Readonly<Record<string, string>> = hasOthers ? { CORE: String(LOAD_CORE) } : {}

const moveTo = (list: string) =>
  Effect.sync(() => {
    if (hasOthers) execFileSync("taskset", ["-a", "-cp", list, String(process.pid)], { stdio: "ignore" })
  })

/** This process is the load, until the scope ends. */
export const thisIsLoad = Effect.acquireRelease(moveTo(String(LOAD_CORE)), () => moveTo(`0-${cores - 1}`))
