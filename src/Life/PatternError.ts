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

/** The character at a column as an error shows it: nothing that could upset a terminal gets through. */
export const show = (line: string, column: number): string => {
  const code = line.codePointAt(column)
  if (code === undefined) return "the end of the line"
  if (code === 0x20) return "a blank"
  const char = String.fromCodePoint(code)
  return isPrintable(char) ? `"${char}"` : `character U+${code.toString(16).toUpperCase().padStart(4, "0")}`
}

/** A piece of text as an error shows it: its beginning, on one line. */
export const quote = (text: string): string => {
  const chars = Array.from(text.trim(), (char) => (isPrintable(char) ? char : "\u{fffd}"))
  return `"${chars.slice(0, 40).join("")}${chars.length > 40 ? "..." : ""}"`
}

const isPrintable = (char: string): boolean => !/[\p{C}\p{Zl}\p{Zp}]/u.test(char)
