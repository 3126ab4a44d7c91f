import { performance } from "node:perf_hooks"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { BenchError } from "./BenchError.ts"
import * as ProcessTree from "./ProcessTree.ts"
import type { Usage } from "./ProcStat.ts"

/** Runs a program to its end, whose status must be 0. Returns the CPU time of all its processes, their peak memory, and the duration. */
export const wholeRun = (what: string, program: ProcessTree.Program) =>
  Effect.gen(function* () {
    const begin = performance.now()
    const tree = yield* ProcessTree.start(program)
    // A process that has ended can't be measured any more, so the last measurement before its end counts.
    let last: Usage = { cpu: 0, memory: 0, writes: 0 }
    let peak = 0
    const sample = Effect.map(tree.usage, (usage) => {
      if (usage.cpu > 0) last = usage
      peak = Math.max(peak, usage.memory)
    })
    const status = yield* tree.exited.pipe(Effect.raceFirst(Effect.repeat(sample, Schedule.spaced("50 millis"))))
    if (status !== 0) {
      return yield* new BenchError({ message: `${what} ended with status ${status}: ${yield* tree.output}` })
    }
    return { cpu: last.cpu, memory: peak, seconds: (performance.now() - begin) / 1000 }
  })
