import { type LoadPlan, scenariosOf } from "./LoadPlan.ts"
import * as Ramp from "./Ramp.ts"
import { longest } from "./Steps.ts"

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
