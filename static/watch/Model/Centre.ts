/** The centre of the live cells, for a view that follows them. Pure. */
import type { Frame } from "./Model.ts"
import type { Point } from "./Viewport.ts"

/**
 * The centre of the live cells, in cells. Each axis is treated as a circle, because a group may lie across a joined edge. Then
 * its centre is near this edge and not on the opposite side. `undefined` if no cell is alive or the cells are evenly spread.
 */
export const centreOfLife = ({ height, states, width }: Frame): Point | undefined => {
  const columns = new Float64Array(width)
  const rows = new Float64Array(height)
  for (let index = 0, row = 0; row < height; row++)
    for (let column = 0; column < width; column++, index++)
      if (states[index] === 1) {
        columns[column]!++
        rows[row]!++
      }
  const x = circularMean(columns)
  const y = circularMean(rows)
  return x === undefined || y === undefined ? undefined : { x, y }
}

const circularMean = (counts: Float64Array): number | undefined => {
  let cosines = 0
  let sines = 0
  let total = 0
  counts.forEach((count, index) => {
    const angle = (2 * Math.PI * (index + 0.5)) / counts.length
    cosines += count * Math.cos(angle)
    sines += count * Math.sin(angle)
    total += count
  })
  if (Math.hypot(cosines, sines) <= total * 1e-9) return undefined
  const turns = Math.atan2(sines, cosines) / (2 * Math.PI)
  return (turns < 0 ? turns + 1 : turns) * counts.length
}
