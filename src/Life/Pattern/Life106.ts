/** Reads Life 1.06: a line `x y` for each live cell, in any order. https://conwaylife.com/wiki/Life_1.06 */
import * as Either from "effect/Either"
import * as Printable from "../Universe/Printable.ts"
import { CellRuns } from "./CellRuns.ts"
import * as Pattern from "./Pattern.ts"
import { fail, type PatternFormat, type Result, type Source, tooLarge } from "./PatternReader.ts"

const read = (source: Source): Result => {
  const runs = new CellRuns()
  for (const [number, line] of source.lines.entries()) {
    if (line.trim() === "" || line.startsWith("#")) continue
    const cell = /^\s*([+-]?\d+)\s+([+-]?\d+)\s*$/.exec(line)
    if (cell === null) {
      const good = /^\s*([+-]?\d+(\s+([+-]?\d+\s*)?)?)?/.exec(line)![0].length
      const found = good === line.length ? "the end of the line" : Printable.quote(line.slice(good))
      return fail(source, number, good, found, "two integers x y, the column and the row of a live cell")
    }
    if (!runs.add(Number(cell[2]), Number(cell[1]), 1)) return tooLarge(source, number, 0)
  }
  return Either.right(Pattern.make(runs.toGrid()))
}

export const life106: PatternFormat = {
  extensions: ["lif", "life"],
  recognises: (first) => first.startsWith("#Life 1.06"),
  read
}
