import type { NamedRecorder } from "../Measure/Named.ts"
import type { Op } from "../Scenario/Op.ts"
import type { ClientValues } from "./ClientValues.ts"
import type { StepTimes } from "./StepTimes.ts"

/** An operation that neither waits nor sends: it computes, notes a time or jumps. */
type Instant = Op & { readonly _tag: "Begin" | "End" | "If" | "Jump" | "Loop" | "Set" }

/** Runs such an operation at index `at` of the program and returns the next index. Throws a `RenderError`. */
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
      return op.test(values) ? at + 1 : op.otherwise
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
