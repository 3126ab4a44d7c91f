/** Rotates and mirrors grids. */
import * as Grid from "./Grid.ts"

/** Degrees clockwise. */
export type Rotation = 0 | 90 | 180 | 270

/** `horizontal` exchanges left and right, `vertical` top and bottom. */
export type Flip = "horizontal" | "vertical"

/** The index in a grid of this size of the cell that comes to (row, col). The diagonals are those of a square. */
export type Image = (row: number, col: number, height: number, width: number) => number

export const halfTurn: Image = (row, col, height, width) => (height - 1 - row) * width + (width - 1 - col)
export const quarterTurn: Image = (row, col, _, width) => col * width + (width - 1 - row)
export const threeQuarterTurn: Image = (row, col, height, width) => (height - 1 - col) * width + row
export const leftToRight: Image = (row, col, _, width) => row * width + (width - 1 - col)
export const topToBottom: Image = (row, col, height, width) => (height - 1 - row) * width + col
export const diagonal: Image = (row, col, _, width) => col * width + row
export const otherDiagonal: Image = (row, col, _, width) => (width - 1 - col) * width + (width - 1 - row)

/** Makes a grid of this size, whose cells are those of `grid` at their `image`. */
const rearrange = (grid: Grid.Grid, width: number, height: number, image: Image): Grid.Grid => {
  const result = Grid.make(width, height)
  for (let row = 0, index = 0; row < height; row++) {
    for (let col = 0; col < width; col++) result.cells[index++] = grid.cells[image(row, col, grid.height, grid.width)]!
  }
  return result
}

export const rotate = (grid: Grid.Grid, degrees: Rotation): Grid.Grid => {
  const { height, width } = grid
  if (degrees === 0) return grid
  if (degrees === 180) return rearrange(grid, width, height, halfTurn)
  return rearrange(grid, height, width, degrees === 90 ? threeQuarterTurn : quarterTurn)
}

export const flip = (grid: Grid.Grid, direction: Flip): Grid.Grid =>
  rearrange(grid, grid.width, grid.height, direction === "horizontal" ? leftToRight : topToBottom)
