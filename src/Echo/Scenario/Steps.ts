import type { ExpectedMessage } from "./Expected.ts"
import type { Step } from "./Step.ts"

type Nested = readonly [path: ReadonlyArray<PropertyKey>, steps: ReadonlyArray<Step>]

/** The lists of steps inside a step, each with the path to it. */
export const nestedSteps = (step: Step): ReadonlyArray<Nested> => {
  if (step.repeat !== undefined) return [[["repeat", "steps"], step.repeat.steps]]
  if (step.if !== undefined) {
    const { else: otherwise, steps } = step.if
    return [[["if", "steps"], steps], ...(otherwise === undefined ? [] : [[["if", "else"], otherwise] as const])]
  }
  return (step.switch?.cases ?? []).map(({ steps }, index) => [["switch", "cases", index, "steps"], steps])
}

/** All steps of a list, including nested ones. */
export const allSteps = (steps: ReadonlyArray<Step>): ReadonlyArray<Step> =>
  steps.flatMap((step) => [step, ...nestedSteps(step).flatMap(([, inside]) => allSteps(inside))])

/** The conditions on messages of a step, except those that are plain texts. */
export const messagesOf = ({ expect, switch: choice, until }: Step): ReadonlyArray<ExpectedMessage> => {
  const expected = typeof expect === "object" ? [expect, ...(expect.anyOrder ?? [])] : []
  return [...expected, until, ...(choice?.cases.map((one) => one.expect) ?? [])].filter(
    (message) => typeof message === "object"
  )
}

/** Whether the connection is over after a step. */
export const endsConnection = (step: Step): boolean =>
  step.close !== undefined || (typeof step.expect === "object" && step.expect.closed !== undefined)

const isBefore = (step: Step): boolean =>
  step.http !== undefined ||
  step.set !== undefined ||
  step.wait !== undefined ||
  (step.if !== undefined && nestedSteps(step).every(([, steps]) => steps.every(isBefore)))

/** The number of steps before the client connects: up to the last `http` that has only `http`, `set`, `wait` and `if` before it. */
export const beforeConnecting = (steps: ReadonlyArray<Step>): number => {
  const end = steps.findIndex((step) => !isBefore(step))
  return (
    steps
      .slice(0, end < 0 ? steps.length : end)
      .findLastIndex((step) => allSteps([step]).some(({ http }) => http !== undefined)) + 1
  )
}

/** Whether every path through `steps` waits for time or for the server. */
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

/** The number of messages that one pass through `steps` sends; `NaN` if it is not the same on all paths. */
export const countSends = (steps: ReadonlyArray<Step>): number => steps.reduce((sum, step) => sum + sendsOf(step), 0)

/** The steps, with the path of each script replaced by `place(path)`. */
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
