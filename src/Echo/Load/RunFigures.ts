import { CompressionRecorder } from "../Measure/Compression.ts"
import * as Named from "../Measure/Named.ts"
import { emptyReport, type Report } from "../Measure/Report.ts"
import * as Compress from "../Scenario/Compress.ts"
import { type LoadPlan, scenariosOf, urlsOf } from "../Scenario/LoadPlan.ts"
import * as Rules from "../Scenario/Rules.ts"
import type { Scenario } from "../Scenario/Scenario.ts"
import { partsOf } from "../Scenario/Step.ts"
import * as Stream from "../Scenario/Steps/Stream.ts"
import { allParts, allSteps } from "../Scenario/Steps.ts"
import { figuresOf } from "./Flow.ts"

/** The parts of a plan that determine which figures its run has. */
type Naming = Pick<LoadPlan, "urls" | "scenario" | "scenarios">

const tls: Named.Names = { times: ["tls", "tls.resumed"], counts: [] }

/** The counts of the messages that got no reply, for each step that has a name and a time until its reply. */
const unansweredOf = ({ replies, steps }: Scenario): ReadonlyArray<string> => {
  const answered = new Set(allParts(steps).map(({ answers }) => answers))
  const timed = allSteps(steps).filter(
    (step) => partsOf(step).isAnswered === true && (typeof replies === "object" || answered.has(step.name))
  )
  return timed.flatMap(({ name }) => (name === undefined ? [] : [`step.${name}.unanswered`]))
}

/** The names of the additional figures of a run of this plan. */
export const namesOf = (plan: Naming): Named.Names => {
  const { scenarios } = plan
  const urls = scenariosOf(plan).flatMap(({ scenario }) => urlsOf(plan, scenario))
  const steps = scenariosOf(plan).flatMap(({ scenario }) => allSteps(scenario.steps))
  const parts = steps.map(partsOf)
  const named = steps.flatMap(({ name }) => (name === undefined ? [] : [`step.${name}`]))
  const all = [
    Named.always,
    ...(urls.some((url) => !url.startsWith("ws:")) ? [tls] : []),
    ...parts.flatMap(({ figures }) => (figures === undefined ? [] : [figures])),
    ...steps.flatMap(({ name, stream }) =>
      name === undefined || stream === undefined ? [] : [Stream.figuresOf(name)]
    ),
    ...(parts.some(({ messages = [] }) => messages.some(({ stamp }) => stamp !== undefined))
      ? [{ times: ["delivery"], counts: [] }]
      : []),
    { times: named, counts: [] },
    ...scenariosOf(plan).map(({ scenario }) => Rules.figuresOf(scenario)),
    ...scenariosOf(plan).map(({ scenario }) => ({ times: [], counts: unansweredOf(scenario) })),
    ...(scenarios ?? []).map(({ scenario }) => figuresOf(scenario.name))
  ]
  const unique = (names: ReadonlyArray<string>) => [...new Set(names)]
  return { times: unique(all.flatMap(({ times }) => times)), counts: unique(all.flatMap(({ counts }) => counts)) }
}

export const compresses = (plan: Pick<Naming, "scenario" | "scenarios">): boolean =>
  scenariosOf(plan).some(({ scenario }) => Compress.optionsOf(scenario.connect.compress) !== undefined)

/** A report without samples that has all figures of the plan. Thresholds are checked against it before the run. */
export const shapeOf = (plan: Naming): Report => ({
  ...emptyReport,
  named: Named.empty(namesOf(plan)),
  compression: compresses(plan) ? new CompressionRecorder().compression : undefined
})
