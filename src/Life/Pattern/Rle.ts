/**
 * Reads run length encoded patterns (RLE), the format of most Life programs. https://conwaylife.com/wiki/Run_Length_Encoded
 *
 * `#` lines are comments and names, and `x = W, y = H, rule = R` is the header. Then `<count>b` are dead cells, `<count>o` are
 * live cells, `<count>$` ends rows, and `!` ends the pattern. The size comes from the cells, not from the header. In rules of
 * more than two states `.` is dead, `A` is alive, and `B` to `yN` are the states from 2 on.
 *
 * LifeHistory is Life with five more states that mark cells. It is read as Life: states 1, 3 and 5 are alive, 2, 4 and 6 dead.
 */
import * as Either from "effect/Either"
import { MAX_STATES } from "../../Protocol/Protocol0.ts"
import * as Printable from "../Universe/Printable.ts"
import type * as Rule from "../Universe/Rule.ts"
import * as RuleText from "../Universe/RuleText.ts"
import * as CellLetters from "./CellLetters.ts"
import { CellRuns, limits } from "./CellRuns.ts"
import * as Pattern from "./Pattern.ts"
import { fail, type PatternFormat, type Result, readRule, type Source, tooLarge } from "./PatternReader.ts"

type About = { -readonly [K in Exclude<keyof Pattern.Pattern, "grid" | "comments">]?: Pattern.Pattern[K] } & {
  readonly comments: Array<string>
}

const read = (source: Source): Result => {
  const about: About = { comments: [] }
  const cells = new RleCells(source)
  let headed = false
  for (const [number, line] of source.lines.entries()) {
    const start = line.trimStart()
    if (start.startsWith("#")) {
      const remark = readRemark(source, number, start, about)
      if (Either.isLeft(remark)) return Either.left(remark.left)
    } else if (!headed && !cells.started && /^x[\s=]/i.test(start)) {
      headed = true
      const header = readHeader(source, number, line)
      if (Either.isLeft(header)) return Either.left(header.left)
      cells.hasHistory = header.right.hasHistory
      Object.assign(about, header.right.about)
    } else {
      const done = cells.readLine(number, line, about.rule)
      if (Either.isLeft(done)) return Either.left(done.left)
      if (done.right) break
    }
  }
  return Either.right(Pattern.make(cells.runs.toGrid(), about))
}

const readRemark = (source: Source, number: number, line: string, about: About): Result<void> => {
  const text = line.slice(2).trim()
  const mark = line[1]
  // A place, and Golly's own line with a position and a generation, which we do not use.
  if (mark === "P" || line.startsWith("#CXRLE")) return Either.void
  if (mark === "N") about.name = text
  else if (mark === "O") about.author = text
  else if (mark === "R" || mark === "r") {
    const isPlace = mark === "R" && /^[+-]?\d+\s+[+-]?\d+$/.test(text)
    if (isPlace || text === "" || about.rule !== undefined) return Either.void
    const rule = readRule(source, number, line.indexOf(text, 2), text)
    return Either.map(rule, (rule) => void Object.assign(about, rule))
  } else {
    const comment = /^#[Cc]/.test(line) ? text : line.slice(1).trim()
    if (comment !== "") about.comments.push(comment)
  }
  return Either.void
}

const HEADER_FORM = "the header x = WIDTH, y = HEIGHT, rule = RULE"

const headerParts = [/\s*x\s*=\s*/iy, /\d+/y, /\s*,?\s*y\s*=\s*/iy, /\d+/y, /\s*(,\s*)?/y] as const

interface Header {
  readonly about: Partial<Pattern.Pattern>
  readonly hasHistory: boolean
}

const LIFE_HISTORY = /^LifeHistory(?=$|:)/i

const readHeader = (source: Source, number: number, line: string): Result<Header> => {
  let column = 0
  for (const part of headerParts) {
    part.lastIndex = column
    const match = part.exec(line)
    if (match === null) return fail(source, number, column, Printable.charAt(line, column), HEADER_FORM)
    column += match[0].length
  }
  const rest = line.slice(column)
  const rule = /^rule\s*=\s*(.*)/i.exec(rest)
  if (rest !== "" && rule === null)
    return fail(source, number, column, Printable.charAt(line, column), "rule = RULE or the end of the header")
  // The name of a rule may contain blanks (`Day & Night`). If there is no such rule, the first word is the rule, as in Golly.
  const whole = (rule?.[1] ?? "").trim().replace(/,$/, "")
  const word = (whole.split(/\s/, 1)[0] ?? "").replace(/,$/, "")
  if (whole === "") return Either.right({ about: {}, hasHistory: false })
  const hasHistory = LIFE_HISTORY.test(whole)
  const read = (text: string) =>
    readRule(source, number, line.indexOf(text, column), text.replace(LIFE_HISTORY, "B3/S23"))
  return Either.map(
    Either.orElse(read(whole), (problem) => Either.mapLeft(read(word), () => problem)),
    (about) => ({ about, hasHistory })
  )
}

