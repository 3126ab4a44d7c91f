import type { Step } from "./Scenario.ts"

/** The lists of steps inside of a step, each with the members that lead to it. */
export const nestedSteps = (step: Step): ReadonlyArray<readonly [ReadonlyArray<PropertyKey>, ReadonlyArray<Step>]> =>
  step.repeat === undefined ? [] : [[["repeat", "steps"], step.repeat.steps]]

/** All steps of a list, those inside of others too. */
export const allSteps = (steps: ReadonlyArray<Step>): ReadonlyArray<Step> =>
  steps.flatMap((step) => [step, ...nestedSteps(step).flatMap(([, inside]) => allSteps(inside))])

/** The steps that come before the connection: up to the last `http` that stands before all but `set` and `wait`. */
export const beforeConnecting = (steps: ReadonlyArray<Step>): number => {
  const end = steps.findIndex((step) => step.http === undefined && step.set === undefined && step.wait === undefined)
  return steps.slice(0, end < 0 ? steps.length : end).findLastIndex((step) => step.http !== undefined) + 1
}
