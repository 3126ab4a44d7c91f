/** One run, or several runs of one plan (`--repeat`). */
import * as Figures from "../Measure/Figures.ts"
import * as Report from "../Measure/Report.ts"
import * as Spread from "../Measure/Spread.ts"
import * as Threshold from "./Threshold.ts"

export interface Run {
  readonly startedAt: Date
  readonly endedAt: Date
  readonly report: Report.Report
}

export type Runs = readonly [Run, ...ReadonlyArray<Run>]

export const whole = ([first, ...others]: Runs): Report.Report =>
  others.reduce((sum, { report }) => Report.inTurn(sum, report), first.report)

/** Judges a threshold: it must hold in each run. The reported value is the median. */
export const judge = (threshold: Threshold.Threshold, runs: Runs): Threshold.Verdict => {
  const verdicts = runs.map(({ report }) => Threshold.judge(threshold, report))
  const [only, ...others] = verdicts
  if (only !== undefined && others.length === 0) return only
  return {
    threshold,
    value: Spread.of(verdicts.map(({ value }) => value)).median,
    passed: verdicts.every(({ passed }) => passed),
    failedRuns: verdicts.filter(({ passed }) => !passed).length
  }
}

export interface FigureSpread extends Spread.Spread {
  readonly name: string
  readonly unit: Figures.Unit
}

const shown =
  /^(?:connect|handshake|rtt|loop)\.(?:p50|p99|p99\.9|max)$|^(?:sent|received)\.rate$|^failed$|^unsent$|^tool\.cpu$/

/** The spreads of the most important figures over several runs. Figures that no run measured are left out. */
export const spreads = (runs: Runs): ReadonlyArray<FigureSpread> => {
  const figures = runs.map(({ report }) => Figures.of(report))
  return [...figures[0]!].flatMap(([name, { unit }]) => {
    const values = figures.map((each) => each.get(name)?.value ?? Number.NaN)
    return shown.test(name) && values.every(Number.isFinite) ? [{ name, unit, ...Spread.of(values) }] : []
  })
}
