/** The document `/patterns.json`: the patterns with which a page can start games. Each is a file too, `/patterns/NAME.rle`. */
import { isRecord } from "effect/Predicate"

export interface PatternEntry {
  /** The name, as `life -p` takes it. */
  readonly name: string
  /** One line that explains the pattern. May be empty. */
  readonly about: string
  /** What it is: `Spaceship`, `Oscillator` and so on. Absent if that is not known. */
  readonly kind?: string
  /** The cells, row by row: `O` alive, `.` dead. With more than two states `A` is alive, `B` is 2, and so on. */
  readonly rows: ReadonlyArray<string>
  /** The rule of the pattern, if that is not Conway's. */
  readonly rule?: string
}

export interface PatternList {
  /** The command that starts a game, without its options: `npx effect-c10k life`. */
  readonly command: string
  /** Whether the server owns its workers and has the control channel. */
  readonly hasControl: boolean
  readonly patterns: ReadonlyArray<PatternEntry>
}

/** A pattern of the list as a file: RLE with a line for each row. */
export const fileOf = ({ about, name, rows, rule = "B3/S23" }: PatternEntry): string => {
  // Letters are states in both. Only in rows of two states `O` is alive.
  const isOfTwo = !rows.some((row) => /[A-NP-Z]/.test(row))
  const lines = isOfTwo ? rows.map((row) => row.replaceAll(".", "b").replaceAll("O", "o")) : rows
  const header = `x = ${rows[0]?.length ?? 0}, y = ${rows.length}, rule = ${rule}`
  return `#N ${name}\n${about === "" ? "" : `#C ${about}\n`}${header}\n${lines.join("$\n")}!\n`
}

const isText = (value: unknown): value is string => typeof value === "string"

const isEntry = (value: unknown): value is PatternEntry =>
  isRecord(value) &&
  isText(value["name"]) &&
  isText(value["about"]) &&
  Array.isArray(value["rows"]) &&
  value["rows"].every(isText) &&
  (!("rule" in value) || isText(value["rule"])) &&
  (!("kind" in value) || isText(value["kind"]))

/** Checks a decoded JSON value; `undefined` if it is not a pattern list. */
export const readPatternList = (value: unknown): PatternList | undefined => {
  if (!isRecord(value)) return undefined
  const { command, hasControl, patterns } = value
  return isText(command) && typeof hasControl === "boolean" && Array.isArray(patterns) && patterns.every(isEntry)
    ? { command, hasControl, patterns }
    : undefined
}
