import * as Schema from "effect/Schema"

/** A pattern cannot be read. Has the place (lines and columns count from 1), what was found there and what was expected. */
export class PatternError extends Schema.TaggedError<PatternError>()("PatternError", {
  source: Schema.String,
  line: Schema.Number,
  column: Schema.Number,
  found: Schema.String,
  expected: Schema.String
}) {
  override get message(): string {
    return `${this.source}, line ${this.line}, column ${this.column}: found ${this.found}, expected ${this.expected}`
  }
}
