/** Reads and writes a rule and a topology together, in Golly's notation: `B3/S23:T32,32`. */
import * as Either from "effect/Either"
import type * as Rule from "./Rule.ts"
import * as RuleText from "./RuleText.ts"
import type * as Topology from "./Topology.ts"
import * as TopologyText from "./TopologyText.ts"

/** The most characters that a reset may have for this. */
const LIMIT = 40

/** A rule and a topology without a size. */
export interface Universe {
  readonly rule: Rule.Rule | undefined
  readonly edges: TopologyText.Unsized
}

/** Reads a rule and a topology, or a topology alone, as `format` writes them. */
export const parse = (text: string): Either.Either<Universe, RuleText.RuleError | TopologyText.TopologyError> =>
  Either.gen(function* () {
    const colon = text.lastIndexOf(":")
    const rule = colon < 0 ? undefined : yield* RuleText.parse(text.slice(0, colon))
    return { rule, edges: yield* TopologyText.parse(text.slice(colon + 1)) }
  })

/** A rule that is too long for a reset is left out. Watchers then see the topology but no rule. */
export const format = (rule: Rule.Rule, topology: Topology.Topology): string => {
  const edges = TopologyText.format(topology)
  const both = `${RuleText.format(rule)}:${edges}`
  return both.length <= LIMIT ? both : edges
}
