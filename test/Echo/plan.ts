import type { LoadPlan } from "../../src/Echo/Scenario/LoadPlan.ts"
import { original } from "../../src/Echo/Scenario/Scenario.ts"

/** A small plan: five clients and the original conversation with pauses of `delay` milliseconds. */
export const plan = (delay: number, changes: Partial<LoadPlan> = {}): LoadPlan => ({
  scenario: original(delay),
  files: {},
  tables: {},
  environment: {},
  urls: ["ws://localhost/test/ws/"],
  localAddresses: [],
  certificates: {},
  localPorts: [32768, 60999],
  clients: 5,
  ramp: { _tag: "Random", over: 2 * delay },
  timeout: 60_000,
  seed: 1,
  share: { index: 0, of: 1 },
  ...changes
})

/** What the JSON file of a run says of its circumstances. */
export const circumstances = {
  tool: { name: "t", version: "0" },
  machine: { node: "v", platform: "p", processors: 1 },
  agents: null,
  command: "",
  conversation: "",
  options: {}
}