/** Reads the cells line by line. A line may break anywhere except between a count and its tag. */
class RleCells {
  readonly runs = new CellRuns()
  readonly #source: Source
  #row = 0
  #col = 0
  started = false
  /** Whether the cells are in the states of LifeHistory. */
  hasHistory = false

  constructor(source: Source) {
    this.#source = source
  }

  /** Reads a line. On the right: whether this line ended the pattern. */
  readLine(number: number, line: string, rule: Rule.Rule | undefined): Result<boolean> {
    let count = 0
    for (let column = 0; column < line.length; column++) {
      const char = line[column]!
      if (char >= "0" && char <= "9") {
        if (count === 0 && char === "0")
          return fail(this.#source, number, column, "a count that starts with 0", "1 to 9")
        count = count * 10 + Number(char)
      } else if (char === " " || char === "\t") {
        if (count > 0) return fail(this.#source, number, column, "a blank after a count", EXPECTED)
      } else if (char === "!") {
        if (count > 0) return fail(this.#source, number, column, "! after a count", EXPECTED)
        return Either.right(true)
      } else {
        const next = line[column + 1]
        const tag = (this.hasHistory ? history[char] : undefined) ?? tagOf(char, next)
        if (tag === undefined) return fail(this.#source, number, column, Printable.charAt(line, column), EXPECTED)
        if (tag !== "end of row" && tag > highestOf(rule))
          return fail(this.#source, number, column, `a cell in state ${tag}`, statesOf(rule))
        if (!this.#take(tag, count === 0 ? 1 : count)) return tooLarge(this.#source, number, column)
        if (hasPrefix(char, next)) column++
        count = 0
      }
    }
    if (count > 0) return fail(this.#source, number, line.length, "the end of the line after a count", EXPECTED)
    return Either.right(false)
  }

  /** Adds a run of cells or row ends. Returns false if the pattern would exceed the limits. */
  #take(tag: Tag, count: number): boolean {
    // The first run fixes the top left corner, even if its cells are dead.
    if (!this.started && !this.runs.cover(0, 0, 0)) return false
    this.started = true
    if (tag === "end of row") {
      this.#row += count
      this.#col = 0
      return this.#row <= limits.side
    }
    const taken =
      tag === 0 ? this.runs.cover(this.#row, this.#col, count) : this.runs.add(this.#row, this.#col, count, tag)
    this.#col += count
    return taken
  }
}

type Tag = Rule.State | "end of row"

const EXPECTED = "b (dead), o (alive), $ (end of row), ! (end), or a count with b, o or $ directly after it"

const tagOf = (char: string, next: string | undefined): Tag | undefined => {
  if (char === "b" || char === ".") return 0
  if (char === "o") return 1
  if (char === "$") return "end of row"
  if (/[A-X]/.test(char)) return CellLetters.stateOf(char, undefined, "p")
  if (hasPrefix(char, next)) return CellLetters.stateOf(next!, char, "p")
  // In Mark Niemiec's patterns x, y and z are live cells.
  return /[xyz]/.test(char) ? 1 : undefined
}

/** Whether the two characters together are one state. */
const hasPrefix = (char: string, next: string | undefined): boolean => /[p-y]/.test(char) && /[A-X]/.test(next ?? "")

/** A file without a rule may have cells in any state. The caller, who chooses the rule, must check that the rule has these states. */
const highestOf = (rule: Rule.Rule | undefined): Rule.State => (rule?.states ?? MAX_STATES) - 1

const statesOf = (rule: Rule.Rule | undefined): string =>
  rule === undefined
    ? `states up to ${MAX_STATES - 1}`
    : `states up to ${rule.states - 1}, which the rule ${RuleText.format(rule)} has`

/** The states 2 to 6 of LifeHistory. */
const history: Readonly<Record<string, Tag>> = { B: 0, C: 1, D: 0, E: 1, F: 0 }

/** Whether the text has only characters of RLE. It must also have a count or the final `!`, because otherwise it could be a drawing. */
const isHeaderless = ({ lines }: Source): boolean => {
  const text = lines.join("\n")
  const end = text.indexOf("!")
  const cells = end === -1 ? text : text.slice(0, end)
  return /^[0-9bo$\s]*$/.test(cells) && (end > 0 || /[0-9]/.test(cells)) && cells.trim() !== ""
}

/** In a drawing, `#` may be a live cell. */
const isDrawnWithHashes = ({ lines }: Source): boolean => lines.every((line) => /^[#. ]*$/.test(line))

export const rle: PatternFormat = {
  extensions: ["rle"],
  recognises: (first, source) =>
    first.startsWith("#") ? !isDrawnWithHashes(source) : /^x[\s=]/i.test(first) || isHeaderless(source),
  read
}
