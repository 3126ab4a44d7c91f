/** Whole frames of a recorded game, which may begin in its middle. */
import type * as Grid from "../Universe/Grid.ts"
import type { State } from "../Universe/Rule.ts"
import { Frames } from "./Frames.ts"

/** A cell's state at a step; cells are numbered `row * width + col`. */
export type RecordedState = readonly [index: number, step: number, state: State]

/**
 * The first step that every cell told: cells go on step by step, so from the first step of the last one on there are all.
 * `undefined` if some cell never told one.
 */
export const firstStep = (cells: number, states: Iterable<RecordedState>): number | undefined => {
  const seen = new Uint8Array(cells)
  let missing = cells
  let first = 0
  for (const [index, step] of states) {
    if (seen[index] === 1) continue
    seen[index] = 1
    first = Math.max(first, step)
    if (--missing === 0) return first
  }
  return undefined
}

/** Calls back for each whole frame from the step `from` on, until that returns `false`. The grid is used again. */
export const each = (
  { height, width }: { readonly width: number; readonly height: number },
  states: Iterable<RecordedState>,
  from: number,
  onFrame: (step: number, grid: Grid.Grid) => boolean
): void => {
  let goesOn = true
  const frames = new Frames(
    width,
    height,
    (step, grid) => {
      if (goesOn) goesOn = onFrame(step, grid)
    },
    from
  )
  for (const [index, step, state] of states) {
    frames.receive(step, Math.floor(index / width), index % width, state)
    if (!goesOn) return
  }
}
