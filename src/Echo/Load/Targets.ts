import type { LoadPlan } from "../Scenario/LoadPlan.ts"
import * as Template from "../Scenario/Template.ts"
import type { Target } from "./Dialer.ts"
import { LocalPorts } from "./LocalPorts.ts"

/**
 * Where each client connects to: the clients take the urls in turn, and those of one url take the local addresses in
 * turn, so that every pair of both gets its even share of ports.
 */
export const make = (plan: LoadPlan, timeout: number): ((variables: Template.Variables) => Target) => {
  const urls = plan.urls.map((url) => new URL(url))
  const addresses = plan.localAddresses
  const ports = new LocalPorts(plan.localPorts, plan.share)
  const { headers, subprotocols } = plan.scenario.connect
  const templates = Object.entries(headers).map(([name, value]) => [name, Template.compile(value)] as const)
  return (variables) => {
    const index = variables.client - 1
    const address = addresses[Math.floor(index / urls.length) % addresses.length]
    return {
      url: urls[index % urls.length]!,
      headers: Object.fromEntries(templates.map(([name, template]) => [name, template(variables)])),
      subprotocols,
      local: address === undefined ? undefined : { address, nextPort: () => ports.next(address) },
      timeout,
      ca: plan.ca
    }
  }
}
