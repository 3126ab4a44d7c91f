/** The messages between the supervisor and its processes. */
import * as Schema from "effect/Schema"

/** To a process. */
export const ToProcess = Schema.Union(
  /** Send your clients away, and end. */
  Schema.TaggedStruct("Drain", {}),
  /** Tell your metrics, for this round. */
  Schema.TaggedStruct("Collect", { round: Schema.Number }),
  /** The metrics of all processes: the answer to a question. */
  Schema.TaggedStruct("Collected", { question: Schema.Number, text: Schema.String })
)
export type ToProcess = typeof ToProcess.Type

/** From a process. */
export const FromProcess = Schema.Union(
  /** Clients may come, to this port. */
  Schema.TaggedStruct("Listening", { port: Schema.Number }),
  /** Its metrics, for a round. */
  Schema.TaggedStruct("Metrics", { round: Schema.Number, text: Schema.String }),
  /** It asks for the metrics of all processes. */
  Schema.TaggedStruct("Asked", { question: Schema.Number })
)
export type FromProcess = typeof FromProcess.Type

/** `undefined` if it is none of these messages: other libraries may use the channel too. */
export const decodeToProcess = Schema.decodeUnknownOption(ToProcess)
export const decodeFromProcess = Schema.decodeUnknownOption(FromProcess)
