import * as Figures from "../Measure/Figures.ts"
import { Histogram } from "../Measure/Histogram.ts"
import type { Report } from "../Measure/Report.ts"
import type { Second } from "../Measure/TimeSeries.ts"
import type { LoadPlan } from "../Scenario/LoadPlan.ts"
import type { Verdict } from "./Threshold.ts"

/** Version of the file's shape: it rises when a member changes its meaning or goes. */
const FORMAT = 1

/** `NaN` has no JSON. */
const finite = (value: number): number | null => (Number.isFinite(value) ? value : null)

/** A second with the quantiles of its round trips, in milliseconds; `null` where there were none. */
export const flatten = (second: Second) => {
  const roundTrip = Histogram.fromData(second.roundTrip)
  const { roundTrip: _, ...rest } = second
  return {
    ...rest,
    rttP50: finite(roundTrip.quantile(0.5)),
    rttP99: finite(roundTrip.quantile(0.99)),
    rttMax: finite(roundTrip.max)
  }
}

/** The `--json` file: every figure under the name that `--threshold` uses, times in milliseconds. */
export const render = (plan: LoadPlan, report: Report, verdicts: ReadonlyArray<Verdict>): string =>
  `${JSON.stringify(
    {
      format: FORMAT,
      scenario: plan.scenario.name,
      urls: plan.urls,
      rate: plan.rate ?? null,
      durationMs: plan.duration ?? null,
      seed: plan.seed,
      interrupted: report.interrupted,
      lostProcesses: report.lostProcesses,
      notStarted: report.notStarted,
      toolCpuSeconds: report.cpu,
      toolMemoryBytes: report.memory,
      figures: Object.fromEntries([...Figures.of(report)].map(([name, { value }]) => [name, finite(value)])),
      thresholds: verdicts.map(({ passed, threshold, value }) => ({
        threshold: threshold.text,
        value: finite(value),
        passed
      })),
      failures: report.failures,
      seconds: report.seconds.map(flatten)
    },
    null,
    2
  )}\n`
