/** The plan of a game in a form that can be sent to another process. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as RuleText from "../../Life/Universe/RuleText.ts"
import * as TopologyText from "../../Life/Universe/TopologyText.ts"
import type { GamePlan } from "./GamePlan.ts"

export const SentPlan = Schema.Struct({
  width: Schema.Number,
  height: Schema.Number,
  cells: Schema.Uint8ArrayFromSelf,
  rule: Schema.String,
  topology: Schema.String,
  seed: Schema.UndefinedOr(Schema.Number),
  isGrown: Schema.Boolean
})
export type SentPlan = typeof SentPlan.Type

export const sentOf = ({ isGrown, rule, seed, start, topology }: GamePlan): SentPlan => ({
  ...{ width: start.width, height: start.height, cells: start.cells, seed, isGrown },
  rule: RuleText.format(rule),
  topology: TopologyText.format(topology)
})

export const planOf = Effect.fn("SentPlan.planOf")(function* (sent: SentPlan) {
  const { cells, height, isGrown, seed, width } = sent
  const edges = yield* TopologyText.parse(sent.topology)
  return {
    start: { width, height, cells },
    rule: yield* RuleText.parse(sent.rule),
    topology: yield* TopologyText.sized(edges, width, height),
    ...{ seed, isGrown }
  } satisfies GamePlan
})
