/**
 * Holds a commit against an earlier one: a handful of figures, measured in turn, of which none may be worse by more than a tenth. In
 * less than ten minutes, so that it can be asked before every release.
 */
import type { CaseResult, Result } from "./Result.ts"
import type { Case, Scenario } from "./Scenario.ts"
import { echo, talk } from "./scenarios/Echo.ts"
import { fanOut, publish } from "./scenarios/FanOut.ts"
import { idle, keepOpen } from "./scenarios/Idle.ts"
import { load, page } from "./scenarios/Page.ts"
import { game, relay } from "./scenarios/Relay.ts"
import { startUp } from "./scenarios/StartUp.ts"

/** The allowed value of a figure, as a multiple of its former value. */
const MAX_RATIO = 1.1

/** Measurements of each commit: the median counts. */
export const RUNS = 5

/** A scenario with the cases, and the figures, that the gate looks at. */
const gated = (scenario: Scenario, keys: ReadonlyArray<string>, cases: ReadonlyArray<Case>): Scenario => ({
  ...scenario,
  metrics: scenario.metrics.filter(({ key }) => keys.includes(key)),
  cases: () => cases
})

/** All their figures are better when they are lower. */
export const scenarios: ReadonlyArray<Scenario> = [
  gated(relay, ["cpu"], [game(32, 100, 1, { title: "32 × 32 cells, 1 watcher" })]),
  gated(fanOut, ["cpu"], [publish(1000, 150)]),
  gated(echo, ["cpu"], [talk(40_000, [1000])]),
  gated(idle, ["memory", "cpu"], [keepOpen("/test/echo/", [2000])]),
  gated(page, ["cpu"], [load(50, 5000)]),
  gated(startUp, ["milliseconds"], startUp.cases("full"))
]

/** One figure before and after. */
export interface Judged {
  readonly what: string
  readonly before: number
  readonly after: number
  readonly ratio: number
  readonly isMet: boolean
}

/** The figures that both commits have. */
export const judge = (result: Result, before: string, after: string): ReadonlyArray<Judged> =>
  result.scenarios.flatMap(({ cases, metrics, title }) =>
    cases.flatMap((one) =>
      metrics.flatMap(({ key, label }) => {
        const was = medianOf(one, before, key)
        const is = medianOf(one, after, key)
        if (was === undefined || is === undefined || was <= 0) return []
        const ratio = is / was
        return { what: `${title}, ${one.title}: ${label}`, before: was, after: is, ratio, isMet: ratio <= MAX_RATIO }
      })
    )
  )

const medianOf = (one: CaseResult, contender: string, key: string): number | undefined =>
  one.contenders.find(({ name }) => name === contender)?.figures[key]?.median
