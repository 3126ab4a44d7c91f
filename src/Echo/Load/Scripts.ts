import { readFileSync } from "node:fs"
import { resolve } from "node:path"
import { pathToFileURL } from "node:url"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
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
const lineOf = Effect.fnUntraced(function* (path: string) {
  if (/ts$/.test(path)) return ""
  const { parse, SourceError } = yield* Effect.promise(() => import("../K6/Source.ts"))
  const parsed = Either.try(() => parse(path, readFileSync(path, "utf8")))
  return Either.isLeft(parsed) && parsed.left instanceof SourceError ? `:${parsed.left.line}` : ""
})

const load = (directory: string) =>
  Effect.fnUntraced(function* (file: string): Effect.fn.Return<readonly [string, Script], PlanError> {
    const path = resolve(directory, file)
    const module = yield* Effect.tryPromise({
      try: (): Promise<{ readonly default?: unknown }> => import(pathToFileURL(path).href),
      catch: (error) => error
    }).pipe(
      Effect.catchAll((error) =>
        Effect.flatMap(lineOf(path), (line) => new PlanError({ message: `${file}${line}: ${reasonOf(error)}` }))
      )
    )
    if (isScript(module.default)) return [file, module.default]
    const message = `${file}: expected a function as its default export: export default async (talk) => ...`
    return yield* new PlanError({ message })
  })

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
