/**
 * Symmetries of a square or rectangular grid, with Catagolue's names (https://conwaylife.com/wiki/Symmetry). C has rotations
 * only, D has reflections too. The mirror lines are parallel to the edges (`+`) or to the diagonals (`x`).
 */
import * as Grid from "./Grid.ts"
import * as Transform from "./Transform.ts"

export const symmetries = ["C1", "C2", "C4", "D2_+", "D2_x", "D4_+", "D4_x", "D8"] as const

export type Symmetry = (typeof symmetries)[number]

/** All images of a cell, except itself. */
const images: { readonly [S in Symmetry]: ReadonlyArray<Transform.Image> } = {
  C1: [],
  C2: [Transform.halfTurn],
  C4: [Transform.quarterTurn, Transform.halfTurn, Transform.threeQuarterTurn],
  "D2_+": [Transform.leftToRight],
  D2_x: [Transform.diagonal],
  "D4_+": [Transform.leftToRight, Transform.topToBottom, Transform.halfTurn],
  D4_x: [Transform.diagonal, Transform.otherDiagonal, Transform.halfTurn],
  D8: [
    Transform.quarterTurn,
    Transform.halfTurn,
    Transform.threeQuarterTurn,
    Transform.leftToRight,
    Transform.topToBottom,
    Transform.diagonal,
    Transform.otherDiagonal
  ]
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
