import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type { BenchError } from "./BenchError.ts"
import type { Contender } from "./Contender.ts"
import type { Figures } from "./Metric.ts"
import type { CaseResult, ContenderResult, ScenarioResult } from "./Result.ts"
import type { Case, Scale, Scenario } from "./Scenario.ts"
import { rotate, summarize } from "./Statistics.ts"

interface Runs {
  readonly contender: Contender
  /** One list per run, with one entry per point. */
  readonly figures: Array<ReadonlyArray<Figures>>
  failure?: BenchError
}

const summary = (point: number, { contender, failure, figures }: Runs): ContenderResult => {
  const runs = figures.map((points) => points[point] ?? {})
  return {
    name: contender.name,
    title: contender.title,
    figures: Object.fromEntries(
      Object.keys(runs[0] ?? {}).map((key) => [key, summarize(runs.map((run) => run[key]!))])
    ),
    ...(failure ? { failure: failure.message } : {})
  }
}

/**
 * Measures all contenders in turn, `runs` times, so that other load on the machine affects all of them alike. A contender that
 * fails is not measured again. Its failure is part of the result.
 */
const measureCase = (
  one: Case,
  contenders: ReadonlyArray<Contender>,
  runs: number
): Effect.Effect<ReadonlyArray<CaseResult>> =>
  Effect.gen(function* () {
    const all = contenders.filter(one.takesPart).map((contender): Runs => ({ contender, figures: [] }))
    for (let run = 0; run < runs; run++) {
      for (const entry of rotate(all, run)) {
        if (entry.failure) continue
        const measured = yield* Effect.either(Effect.scoped(one.measure(entry.contender)))
        if (Either.isRight(measured)) entry.figures.push(measured.right)
        else entry.failure = measured.left
      }
    }
    return one.points.map((point, index) => ({ ...point, contenders: all.map((entry) => summary(index, entry)) }))
  })

export const measureScenario = (
  scenario: Scenario,
  contenders: ReadonlyArray<Contender>,
  runs: number,
  scale: Scale,
  /** Called with the result of each case when it is known. */
  report: (result: CaseResult) => Effect.Effect<void>
): Effect.Effect<ScenarioResult> =>
  Effect.gen(function* () {
    const { about, metrics, name, title } = scenario
    const cases: Array<CaseResult> = []
    for (const one of scenario.cases(scale)) {
      const found = yield* measureCase(one, contenders, runs)
      cases.push(...found)
      yield* Effect.forEach(found, report)
    }
    return { name, title, about, metrics, cases }
  })
