/** Grids drawn with the block characters of a terminal. */
import type * as Grid from "../Universe/Grid.ts"

/** Draws a grid as large as possible in at most `columns` columns. Columns that do not fit even in the smallest size are cut off. */
export const draw = (grid: Grid.Grid, columns: number): ReadonlyArray<string> => {
  if (grid.width * 2 <= columns) return blocks(grid)
  return grid.width <= columns ? halfBlocks(grid) : braille(grid, columns)
}

const lines = (count: number, width: number, charAt: (line: number, col: number) => string): ReadonlyArray<string> =>
  Array.from({ length: count }, (_, line) =>
    Array.from({ length: width }, (_, col) => charAt(line, col))
      .join("")
      .trimEnd()
  )

/** Two characters per cell, which are about a square. Dying cells are grey. */
const blocks = (grid: Grid.Grid): ReadonlyArray<string> =>
  lines(grid.height, grid.width, (row, col) => {
    const state = grid.cells[row * grid.width + col]
    return state === 0 ? "  " : state === 1 ? "██" : "▒▒"
  })

/** One character for two cells, one above the other. */
const halfBlocks = (grid: Grid.Grid): ReadonlyArray<string> =>
  lines(Math.ceil(grid.height / 2), grid.width, (line, col) => {
    const upper = alive(grid, 2 * line, col)
    const lower = alive(grid, 2 * line + 1, col)
    if (upper) return lower ? "█" : "▀"
    return lower ? "▄" : " "
  })

/** The bit of each dot of a Braille character, row by row. */
const dots = [0x01, 0x08, 0x02, 0x10, 0x04, 0x20, 0x40, 0x80] as const

/** One character for two by four cells. */
const braille = (grid: Grid.Grid, columns: number): ReadonlyArray<string> =>
  lines(Math.ceil(grid.height / 4), Math.min(columns, Math.ceil(grid.width / 2)), (line, col) => {
    const bits = dots.reduce<number>(
      (sum, dot, n) => (alive(grid, 4 * line + (n >> 1), 2 * col + (n & 1)) ? sum | dot : sum),
      0
    )
    return bits === 0 ? " " : String.fromCodePoint(0x2800 + bits)
  })

const alive = (grid: Grid.Grid, row: number, col: number): boolean =>
  row < grid.height && col < grid.width && grid.cells[row * grid.width + col] !== 0
