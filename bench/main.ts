import * as Command from "@effect/cli/Command"
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Cause from "effect/Cause"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { benchCommand } from "./BenchCommand.ts"

const run = Command.run(benchCommand, { name: "effect-c10k bench", version: "1" })

run(process.argv).pipe(
  Effect.tapErrorTag("BenchError", ({ message }) => Console.error(`bench: ${message}`)),
  Effect.tapDefect((defect) => Console.error(`bench: ${Cause.pretty(defect)}`)),
  Effect.provide(NodeContext.layer),
  NodeRuntime.runMain({ disableErrorReporting: true })
)
