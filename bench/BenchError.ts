import * as Schema from "effect/Schema"

/** A run that could not be made, or whose result was wrong. The message is one line, ready to be shown. */
export class BenchError extends Schema.TaggedError<BenchError>()("BenchError", { message: Schema.String }) {}
