import { resolve } from "node:path"
import { pathToFileURL } from "node:url"
import * as Effect from "effect/Effect"
import { type LoadPlan, scenariosOf } from "../Scenario/LoadPlan.ts"
import type { Script } from "../Scenario/ScriptedConversation.ts"
import { isScript } from "../Scenario/Steps/Script.ts"
import { allSteps } from "../Scenario/Steps.ts"
import { PlanError } from "./LoadRun.ts"

const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  if ("code" in error && error.code === "ERR_UNKNOWN_FILE_EXTENSION") {
    return `this Node (${process.version}) can't load TypeScript: use Node 22.18 or newer, or NODE_OPTIONS='--import tsx', or write JavaScript`
  }
  return error.message.split("\n", 1)[0] ?? ""
}

const load =
  (directory: string) =>
  (file: string): Effect.Effect<readonly [string, Script], PlanError> =>
    Effect.tryPromise({
      try: (): Promise<{ readonly default?: unknown }> => import(pathToFileURL(resolve(directory, file)).href),
      catch: (error) => new PlanError({ message: `${file}: ${reasonOf(error)}` })
    }).pipe(
      Effect.map((module) => module.default),
      Effect.filterOrFail(
        isScript,
        () =>
          new PlanError({
            message: `${file}: expected a function as its default export: export default async (talk) => ...`
          })
      ),
      Effect.map((script) => [file, script] as const)
    )

/** Loads the scripts of a plan, by file. Fails with a `PlanError` if a file can't be loaded or exports no function. */
export const make = (plan: LoadPlan): Effect.Effect<ReadonlyMap<string, Script>, PlanError> => {
  const steps = scenariosOf(plan).flatMap(({ scenario }) => allSteps(scenario.steps))
  const files = new Set(steps.flatMap(({ script }) => (script === undefined ? [] : [script])))
  return Effect.map(Effect.forEach(files, load(plan.directory ?? ".")), (scripts) => new Map(scripts))
}
