/** What is known of lists of steps. */
import * as Case from "./Case.ts"
import { partsOf, type Step } from "./Step.ts"
import type { StepParts } from "./Steps/StepParts.ts"

export const nestedOf = (step: Step) => partsOf(step).nested ?? []

/** A step, and the path to it from the list with `path`. */
type Place = readonly [path: ReadonlyArray<PropertyKey>, step: Step]

/** All steps of a list, including nested ones, with their paths. */
export const placesOf = (steps: ReadonlyArray<Step>, path: ReadonlyArray<PropertyKey>): ReadonlyArray<Place> =>
  steps.flatMap((step, index) => [
    [[...path, index], step] as const,
    ...nestedOf(step).flatMap((inside) => placesOf(inside.steps, [...path, index, ...inside.path]))
  ])

export const allSteps = (steps: ReadonlyArray<Step>): ReadonlyArray<Step> => placesOf(steps, []).map(([, step]) => step)

export const allParts = (steps: ReadonlyArray<Step>) => allSteps(steps).map(partsOf)

const isBefore = (step: Step): boolean =>
  partsOf(step).before !== undefined && nestedOf(step).every(({ steps }) => steps.every(isBefore))

/** Whether no step needs a connection, so that a `setup` does without. */
export const neverConnects = (steps: ReadonlyArray<Step>): boolean => steps.every(isBefore)

export const setsOf = (steps: ReadonlyArray<Step>): ReadonlyArray<string> =>
  allParts(steps).flatMap(({ assigns = {}, messages = [], sets = [] }) => [
    ...sets,
    ...Object.keys(assigns),
    ...messages.flatMap(Case.setsOf)
  ])

/** The number of steps before the client connects: up to the last `http` that has only `http`, `set`, `wait` and `if` before it. */
export const beforeConnecting = (steps: ReadonlyArray<Step>): number => {
  const end = steps.findIndex((step) => !isBefore(step))
  return (
    steps
      .slice(0, end < 0 ? steps.length : end)
      .findLastIndex((step) => allParts([step]).some(({ before }) => before === "request")) + 1
  )
}

/** Whether every path through `steps` waits for time or for the server. */
export const pauses = (steps: ReadonlyArray<Step>): boolean =>
  steps.some((step) => {
    const { mayBeSkipped = false, nested = [], pauses: own = false } = partsOf(step)
    return own || (!mayBeSkipped && nested.length > 0 && nested.every((inside) => pauses(inside.steps)))
  })

const sendsOf = (step: Step): number => {
  const { mayBeSkipped = false, nested = [], repeats, sends = 0 } = partsOf(step)
  if (nested.length === 0) return sends
  const ways = [...nested.map(({ steps }) => countSends(steps)), ...(mayBeSkipped ? [0] : [])]
  const [first = 0] = ways
  return ways.every((each) => each === first) ? (repeats?.times ?? 1) * first : Number.NaN
}

/** The number of messages that one pass through `steps` sends; `NaN` if it is not the same on all paths. */
export const countSends = (steps: ReadonlyArray<Step>): number => steps.reduce((sum, step) => sum + sendsOf(step), 0)

/** The longest time of a list of steps, each of which takes `own`. `rounds` is how often a `repeat` without `times` runs. */
const sumOf = (steps: ReadonlyArray<Step>, rounds: number, own: (parts: StepParts<Step>) => number): number =>
  steps.reduce((sum, step) => {
    const parts = partsOf(step)
    const { nested = [], repeats } = parts
    const inside = Math.max(0, ...nested.map((each) => sumOf(each.steps, rounds, own)))
    const times = repeats === undefined ? 1 : (repeats.times ?? rounds)
    // Without this, steps that take no time would take NaN in an endless repeat.
    return sum + own(parts) + (inside === 0 ? 0 : times * inside)
  }, 0)

/** The longest time of a list of steps in which the answers come at once, and one round of a `repeat` without `times`. */
export const longest = (steps: ReadonlyArray<Step>): number => sumOf(steps, 1, ({ longest }) => longest?.(0) ?? 0)

const PAUSES = ["wait", "reconnect"]

/** How long a list of steps takes in which every message comes at once, and the longest time that a step waits for one. */
export const pausesAndWait = (
  steps: ReadonlyArray<Step>,
  timeout: number
): { readonly pauses: number; readonly wait: number } => {
  const isPause = ({ kind, longest }: StepParts<Step>) => PAUSES.includes(kind) || longest?.(timeout) === Infinity
  const waits = allParts(steps).flatMap((parts) => (isPause(parts) ? [] : (parts.longest?.(timeout) ?? [])))
  return {
    pauses: sumOf(steps, Infinity, (parts) => (isPause(parts) ? (parts.longest?.(0) ?? 0) : 0)),
    wait: Math.max(timeout, ...waits)
  }
}

/** The same steps, with one round of each `repeat` that has no end. */
export const once = (steps: ReadonlyArray<Step>): ReadonlyArray<Step> =>
  steps.map((step): Step => {
    if (step.repeat !== undefined)
      return { ...step, repeat: { ...step.repeat, times: step.repeat.times ?? 1, steps: once(step.repeat.steps) } }
    if (step.if !== undefined) {
      const { else: otherwise, ...condition } = step.if
      const other = otherwise === undefined ? {} : { else: once(otherwise) }
      return { ...step, if: { ...condition, ...other, steps: once(step.if.steps) } }
    }
    if (step.switch === undefined) return step
    return {
      ...step,
      switch: { ...step.switch, cases: step.switch.cases.map((one) => ({ ...one, steps: once(one.steps) })) }
    }
  })
