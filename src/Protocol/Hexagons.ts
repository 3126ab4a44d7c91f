/**
 * How the cells of a hexagonal grid lie on the plane. Each row is half a cell further left than the row above, so that a cell
 * touches the six that the hexagonal neighbourhood has. Lengths are in widths of a cell; the cells have corners above and below.
 */

interface Size {
  readonly width: number
  readonly height: number
}

interface Point {
  readonly x: number
  readonly y: number
}

/** Whether a rule, in canonical form, has the hexagonal neighbourhood. */
export const isRule = (rule: string): boolean => /h$/i.test(rule)

/** From a row to the next. */
export const rowHeight = Math.sqrt(3) / 2

/** From the centre of a cell to its upper or lower corner. */
export const tip = 1 / Math.sqrt(3)

/** The size of a grid, a parallelogram in its smallest rectangle. */
export const extentOf = ({ height, width }: Size): Size => ({
  width: width + (height - 1) / 2,
  height: (height - 1) * rowHeight + 2 * tip
})

/** The centre of the cell in column `x` and row `y` of a grid with `height` rows. Beyond its edges the rows go on. */
export const centreOf = ({ x, y }: Point, height: number): Point => ({
  x: x + (height - y) / 2,
  y: y * rowHeight + tip
})

/** The cell at a place: the one whose centre is nearest. It may be outside the grid. */
export const cellAt = (place: Point, height: number): Point => {
  const middle = Math.round((place.y - tip) / rowHeight)
  let found = { x: 0, y: 0 }
  let least = Number.POSITIVE_INFINITY
  for (let y = middle - 1; y <= middle + 1; y++) {
    // Adding 0 turns -0 into 0.
    const cell = { x: Math.round(place.x - (height - y) / 2) + 0, y: y + 0 }
    const centre = centreOf(cell, height)
    const distance = Math.hypot(centre.x - place.x, centre.y - place.y)
    if (distance >= least) continue
    least = distance
    found = cell
  }
  return found
}
