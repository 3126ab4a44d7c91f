import * as Effect from "effect/Effect"
import { BenchError } from "../BenchError.ts"
import * as Contender from "../Contender.ts"
import * as Driver from "../Driver.ts"
import * as ProcessTree from "../ProcessTree.ts"
import { endedChildrenCpu } from "../ProcStat.ts"
import type { Case, Scenario } from "../Scenario.ts"
import * as Server from "../Server.ts"

/** The cells of the relay scenario with this project's server. The difference shows the cost of the project's own cells. */
const cellsInC: Contender.Contender = {
  ...Contender.project(Contender.root, "c-cells", "effect-c10k, cells in C"),
  life: (port, size, steps) => ({
    command: "sh",
    // The cells wait for a second line when they are done, so that their resources can be measured.
    args: ["-c", `{ echo; exec sleep 600; } | "$0" "$@"`, Driver.binary("relay"), port, size, 1, steps, 0],
    cwd: Contender.root
  })
}

/** Fails if the cells end with a failure. They may end before the watcher has seen everything. */
const failed = (cells: ProcessTree.ProcessTree) =>
  Effect.gen(function* () {
    const status = yield* cells.exited
    if (status === 0) return yield* Effect.never
    return yield* new BenchError({ message: `the cells ended with status ${status}: ${yield* cells.output}` })
  })

/** How often the memory of the cells is read. Reading it costs time, so this is not often. */
const POLL = "1 second"

/** The resources of the cells. If they have ended already, these are the CPU time that the system reports and the last measured memory. */
const usageOf = (cells: ProcessTree.ProcessTree) =>
  Effect.gen(function* () {
    const before = endedChildrenCpu()
    let last = yield* cells.usage
    const poll = Effect.map(cells.usage, (usage) => {
      const hasEnded = usage.memory === 0
      if (!hasEnded) last = usage
      return hasEnded ? { ...last, cpu: endedChildrenCpu() - before } : usage
    })
    yield* Effect.forkScoped(Effect.forever(Effect.delay(poll, POLL)))
    return poll
  })

const play = (size: number, steps: number): Case => ({
  points: [{ title: `${size} × ${size} cells` }],
  takesPart: (contender) => contender.life !== undefined,
  measure: (contender) =>
    Effect.gen(function* () {
      const server = yield* Server.start(contender)
      const ownSteps = Math.max(2, Math.round(steps / contender.slowness))
      const watcher = yield* Driver.start("watch", [server.port, size, ownSteps])
      yield* watcher.stage("ready")
      const life = contender.life?.(server.port, size, ownSteps)
      if (!life) return yield* new BenchError({ message: `${contender.title} has no cells` })
      const cells = yield* ProcessTree.start(life)
      const cellsUsage = yield* usageOf(cells)
      const stage = (name: string) => Effect.raceFirst(watcher.stage(name), failed(cells))
      const used = Effect.all([server.usage, cellsUsage])
      const begun = yield* stage("begun")
      const [serverBefore, cellsBefore] = yield* used
      const done = yield* stage("done")
      const [serverUsed, cellsUsed] = yield* used
      const cellsCpu = cellsUsed.cpu - cellsBefore.cpu
      return [
        {
          steps: ownSteps / done["run_s"]!,
          start: begun["start_s"]!,
          heard: (cellsCpu / (8 * size * size * ownSteps)) * 1e6,
          serverCpu: ((serverUsed.cpu - serverBefore.cpu) / ownSteps) * 1e3,
          cellsCpu: (cellsCpu / ownSteps) * 1e3,
          serverMemory: serverUsed.memory / 2 ** 20,
          cellsMemory: cellsUsed.memory / 2 ** 20
        }
      ]
    })
})

export const lifeEndToEnd: Scenario = {
  name: "life",
  title: "Life, end to end",
  about:
    "Each contender's own server with its own cells, at full speed. A watcher compares every step of every cell " +
    "with a simulation. CPU is measured from step 0 of all cells on: starting and connecting have a figure of their " +
    'own. "Cells in C" are those of the relay scenario, with this project\'s server.',
  metrics: [
    { key: "steps", label: "steps", unit: "1/s", better: "higher", digits: 1 },
    { key: "start", label: "from start to step 0 of all cells", unit: "s", better: "lower", digits: 2 },
    { key: "heard", label: "clients' CPU per message heard", unit: "µs", better: "lower", digits: 2 },
    { key: "serverCpu", label: "server CPU per step", unit: "ms", better: "lower", digits: 1 },
    { key: "cellsCpu", label: "clients' CPU per step", unit: "ms", better: "lower", digits: 1 },
    { key: "serverMemory", label: "server memory", unit: "MiB", better: "lower", digits: 0 },
    { key: "cellsMemory", label: "clients' memory", unit: "MiB", better: "lower", digits: 0 }
  ],
  also: [cellsInC],
  prepare: Driver.prepare("relay"),
  cases: (scale) => (scale === "quick" ? [play(16, 20)] : [play(32, 200), play(100, 50)])
}
