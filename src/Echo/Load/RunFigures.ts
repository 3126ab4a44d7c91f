import * as Named from "../Measure/Named.ts"
import { emptyReport, type Report } from "../Measure/Report.ts"
import type { LoadPlan } from "../Scenario/LoadPlan.ts"

/** The names of the figures that a run of this plan has beside those of every run. */
export const namesOf = ({ urls }: Pick<LoadPlan, "urls">): Named.Names => ({
  ...Named.always,
  times: [...Named.always.times, ...(urls.some((url) => !url.startsWith("ws:")) ? ["tls", "tls.resumed"] : [])]
})

/** A report without samples that has all figures of the plan. */
export const shapeOf = (plan: Pick<LoadPlan, "urls">): Report => ({
  ...emptyReport,
  named: Named.empty(namesOf(plan))
})
