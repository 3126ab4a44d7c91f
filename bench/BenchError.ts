import * as Schema from "effect/Schema"

/** A run could not be made, or its result was wrong. The message is one line for the user. */
export class BenchError extends Schema.TaggedError<BenchError>()("BenchError", { message: Schema.String }) {}
