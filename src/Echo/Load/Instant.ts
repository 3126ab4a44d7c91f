import type { NamedRecorder } from "../Measure/Named.ts"
import type { Op } from "../Scenario/Op.ts"
import type { ClientValues } from "./ClientValues.ts"
import type { StepTimes } from "./StepTimes.ts"

/** An operation that waits for nothing and sends nothing: it computes, notes a time, or goes on elsewhere. */
type Instant = Op & { readonly _tag: "Begin" | "End" | "If" | "Jump" | "Loop" | "Set" }

/** Does such an operation, at the place `at` of the program. Gives the place to go on at. Throws a `RenderError`. */
export const run = (
  op: Instant,
  at: number,
  values: ClientValues,
  times: StepTimes,
  now: () => number,
  named: NamedRecorder
): number => {
  switch (op._tag) {
    case "Jump":
      return op.to
    case "If":
      return op.holds(values) ? at + 1 : op.otherwise
    case "Loop":
      values.rounds[op.depth] = 0
      return at + 1
    case "Set":
      values.assign(op.assignments)
      return at + 1
    case "Begin":
      times.begin(op.named, now())
      return at + 1
    case "End":
      times.end(op.named, now(), named)
      return at + 1
  }
}
