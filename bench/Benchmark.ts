import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import type { Contender } from "./Contender.ts"
import { commit, machine } from "./MachineInfo.ts"
import { measureScenario } from "./Measure.ts"
import type { CaseResult, Result, ScenarioResult } from "./Result.ts"
import type { Scale, Scenario } from "./Scenario.ts"
import { table, toText } from "./Table.ts"

export interface Plan {
  readonly scenarios: ReadonlyArray<Scenario>
  /** The contender with which the others are compared. */
  readonly reference: Contender
  readonly others: ReadonlyArray<Contender>
  /** Whether to include contenders that only one scenario has. They are left out when commits are compared. */
  readonly also: boolean
  readonly runs: number
  readonly scale: Scale
  /** The command line, for the reader of the figures. */
  readonly command: string
}

/** Measures everything in the plan, and shows the table of each case when it is complete. */
export const measure = ({ also, command, others, reference, runs, scale, scenarios }: Plan): Effect.Effect<Result> =>
  Effect.gen(function* () {
    const begin = Date.now()
    const found = { date: new Date(begin).toISOString(), commit: commit(), machine: machine() }
    const results: Array<ScenarioResult> = []
    for (const scenario of scenarios) {
      const show = (result: CaseResult) => Console.log(toText(table(result, scenario.metrics, reference.name)))
      yield* Console.log(`\n${scenario.title}`)
      const known = [reference, ...others, ...(also ? (scenario.also ?? []) : [])]
      const contenders = known.flatMap((one) => [one, ...(scenario.variants?.(one) ?? [])])
      results.push(yield* measureScenario(scenario, contenders, runs, scale, show))
    }
    const seconds = Math.round((Date.now() - begin) / 1000)
    return { ...found, command, runs, seconds, reference: reference.name, scenarios: results }
  })

/** Merges several results. If several have a scenario, the last one counts; everything else comes from the first. */
export const merge = (results: readonly [Result, ...ReadonlyArray<Result>]): Result => {
  const scenarios = new Map(results.flatMap((result) => result.scenarios).map((scenario) => [scenario.name, scenario]))
  const seconds = results.reduce((sum, result) => sum + result.seconds, 0)
  return { ...results[0], seconds, scenarios: [...scenarios.values()] }
}
