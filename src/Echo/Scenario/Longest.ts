import { type LoadPlan, scenariosOf } from "./LoadPlan.ts"
import * as Ramp from "./Ramp.ts"
import { longest, pausesAndWait } from "./Steps.ts"

/** How long a conversation can take after the user stopped the run, besides replies with the default timeout; `Infinity` with a script. */
export const pauses = (plan: LoadPlan): number =>
  Math.max(...scenariosOf(plan).map(({ scenario }) => longest(scenario.steps)))

/**
 * The most clients of a plan that are connected at the same time, if each conversation ends with the first reply that is too late: a server
 * that answers all messages just in time is not expected. At most all clients.
 */
export const mostConnected = (plan: LoadPlan): number => {
  const { arrivals, clients, duration, ramp, timeout: given } = plan
  if (arrivals?.most !== undefined) return Math.min(clients, arrivals.most)
  // In a closed model every client comes back until the end.
  if (duration !== undefined && arrivals === undefined) return clients
  const times = scenariosOf(plan).map(({ scenario }) => {
    const timeout = scenario.timeout ?? given
    const { pauses, wait } = pausesAndWait(scenario.steps, timeout)
    // Closing can take the timeout too.
    return pauses + wait + timeout
  })
  return Math.min(clients, Ramp.mostWithin(ramp, clients, Math.max(...times)))
}
