import { readFileSync } from "node:fs"
import { resolve } from "node:path"
import { pathToFileURL } from "node:url"
import * as Effect from "effect/Effect"
import * as Runtime from "effect/Runtime"
import type * as Scope from "effect/Scope"
import { type LoadPlan, scenariosOf } from "../Scenario/LoadPlan.ts"
import type { Player } from "../Scenario/Player.ts"
import { isScript, type Script } from "../Scenario/Steps/Script.ts"
import { allSteps } from "../Scenario/Steps.ts"
import { PlanError } from "./LoadRun.ts"

const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  if ("code" in error && error.code === "ERR_UNKNOWN_FILE_EXTENSION") {
    return `this Node (${process.version}) can't load TypeScript: use Node 22.18 or newer, or NODE_OPTIONS='--import tsx', or write JavaScript`
  }
  return error.message.split("\n", 1)[0] ?? ""
}

/** Where a script can't be read, as `:LINE`, which Node does not say; empty if it is in another file, or in TypeScript. */
const lineOf = (path: string): Effect.Effect<string> =>
  /ts$/.test(path)
    ? Effect.succeed("")
    : Effect.promise(() => import("../K6/Source.ts")).pipe(
        Effect.andThen(({ parse, SourceError }) =>
          Effect.try({
            try: () => parse(path, readFileSync(path, "utf8")),
            catch: (wrong) => (wrong instanceof SourceError ? `:${wrong.line}` : "")
          })
        ),
        Effect.match({ onSuccess: () => "", onFailure: (line) => line })
      )

const load =
  (directory: string) =>
  (file: string): Effect.Effect<readonly [string, Script], PlanError> =>
    Effect.tryPromise({
      try: (): Promise<{ readonly default?: unknown }> => import(pathToFileURL(resolve(directory, file)).href),
      catch: (error) => error
    }).pipe(
      Effect.catchAll((error) =>
        Effect.flatMap(lineOf(resolve(directory, file)), (line) =>
          Effect.fail(new PlanError({ message: `${file}${line}: ${reasonOf(error)}` }))
        )
      ),
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

const stepsOf = (plan: LoadPlan) => scenariosOf(plan).flatMap(({ scenario }) => allSteps(scenario.steps))

/** Loads the scripts of a plan, by file. Fails with a `PlanError` if a file can't be loaded or exports no function. */
export const make = (plan: LoadPlan): Effect.Effect<ReadonlyMap<string, Script>, PlanError> => {
  const files = new Set(stepsOf(plan).flatMap(({ script }) => (script === undefined ? [] : [script])))
  return Effect.map(Effect.forEach(files, load(plan.directory ?? ".")), (scripts) => new Map(scripts))
}

/** What a k6 script leaves to nobody must not end the process. */
const withUnhandled = Effect.acquireRelease(
  Effect.map(Effect.runtime(), (runtime) => {
    const say = (error: unknown) =>
      void Runtime.runFork(runtime)(Effect.logWarning(`k6: not caught: ${reasonOf(error)}`))
    process.on("unhandledRejection", say)
    return say
  }),
  (say) => Effect.sync(() => void process.off("unhandledRejection", say))
)

/** Loads the k6 scripts of a plan, by file. Fails with a `PlanError` if one can't be read. */
export const players = Effect.fn("Scripts.players")(function* (
  plan: LoadPlan
): Effect.fn.Return<ReadonlyMap<string, Player>, PlanError, Scope.Scope> {
  const files = new Set(stepsOf(plan).flatMap(({ k6 }) => (k6 === undefined ? [] : [k6.file])))
  if (files.size === 0) return new Map()
  yield* withUnhandled
  const { K6Script } = yield* Effect.promise(() => import("../K6/Script.ts"))
  const { SourceError } = yield* Effect.promise(() => import("../K6/Source.ts"))
  const all = yield* Effect.forEach(files, (file) =>
    Effect.try({
      try: () => [file, new K6Script(resolve(plan.directory ?? ".", file))] as const,
      catch: (error) =>
        new PlanError({
          message:
            error instanceof SourceError
              ? `${error.file}:${error.line}: ${error.message}`
              : `${file}: ${reasonOf(error)}`
        })
    })
  )
  return new Map(all)
})
