import * as Schema from "effect/Schema"

/** A pattern that cannot be read: where (lines and columns count from 1), what is there, what should be. */
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

/** A character as an error message shows it. */
export const show = (char: string | undefined): string => {
  if (char === undefined) return "the end of the line"
  if (char === " ") return "a blank"
  const code = char.codePointAt(0)!
  if (code < 0x20 || code === 0x7f) return `character U+${code.toString(16).toUpperCase().padStart(4, "0")}`
  return `"${char}"`
}
