/** The messages between the supervisor and its processes. */
import * as Schema from "effect/Schema"

export const ToProcess = Schema.Union(
  /** The process must close its connections and end. */
  Schema.TaggedStruct("Drain", {}),
  /** The process must send its metrics for this round. */
  Schema.TaggedStruct("Collect", { round: Schema.Number }),
  /** The metrics of all processes: the answer to `Asked`. */
  Schema.TaggedStruct("Collected", { question: Schema.Number, text: Schema.String })
)
export type ToProcess = typeof ToProcess.Type

export const FromProcess = Schema.Union(
  Schema.TaggedStruct("Listening", { port: Schema.Number }),
  /** The metrics of the process, for a round. */
  Schema.TaggedStruct("Metrics", { round: Schema.Number, text: Schema.String }),
  /** The process asks for the metrics of all processes. */
  Schema.TaggedStruct("Asked", { question: Schema.Number }),
  /** A line about games for the person who started the server. */
  Schema.TaggedStruct("Line", { text: Schema.String }),
  /** Such a line that the next one may replace. `now` is what is true from then on. */
  Schema.TaggedStruct("Progress", { text: Schema.String, now: Schema.optional(Schema.String) })
)
export type FromProcess = typeof FromProcess.Type

/** None if it is not one of these messages, because other libraries may use the channel too. */
export const decodeToProcess = Schema.decodeUnknownOption(ToProcess)
export const decodeFromProcess = Schema.decodeUnknownOption(FromProcess)
