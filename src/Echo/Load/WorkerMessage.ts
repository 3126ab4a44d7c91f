import * as Schema from "effect/Schema"
import { Report } from "../Measure/Report.ts"
import { Second } from "../Measure/TimeSeries.ts"
import { LoadPlan } from "../Scenario/LoadPlan.ts"
import { LoadSnapshot, Steering } from "./LoadRun.ts"

/** The messages from the process that leads a run to the others. */
export const ToWorker = Schema.Union(
  Schema.TaggedStruct("Start", { plan: LoadPlan }),
  /** The clients of every process have opened or failed. The planned load begins. */
  Schema.TaggedStruct("Begin", {}),
  Schema.TaggedStruct("Steer", { to: Steering }),
  Schema.TaggedStruct("Stop", {}),
  Schema.TaggedStruct("Abort", {})
)
export type ToWorker = typeof ToWorker.Type

/** The messages from a worker process to the one that leads. */
export const FromWorker = Schema.Union(
  /** The process waits for its share. */
  Schema.TaggedStruct("Ready", {}),
  /** All its clients have opened or failed. */
  Schema.TaggedStruct("Opened", {}),
  Schema.TaggedStruct("Progress", { snapshot: LoadSnapshot, seconds: Schema.Array(Second) }),
  Schema.TaggedStruct("Done", { report: Report })
)
export type FromWorker = typeof FromWorker.Type
