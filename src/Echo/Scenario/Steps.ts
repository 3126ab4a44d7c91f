import type { ExpectedMessage } from "./Expected.ts"
import type { Step } from "./Step.ts"

type Nested = readonly [path: ReadonlyArray<PropertyKey>, steps: ReadonlyArray<Step>]

/** The lists of steps inside of a step, each with the members that lead to it. */
export const nestedSteps = (step: Step): ReadonlyArray<Nested> => {
  if (step.repeat !== undefined) return [[["repeat", "steps"], step.repeat.steps]]
  if (step.if !== undefined) {
    const { else: otherwise, steps } = step.if
    return [[["if", "steps"], steps], ...(otherwise === undefined ? [] : [[["if", "else"], otherwise] as const])]
  }
  return (step.switch?.cases ?? []).map(({ steps }, index) => [["switch", "cases", index, "steps"], steps])
}

/** All steps of a list, those inside of others too. */
export const allSteps = (steps: ReadonlyArray<Step>): ReadonlyArray<Step> =>
  steps.flatMap((step) => [step, ...nestedSteps(step).flatMap(([, inside]) => allSteps(inside))])

/** The messages that a step takes, but for the texts. */
export const messagesOf = ({ expect, switch: choice, until }: Step): ReadonlyArray<ExpectedMessage> => {
  const expected = typeof expect === "object" ? [expect, ...(expect.anyOrder ?? [])] : []
  return [...expected, until, ...(choice?.cases.map((one) => one.expect) ?? [])].filter(
    (message) => typeof message === "object"
  )
}

/** Whether the connection is over behind a step. */
export const endsConnection = (step: Step): boolean =>
  step.close !== undefined || (typeof step.expect === "object" && step.expect.closed !== undefined)

const isBefore = (step: Step): boolean =>
  step.http !== undefined ||
  step.set !== undefined ||
  step.wait !== undefined ||
  (step.if !== undefined && nestedSteps(step).every(([, steps]) => steps.every(isBefore)))

/** The steps that come before the connection: up to the last `http` that stands before all but `set`, `wait` and `if`. */
export const beforeConnecting = (steps: ReadonlyArray<Step>): number => {
  const end = steps.findIndex((step) => !isBefore(step))
  return (
    steps
      .slice(0, end < 0 ? steps.length : end)
      .findLastIndex((step) => allSteps([step]).some(({ http }) => http !== undefined)) + 1
  )
}

/** Whether every way through `steps` waits for time or for the server. */
export const pauses = (steps: ReadonlyArray<Step>): boolean =>
  steps.some((step) => {
    const { expect, http, if: condition, ping, reconnect, repeat, script, until, wait } = step
    if ([wait, expect, until, reconnect, http, ping, script, step.switch].some((kind) => kind !== undefined))
      return true
    if (condition !== undefined) return pauses(condition.steps) && pauses(condition.else ?? [])
    return repeat !== undefined && pauses(repeat.steps)
  })

const sendsOf = (step: Step): number => {
  if (step.send !== undefined) return 1
  if (step.script !== undefined) return Number.NaN
  if (step.repeat !== undefined) return (step.repeat.times ?? 1) * countSends(step.repeat.steps)
  const ways = nestedSteps(step).map(([, steps]) => countSends(steps))
  if (step.if !== undefined && step.if.else === undefined) ways.push(0)
  const [first = 0] = ways
  return ways.every((sends) => sends === first) ? first : Number.NaN
}

/** Messages sent by one pass over `steps`; `NaN` where that is not the same for all ways through them. */
export const countSends = (steps: ReadonlyArray<Step>): number => steps.reduce((sum, step) => sum + sendsOf(step), 0)

/** The steps with the files of their scripts named by `place`. */
export const placed = (steps: ReadonlyArray<Step>, place: (file: string) => string): ReadonlyArray<Step> =>
  steps.map((step): Step => {
    const { if: condition, repeat, script } = step
    if (script !== undefined) return { ...step, script: place(script) }
    if (repeat !== undefined) return { ...step, repeat: { ...repeat, steps: placed(repeat.steps, place) } }
    if (condition !== undefined) {
      const otherwise = condition.else === undefined ? {} : { else: placed(condition.else, place) }
      return { ...step, if: { ...condition, steps: placed(condition.steps, place), ...otherwise } }
    }
    if (step.switch === undefined) return step
    const cases = step.switch.cases.map((one) => ({ ...one, steps: placed(one.steps, place) }))
    return { ...step, switch: { ...step.switch, cases } }
  })
