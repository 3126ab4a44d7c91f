/** The document `/patterns.json`, from which a page can start games. */

export interface PatternEntry {
  /** As `life -p` takes it. */
  readonly name: string
  /** A line that explains it; may be empty. */
  readonly about: string
  /** Its cells, row by row: `O` alive, `.` dead; where some are dying, `A` alive, and `B` and so on for the states from 2 on. */
  readonly rows: ReadonlyArray<string>
  /** The rule that it is for, where that is not Conway's. */
  readonly rule?: string
}

export interface PatternList {
  /** The command that starts a game, up to its options: `npx effect-c10k life`. */
  readonly command: string
  /** Whether the server owns its workers, so that the control channel is there. */
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
  (!("rule" in value) || typeof value.rule === "string")

/** Undefined when `value`, decoded JSON, is no list. */
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
