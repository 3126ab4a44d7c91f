/** Functions for drawing a first generation by hand. Pure. */
import * as RleRuns from "../../../src/Life/Pattern/RleRuns.ts"
import { UNKNOWN } from "../../../src/Protocol/WatchProtocol.ts"
import type { Frame } from "./Model.ts"
import { emptyFrame } from "./Model.ts"
import type { Point } from "./Viewport.ts"

/** A frame of dead cells at step 0. */
export const blank = (width: number, height: number, stateCount = 2): Frame => {
  const frame = emptyFrame(width, height, stateCount)
  frame.steps.fill(0)
  frame.states.fill(0)
  return frame
}

/** Copies the cells of `from` to the same places on a grid of another size. */
export const copied = (from: Frame, width: number, height: number): Frame => {
  const frame = blank(width, height, from.stateCount)
  for (let row = 0; row < Math.min(height, from.height); row++)
    for (let column = 0; column < Math.min(width, from.width); column++) {
      const state = from.states[row * from.width + column]!
      frame.states[row * width + column] = state === UNKNOWN ? 0 : state
    }
  return frame
}

/** A frame of `size` with a pattern whose top left corner is at the cell `at`. It has as many states as the pattern's cells need. */
export const placed = (
  pattern: { readonly width: number; readonly height: number; readonly cells: Uint8Array },
  size: { readonly width: number; readonly height: number },
  at: Point
): Frame => {
  const highest = pattern.cells.reduce((most, state) => Math.max(most, state), 1)
  const frame = blank(size.width, size.height, highest + 1)
  pattern.cells.forEach((state, index) => {
    const y = at.y + Math.floor(index / pattern.width)
    if (state > 0) setCell(frame, { x: at.x + (index % pattern.width), y }, state)
  })
  return frame
}

export const setCell = (frame: Frame, cell: Point, state: number): void => {
  if (cell.x < 0 || cell.y < 0 || cell.x >= frame.width || cell.y >= frame.height) return
  frame.states[cell.y * frame.width + cell.x] = state
}

export const stateAt = (frame: Frame, cell: Point): number => frame.states[cell.y * frame.width + cell.x] ?? 0

/** Sets the cells on the line between two cells, because a fast stroke reports only some of its points. */
export const setLine = (frame: Frame, from: Point, to: Point, state: number): void => {
  const length = Math.max(Math.abs(to.x - from.x), Math.abs(to.y - from.y), 1)
  for (let k = 0; k <= length; k++)
    setCell(
      frame,
      {
        x: Math.round(from.x + ((to.x - from.x) * k) / length),
        y: Math.round(from.y + ((to.y - from.y) * k) / length)
      },
      state
    )
}

/** Makes each cell alive with probability `density`. `random` is like `Math.random`. */
export const scatter = (frame: Frame, density: number, random: () => number): void => {
  frame.states.forEach((_, index) => {
    frame.states[index] = random() < density ? 1 : 0
  })
}

/** The body of the frame's run length encoding, on one line. */
export const toRleBody = ({ height, states, width }: Frame): string => RleRuns.line({ width, height, cells: states })
