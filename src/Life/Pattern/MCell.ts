/**
 * Reads MCell files of Life and Generations: `#GAME Life`, `#RULE 23/3`, `#D` lines of description, and `#L` lines of cells.
 * There `.` is dead, `A` alive and `B` to `jN` dying, each with a count in front of it or none, and `$` ends a row.
 * http://mirekw.com/ca/ca_files_formats.html
 */
import * as Either from "effect/Either"
import * as Printable from "../Universe/Printable.ts"
import * as CellLetters from "./CellLetters.ts"
import { CellRuns } from "./CellRuns.ts"
import * as Pattern from "./Pattern.ts"
import { fail, type PatternFormat, type Result, readRule, type Source, tooLarge } from "./PatternReader.ts"

/** MCell's names for the games whose rules we can read. */
const games = /^((standard )?life|generations)$/i

const CELLS_FORM = ". (dead), A (alive), a state of the rule or $ (end of row), each with a count before it or none"

/** Lines about MCell's window and colours. They are skipped. */
const settings = /^#(MCell|BOARD|SPEED|WRAP|CCOLORS|COLORING|PALETTE|DIVERSITY|N|T)\b/

const read = (source: Source): Result => {
  const runs = new CellRuns()
  const comments: Array<string> = []
  let rule: Pick<Pattern.Pattern, "rule" | "topology"> = {}
  let author: string | undefined
  let row = 0
  let col = 0
  for (const [number, line] of source.lines.entries()) {
    const text = line.trim()
    const word = /^#[A-Za-z]+/.exec(text)?.[0] ?? ""
    const rest = text.slice(word.length).trim()
    if (text === "" || settings.test(text)) continue
    if (word === "#GAME") {
      if (!games.test(rest)) return fail(source, number, 6, `the game ${Printable.quote(rest)}`, "Life or Generations")
    } else if (word === "#RULE") {
      const read = readRule(source, number, Math.max(0, line.indexOf(rest)), rest)
      if (Either.isLeft(read)) return Either.left(read.left)
      rule = read.right
    } else if (word === "#A") author = rest
    else if (word === "#D") {
      if (rest !== "") comments.push(rest)
    } else if (word === "#L") {
      const start = line.indexOf(rest)
      for (let at = 0; at < rest.length; ) {
        const [found, digits, prefix, char] = /^(\d*)([a-j]?)([.A-X$])/.exec(rest.slice(at)) ?? [""]
        const state =
          char === undefined || !/[A-X]/.test(char) ? 0 : CellLetters.stateOf(char, prefix || undefined, "a")
        if (found === "" || state >= (rule.rule?.states ?? 2) || (prefix !== "" && state === 0))
          return fail(source, number, start + at, Printable.charAt(rest, at), CELLS_FORM)
        const count = digits === "" || digits === undefined ? 1 : Number(digits)
        if (char === "$") {
          row += count
          col = 0
        } else {
          const taken = state > 0 ? runs.add(row, col, count, state) : runs.cover(row, col, count)
          if (!taken) return tooLarge(source, number, start + at)
          col += count
        }
        at += found.length
      }
    } else
      return fail(source, number, 0, Printable.quote(text), "#GAME, #RULE, #L, #D or another line of an MCell file")
  }
  return Either.right(Pattern.make(runs.toGrid(), { comments, ...(author === undefined ? {} : { author }), ...rule }))
}

export const mcell: PatternFormat = {
  extensions: ["mcl"],
  recognises: (first) => first.startsWith("#MCell"),
  read
}
