/** Whole frames of a recorded game. The recording may begin in the middle of the game. */
import { CellNumbers } from "../../Protocol/RecordingReader.ts"
import type * as Grid from "../Universe/Grid.ts"
import type { State } from "../Universe/Rule.ts"
import { Frames } from "./Frames.ts"

/** The state of a cell at a step. `index` is `row * width + col`. */
export type RecordedState = readonly [index: number, step: number, state: State]

/**
 * The first step that the recording has of every cell. Each cell's steps are consecutive, so this is the highest of the first
 * steps of all cells. `undefined` if the recording has no state of some cell.
 */
export const firstStep = (cells: number, states: Iterable<RecordedState>): number | undefined => {
  const seen = new CellNumbers(0)
  let missing = cells
  let first = 0
  for (const [index, step] of states) {
    if (seen.get(index) === 1) continue
    seen.set(index, 1)
    first = Math.max(first, step)
    if (--missing === 0) return first
  }
  return undefined
}

/** Calls `onFrame` for each whole frame from step `from` on, until it returns `false`. The grid is reused, so copy what you keep. */
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
