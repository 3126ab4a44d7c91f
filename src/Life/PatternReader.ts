/**
 * What the readers of all pattern formats share: the lines of a file, and how its errors are made.
 */
import * as Either from "effect/Either"
import { limits } from "./CellRuns.ts"
import type { Pattern } from "./Pattern.ts"
import { PatternError } from "./PatternError.ts"

export type Result = Either.Either<Pattern, PatternError>

export interface Source {
  /** What the errors call it: a file name, or "standard input". */
  readonly name: string
  readonly lines: ReadonlyArray<string>
}

/** Lines may end in LF, CRLF or CR; the last one need not. */
export const source = (name: string, text: string): Source => {
  const lines = text.replace(/^\uFEFF/, "").split(/\r\n|\n|\r/)
  if (lines.at(-1) === "") lines.pop()
  return { name, lines }
}

/** `line` and `column` count from 0 here, and from 1 in the error. */
export const fail = (source: Source, line: number, column: number, found: string, expected: string): Result =>
  Either.left(new PatternError({ source: source.name, line: line + 1, column: column + 1, found, expected }))

export const tooLarge = (source: Source, line: number, column: number): Result =>
  fail(
    source,
    line,
    column,
    "more cells than can be held",
    `at most ${limits.side} rows and columns, and ${limits.area} cells in all`
  )
