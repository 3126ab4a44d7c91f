/** What a pattern format is, and what all readers share: the lines of a file, errors, and rules. */
import * as Either from "effect/Either"
import * as Printable from "../Universe/Printable.ts"
import * as RuleText from "../Universe/RuleText.ts"
import * as TopologyText from "../Universe/TopologyText.ts"
import { limits } from "./CellRuns.ts"
import type { Pattern } from "./Pattern.ts"
import { PatternError } from "./PatternError.ts"

export type Result<A = Pattern> = Either.Either<A, PatternError>

export interface Source {
  /** The name in error messages: a file name, or "standard input". */
  readonly name: string
  readonly lines: ReadonlyArray<string>
}

/** A format in which a file describes a pattern. `PatternText` lists them all. */
export interface PatternFormat {
  /** The extensions of its files in the library, without the dot. */
  readonly extensions: ReadonlyArray<string>
  /** Whether a text is in this format. `first` is its first line that is not blank, without blanks around it. */
  readonly recognises: (first: string, source: Source) => boolean
  readonly read: (source: Source) => Result
}

/** Splits a text into lines, which may end in LF, CRLF or CR. The last line may have no end. */
export const source = (name: string, text: string): Source => {
  const lines = text.replace(/^\uFEFF/, "").split(/\r\n|\n|\r/)
  if (lines.at(-1) === "") lines.pop()
  return { name, lines }
}

/** `line` and `column` count from 0 here, and from 1 in the error. */
export const fail = (
  source: Source,
  line: number,
  column: number,
  found: string,
  expected: string
): Either.Either<never, PatternError> =>
  Either.left(new PatternError({ source: source.name, line: line + 1, column: column + 1, found, expected }))

export const tooLarge = (source: Source, line: number, column: number): Either.Either<never, PatternError> =>
  fail(
    source,
    line,
    column,
    "more cells than fit",
    `at most ${limits.side} rows and columns, and ${limits.area} cells in all`
  )

/** Reads a rule and, after a colon, its topology: `B3/S23:T30,20`. */
export const readRule = (
  source: Source,
  line: number,
  column: number,
  text: string
): Result<Pick<Pattern, "rule" | "topology">> => {
  const wrong = (error: RuleText.RuleError | TopologyText.TopologyError) =>
    fail(
      source,
      line,
      column,
      `rule ${Printable.quote(text)}`,
      `a rule such as B3/S23, B2-a/S12 or B3/S23:T30,20 (${error.reason})`
    )
  const colon = text.indexOf(":")
  const rule = RuleText.parse(colon === -1 ? text : text.slice(0, colon))
  if (Either.isLeft(rule)) return wrong(rule.left)
  // To Golly, a colon with only one letter after it does not bound the grid. The user then chooses the topology.
  if (colon === -1 || colon >= text.length - 2) return Either.right({ rule: rule.right })
  const topology = TopologyText.parse(text.slice(colon + 1))
  if (Either.isLeft(topology)) return wrong(topology.left)
  return Either.right({ rule: rule.right, topology: topology.right })
}
