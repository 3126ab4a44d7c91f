/**
 * Writes the body of a run length encoded pattern, the part after the header. Dead and live cells are `b` and `o`. If there are
 * dying cells, all cells are written as letters. Pages use this module too, so it depends on the grid only.
 */
import type { Grid } from "../Universe/Grid.ts"
import * as CellLetters from "./CellLetters.ts"

const LINE_LENGTH = 70

/** The cells of a grid in lines of at most 70 characters. The last line ends with `!`. */
export const lines = (grid: Grid): ReadonlyArray<string> => fold(runs(grid))

/** The cells of a grid on one line, however long. */
export const line = (grid: Grid): string => runs(grid).join("")

/**
 * The runs of a grid, without the dead cells at the ends of its rows. Readers take the size from the cells. So if no live cell
 * is in the last row or column, a run of dead cells reaches there.
 */
const runs = ({ cells, height, width }: Grid): ReadonlyArray<string> => {
  const out: Array<string> = []
  const push = (count: number, tag: string) => out.push(count === 1 ? tag : `${count}${tag}`)
  const tagOf = cells.some((state) => state > 1) ? CellLetters.format : (state: number) => (state === 1 ? "o" : "b")
  let rowEnds = 0
  let widest = 0
  for (let row = 0; row < height; row++) {
    const states = cells.subarray(row * width, (row + 1) * width)
    const live = states.findLastIndex((state) => state > 0) + 1
    widest = Math.max(widest, live)
    const last = row === height - 1
    const end = last && (widest < width || live === 0) ? width : live
    if (end > 0 && rowEnds > 0) {
      push(rowEnds, "$")
      rowEnds = 0
    }
    let start = 0
    for (let col = 1; col <= end; col++) {
      if (col < end && states[col] === states[start]) continue
      push(col - start, tagOf(states[start]!))
      start = col
    }
    rowEnds++
  }
  out.push("!")
  return out
}

const fold = (tokens: ReadonlyArray<string>): ReadonlyArray<string> => {
  const lines: Array<string> = []
  let line = ""
  for (const token of tokens) {
    if (line.length + token.length > LINE_LENGTH) {
      lines.push(line)
      line = ""
    }
    line += token
  }
  return [...lines, line]
}
