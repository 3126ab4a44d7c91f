/**
 * A pattern cannot be read. Has the place (lines and columns count from 1), what was found there and what was expected. A plain
 * class: the page reads patterns too, and Effect's schemas would be nine tenths of its script.
 */
export class PatternError extends Error {
  readonly _tag = "PatternError"
  override readonly name = "PatternError"
  readonly source: string
  readonly line: number
  readonly column: number
  readonly found: string
  readonly expected: string

  constructor({ column, expected, found, line, source }: Omit<PatternError, keyof Error | "_tag">) {
    super(`${source}, line ${line}, column ${column}: found ${found}, expected ${expected}`)
    this.source = source
    this.line = line
    this.column = column
    this.found = found
    this.expected = expected
  }
}
