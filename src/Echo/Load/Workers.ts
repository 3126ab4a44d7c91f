/** A run in several processes of this machine. */
import { type ChildProcess, fork } from "node:child_process"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { LoadPlan } from "../Scenario/LoadPlan.ts"
import * as Coordinator from "./Coordinator.ts"
import type { LoadRun, PlanError } from "./LoadRun.ts"
import { ENVIRONMENT } from "./Worker.ts"
import { decodeFromWorker, encodeToWorker } from "./WorkerMessage.ts"

/** How to start a process that runs `Worker.run`. */
export interface Entry {
  readonly module: string
  readonly args: ReadonlyArray<string>
  readonly execArgv: ReadonlyArray<string>
}

/** Starts this program again. An environment variable tells it that it is a worker. */
const self: Entry = { module: process.argv[1] ?? "", args: ["echo"], execArgv: process.execArgv }

const spawn = (entry: Entry): ChildProcess =>
  fork(entry.module, [...entry.args], {
    execArgv: [...entry.execArgv],
    env: { ...process.env, [ENVIRONMENT]: "1" },
    stdio: ["ignore", "inherit", "inherit", "ipc"]
  })

const memberOf = (name: string, child: ChildProcess): Coordinator.Member => ({
  name,
  post: (message) => {
    if (child.connected) child.send(encodeToWorker(message), () => {})
  },
  kill: () => void child.kill("SIGKILL")
})

/** Starts a run in `processes` processes, each with its share of the clients. Their results are merged without loss. */
export const make = (
  plan: LoadPlan,
  processes: number,
  entry: Entry = self
): Effect.Effect<LoadRun, PlanError, Scope.Scope> =>
  Coordinator.lead(plan, processes, (_, index, hear) =>
    Effect.acquireRelease(
      Effect.sync(() => {
        const child = spawn(entry)
        child.on("message", (message) => hear(decodeFromWorker(message)))
        child.on("error", (error) => hear({ _tag: "Died", how: error.message }))
        child.on("exit", (code, signal) => hear({ _tag: "Died", how: signal ?? `exit status ${code}` }))
        return memberOf(`process ${index + 1} of ${processes}`, child)
      }),
      (member) => Effect.sync(member.kill)
    )
  )
