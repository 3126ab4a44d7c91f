/** A rule and a topology together, in Golly's notation: `B3/S23:T32,32`. */
import * as Either from "effect/Either"
import type * as Rule from "./Rule.ts"
import * as RuleText from "./RuleText.ts"
import type * as Topology from "./Topology.ts"
import * as TopologyText from "./TopologyText.ts"

/** Characters that a reset takes. */
const limit = 40

/** A universe without its size. */
export interface Universe {
  readonly rule: Rule.Rule | undefined
  readonly edges: TopologyText.Unsized
}

/** Reads what `format` writes: a rule and a topology, or a topology alone. */
export const parse = (text: string): Either.Either<Universe, RuleText.RuleError | TopologyText.TopologyError> =>
  Either.gen(function* () {
    const colon = text.lastIndexOf(":")
    const rule = colon < 0 ? undefined : yield* RuleText.parse(text.slice(0, colon))
    return { rule, edges: yield* TopologyText.parse(text.slice(colon + 1)) }
  })

/** A rule too long for a reset is left out: those who watch then see how the edges are joined, and no rule. */
export const format = (rule: Rule.Rule, topology: Topology.Topology): string => {
  const edges = TopologyText.format(topology)
  const both = `${RuleText.format(rule)}:${edges}`
  return both.length <= limit ? both : edges
}
