import { type LoadPlan, scenariosOf } from "./LoadPlan.ts"
import * as Ramp from "./Ramp.ts"
import type { Step } from "./Step.ts"

const longestStep = (step: Step, timeout: number, rounds: number): number => {
  if (step.wait !== undefined) return typeof step.wait === "number" ? step.wait : step.wait.max
  if (step.send !== undefined) return timeout
  if (step.script !== undefined) return Infinity
  if (step.http !== undefined) return step.http.timeout ?? timeout
  const awaited = step.expect ?? step.until ?? step.switch ?? step.ping
  if (awaited !== undefined) {
    const own = (typeof awaited === "object" ? awaited.timeout : undefined) ?? timeout
    return own + longestOf(step.switch?.cases.map(({ steps }) => steps) ?? [], timeout, rounds)
  }
  if (step.if !== undefined) return longestOf([step.if.steps, step.if.else ?? []], timeout, rounds)
  if (step.reconnect !== undefined) {
    return 2 * timeout + (typeof step.reconnect === "number" ? step.reconnect : step.reconnect.after)
  }
  if (step.repeat !== undefined) return (step.repeat.times ?? rounds) * longest(step.repeat.steps, timeout, rounds)
  return 0
}

const longestOf = (ways: ReadonlyArray<ReadonlyArray<Step>>, timeout: number, rounds: number): number =>
  Math.max(0, ...ways.map((steps) => longest(steps, timeout, rounds)))

/** `rounds` is how often a `repeat` without `times` runs. */
const longest = (steps: ReadonlyArray<Step>, timeout: number, rounds: number): number =>
  steps.reduce((sum, step) => sum + longestStep(step, timeout, rounds), 0)

/** How long a conversation can take after the user stopped the run, besides replies with the default timeout; `Infinity` with a script. */
export const pauses = (plan: LoadPlan): number =>
  Math.max(...scenariosOf(plan).map(({ scenario }) => longest(scenario.steps, 0, 1)))

/** An upper bound for the clients of a plan that are connected at the same time, for any behaviour of the server. At most all clients. */
export const mostConnected = (plan: LoadPlan): number => {
  const { arrivals, clients, duration, ramp, timeout: given } = plan
  if (arrivals?.most !== undefined) return Math.min(clients, arrivals.most)
  // In a closed model every client comes back until the end.
  if (duration !== undefined && arrivals === undefined) return clients
  const times = scenariosOf(plan).map(({ scenario }) => {
    const timeout = scenario.timeout ?? given
    // Connecting and closing can take the timeout each, like every step.
    return longest(scenario.steps, timeout, Infinity) + 2 * timeout
  })
  return Math.min(clients, Ramp.mostWithin(ramp, clients, Math.max(...times)))
}
