/** A grid of cells (0 dead, 1 alive, 2 and above dying): the one at (row, col) is `cells[row * width + col]`. */
export interface Grid {
  readonly width: number
  readonly height: number
  readonly cells: Uint8Array
}

export const make = (width: number, height: number): Grid => ({
  width,
  height,
  cells: new Uint8Array(width * height)
})

/** Makes a grid from text: `.` and blanks are dead, all other characters are alive. Short rows are filled with dead cells. */
export const fromRows = (rows: ReadonlyArray<string>): Grid => {
  const grid = make(
    rows.reduce((width, row) => Math.max(width, row.length), 0),
    rows.length
  )
  rows.forEach((row, r) => {
    for (let col = 0; col < row.length; col++) {
      if (row[col] !== "." && row[col] !== " ") grid.cells[r * grid.width + col] = 1
    }
  })
  return grid
}

/** The rows of a grid as text: `O` alive and `.` dead. If there are dying cells: `A` alive, `B` for state 2, and so on. */
export const toRows = (grid: Grid): ReadonlyArray<string> => {
  const alive = grid.cells.some((state) => state > 1) ? "A" : "O"
  return Array.from({ length: grid.height }, (_, row) => {
    let text = ""
    for (const state of grid.cells.subarray(row * grid.width, (row + 1) * grid.width))
      text += state === 0 ? "." : state === 1 ? alive : String.fromCharCode(64 + state)
    return text
  })
}

/** The number of cells that are not dead. Dying cells count too, as in Golly. */
export const population = (grid: Grid): number => grid.cells.reduce((sum, state) => (state === 0 ? sum : sum + 1), 0)

export const highest = (grid: Grid): number => grid.cells.reduce((most, state) => Math.max(most, state), 0)

export const equals = (self: Grid, that: Grid): boolean =>
  self.width === that.width &&
  self.height === that.height &&
  self.cells.every((state, index) => state === that.cells[index])
