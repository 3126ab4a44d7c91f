/**
 * Symmetries of a square or rectangular grid, with Catagolue's names (https://conwaylife.com/wiki/Symmetry). C has rotations
 * only, D has reflections too. The mirror lines are parallel to the edges (`+`) or to the diagonals (`x`).
 */
import * as Grid from "./Grid.ts"

export const symmetries = ["C1", "C2", "C4", "D2_+", "D2_x", "D4_+", "D4_x", "D8"] as const

export type Symmetry = (typeof symmetries)[number]

/** Maps a cell to the index of its image. */
type Image = (row: number, col: number, height: number, width: number) => number

const halfTurn: Image = (row, col, height, width) => (height - 1 - row) * width + (width - 1 - col)
const quarterTurn: Image = (row, col, _, width) => col * width + (width - 1 - row)
const threeQuarterTurn: Image = (row, col, _, width) => (width - 1 - col) * width + row
const leftToRight: Image = (row, col, _, width) => row * width + (width - 1 - col)
const topToBottom: Image = (row, col, height, width) => (height - 1 - row) * width + col
const diagonal: Image = (row, col, _, width) => col * width + row
const otherDiagonal: Image = (row, col, _, width) => (width - 1 - col) * width + (width - 1 - row)

/** All images of a cell, except itself. */
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

/** Whether the grid must be a square. */
export const needsSquare = (symmetry: Symmetry): boolean => /4$|x|8/.test(symmetry)

/** Makes a grid symmetric: each cell gets the state of the first of its images, in the order of rows. */
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
