/**
 * Reads Life 1.05 files. `#D` lines describe the pattern, and `#N` (Conway's rule) or `#R survival/birth` gives the rule. The
 * cells are blocks of rows in `.` and `*`. In front of each block, `#P x y` gives the place of its top left cell.
 * https://conwaylife.com/wiki/Life_1.05
 */
import * as Either from "effect/Either"
import * as Printable from "../Universe/Printable.ts"
import { CellRuns } from "./CellRuns.ts"
import * as Pattern from "./Pattern.ts"
import { fail, type PatternFormat, type Result, readRule, type Source, tooLarge } from "./PatternReader.ts"

const read = (source: Source): Result => {
  const runs = new CellRuns()
  const comments: Array<string> = []
  let rule: Pick<Pattern.Pattern, "rule" | "topology"> = {}
  let left = 0
  let row = 0
  for (const [number, line] of source.lines.entries()) {
    const text = line.slice(2).trim()
    if (line.trim() === "" || /^#(Life|N)/.test(line)) continue
    if (line.startsWith("#P")) {
      const place = /^([+-]?\d+)\s+([+-]?\d+)$/.exec(text)
      if (place === null) return fail(source, number, 2, Printable.quote(text), "the place of a block, #P x y")
      left = Number(place[1])
      row = Number(place[2])
    } else if (line.startsWith("#R")) {
      const read = readRule(source, number, line.indexOf(text, 2), text)
      if (Either.isLeft(read)) return Either.left(read.left)
      rule = read.right
    } else if (/^#[CD]/.test(line)) {
      if (text !== "") comments.push(text)
    } else if (line.startsWith("#")) {
      return fail(source, number, 0, Printable.quote(line), "#D, #N, #R, #P or a row of . and *")
    } else {
      const cells = line.trimEnd()
      if (!runs.cover(row, left, cells.length)) return tooLarge(source, number, 0)
      for (let i = 0; i < cells.length; i++) {
        const char = cells[i]!
        if (char !== "*" && char !== ".")
          return fail(source, number, i, Printable.charAt(cells, i), ". for a dead cell or * for a live one")
        if (char === "*" && !runs.add(row, left + i, 1)) return tooLarge(source, number, i)
      }
      row++
    }
  }
  return Either.right(Pattern.make(runs.toGrid(), { comments, ...rule }))
}

export const life105: PatternFormat = {
  extensions: ["lif", "life"],
  recognises: (first) => first.startsWith("#Life 1.05") || /^#P\s/.test(first),
  read
}
