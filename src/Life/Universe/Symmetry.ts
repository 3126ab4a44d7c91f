/**
 * Symmetries of a square or rectangular grid, by the names of Catagolue (https://conwaylife.com/wiki/Symmetry): C is turns
 * only, D is mirrors too; `+` mirrors are parallel to the edges, `x` ones to the diagonals.
 */
import * as Grid from "./Grid.ts"

export const symmetries = ["C1", "C2", "C4", "D2_+", "D2_x", "D4_+", "D4_x", "D8"] as const

export type Symmetry = (typeof symmetries)[number]

/** Maps a cell to its image, as an index of the grid. */
type Image = (row: number, col: number, height: number, width: number) => number

const halfTurn: Image = (row, col, height, width) => (height - 1 - row) * width + (width - 1 - col)
const quarterTurn: Image = (row, col, _, width) => col * width + (width - 1 - row)
const threeQuarterTurn: Image = (row, col, _, width) => (width - 1 - col) * width + row
const leftToRight: Image = (row, col, _, width) => row * width + (width - 1 - col)
const topToBottom: Image = (row, col, height, width) => (height - 1 - row) * width + col
const diagonal: Image = (row, col, _, width) => col * width + row
const otherDiagonal: Image = (row, col, _, width) => (width - 1 - col) * width + (width - 1 - row)

/** All images of a cell but itself. */
const images: { readonly [S in Symmetry]: ReadonlyArray<Image> } = {
  C1: [],
  C2: [halfTurn],
  C4: [quarterTurn, halfTurn, threeQuarterTurn],
  "D2_+": [leftToRight],
  D2_x: [diagonal],
  "D4_+": [leftToRight, topToBottom, halfTurn],
  D4_x: [diagonal, otherDiagonal, halfTurn],
  D8: [quarterTurn, halfTurn, threeQuarterTurn, leftToRight, topToBottom, diagonal, otherDiagonal]
}

/** Whether the grid must have as many rows as columns. */
export const needsSquare = (symmetry: Symmetry): boolean => /4$|x|8/.test(symmetry)

/** Gives each cell the state of the first one, row by row, among its images. */
export const impose = (grid: Grid.Grid, symmetry: Symmetry): Grid.Grid => {
  const { cells, height, width } = grid
  const result = Grid.make(width, height)
  for (let row = 0; row < height; row++) {
    for (let col = 0; col < width; col++) {
      const index = row * width + col
      const first = Math.min(index, ...images[symmetry].map((image) => image(row, col, height, width)))
      result.cells[index] = cells[first]!
    }
  }
  return result
}
