/** A rule and a topology together, in Golly's notation: `B3/S23:T32,32`. */
import type * as Rule from "./Rule.ts"
import * as RuleText from "./RuleText.ts"
import type * as Topology from "./Topology.ts"
import * as TopologyText from "./TopologyText.ts"

/** Characters that a reset takes. */
const limit = 40

/** A rule too long for a reset is left out: those who watch then see how the edges are joined, and no rule. */
export const format = (rule: Rule.Rule, topology: Topology.Topology): string => {
  const edges = TopologyText.format(topology)
  const both = `${RuleText.format(rule)}:${edges}`
  return both.length <= limit ? both : edges
}
