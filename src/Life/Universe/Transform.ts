/** Rotates and mirrors grids. */
import * as Grid from "./Grid.ts"

/** Degrees clockwise. */
export type Rotation = 0 | 90 | 180 | 270

/** `horizontal` exchanges left and right, `vertical` top and bottom. */
export type Flip = "horizontal" | "vertical"

/** Makes a grid of this size. Its cell at (row, col) is the cell of `grid` at the index `source(row, col)`. */
const rearrange = (
  grid: Grid.Grid,
  width: number,
  height: number,
  source: (row: number, col: number) => number
): Grid.Grid => {
  const result = Grid.make(width, height)
  for (let row = 0, index = 0; row < height; row++) {
    for (let col = 0; col < width; col++) result.cells[index++] = grid.cells[source(row, col)]!
  }
  return result
}

export const rotate = (grid: Grid.Grid, degrees: Rotation): Grid.Grid => {
  const { height, width } = grid
  switch (degrees) {
    case 0:
      return grid
    case 90:
      return rearrange(grid, height, width, (row, col) => (height - 1 - col) * width + row)
    case 180:
      return rearrange(grid, width, height, (row, col) => (height - 1 - row) * width + (width - 1 - col))
    case 270:
      return rearrange(grid, height, width, (row, col) => col * width + (width - 1 - row))
  }
}

export const flip = (grid: Grid.Grid, direction: Flip): Grid.Grid => {
  const { height, width } = grid
  return direction === "horizontal"
    ? rearrange(grid, width, height, (row, col) => row * width + (width - 1 - col))
    : rearrange(grid, width, height, (row, col) => (height - 1 - row) * width + col)
}
