/**
 * Reads and writes patterns that are drawn in plain text, with one character per cell.
 *
 * `.cells` files start with `!` comments (`!Name: ...`, `!Author: ...`) and are strict: `.` is dead, `O` (or `o` or `*`) is
 * alive, and blanks between cells are ignored. Bare text has no comments: `.` and blanks are dead, and all other characters
 * are alive. Rows may be short or empty. https://conwaylife.com/wiki/Plaintext
 */
import * as Either from "effect/Either"
import * as Printable from "../Universe/Printable.ts"
import { CellRuns } from "./CellRuns.ts"
import * as Pattern from "./Pattern.ts"
import { fail, type PatternFormat, type Result, type Source, tooLarge } from "./PatternReader.ts"

const readBare = (source: Source): Result => {
  const runs = new CellRuns()
  for (const [row, line] of source.lines.entries()) {
    if (!runs.cover(row, 0, line.length)) return tooLarge(source, row, 0)
    for (let col = 0; col < line.length; col++) {
      const char = line[col]!
      if (char < " ")
        return fail(
          source,
          row,
          col,
          Printable.charAt(line, col),
          "a drawing: . or blank for a dead cell, O for a live one"
        )
      if (char !== "." && char !== " " && !runs.add(row, col, 1)) return tooLarge(source, row, col)
    }
  }
  return Either.right(Pattern.make(runs.toGrid()))
}

const readCells = (source: Source): Result => {
  const runs = new CellRuns()
  const comments: Array<string> = []
  let row = 0
  for (const [lineNumber, line] of source.lines.entries()) {
    if (line.startsWith("!")) {
      comments.push(line.slice(1).trim())
      continue
    }
    let col = 0
    for (let i = 0; i < line.length; i++) {
      const char = line[i]!
      if (char === " " || char === "\t") continue
      const live = char === "O" || char === "o" || char === "*"
      if (!live && char !== ".")
        return fail(source, lineNumber, i, Printable.charAt(line, i), ". for a dead cell or O for a live one")
      if (live && !runs.add(row, col, 1)) return tooLarge(source, lineNumber, i)
      col++
    }
    if (!runs.cover(row, 0, col)) return tooLarge(source, lineNumber, 0)
    row++
  }
  return Either.right(Pattern.make(runs.toGrid(), aboutCells(comments)))
}

const aboutCells = (lines: ReadonlyArray<string>): Partial<Pattern.Pattern> => {
  const field = (name: RegExp) =>
    lines
      .find((line) => name.test(line))
      ?.replace(name, "")
      .trim()
  const name = field(/^Name:/i)
  const author = field(/^Author:/i)
  return {
    ...(name === undefined ? {} : { name }),
    ...(author === undefined ? {} : { author }),
    comments: lines.filter((line) => line !== "" && !/^(Name|Author):/i.test(line))
  }
}

export const cells: PatternFormat = {
  extensions: ["cells"],
  recognises: (first) => first.startsWith("!"),
  read: readCells
}

/** Every text is a drawing, so this format comes last. */
export const drawing: PatternFormat = {
  extensions: ["txt"],
  recognises: () => true,
  read: readBare
}
