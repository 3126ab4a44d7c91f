/** The document `/patterns.json`: the patterns with which a page can start games. */

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

const isEntry = (value: unknown): value is PatternEntry =>
  typeof value === "object" &&
  value !== null &&
  "name" in value &&
  typeof value.name === "string" &&
  "about" in value &&
  typeof value.about === "string" &&
  "rows" in value &&
  Array.isArray(value.rows) &&
  value.rows.every((row) => typeof row === "string") &&
  (!("rule" in value) || typeof value.rule === "string") &&
  (!("kind" in value) || typeof value.kind === "string")

/** Checks a decoded JSON value; `undefined` if it is not a pattern list. */
export const readPatternList = (value: unknown): PatternList | undefined =>
  typeof value === "object" &&
  value !== null &&
  "command" in value &&
  typeof value.command === "string" &&
  "hasControl" in value &&
  typeof value.hasControl === "boolean" &&
  "patterns" in value &&
  Array.isArray(value.patterns) &&
  value.patterns.every(isEntry)
    ? { command: value.command, hasControl: value.hasControl, patterns: value.patterns }
    : undefined
