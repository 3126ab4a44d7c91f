/** Whole frames of a recorded game. The recording may begin in the middle of the game. */
import type { RecordedStates } from "../../Protocol/Recording.ts"
import { FirstStep } from "../Game/Onset.ts"
import type * as Grid from "../Universe/Grid.ts"
import { Frames } from "./Frames.ts"

/** The first step that the recording has of every cell. `undefined` if it has no state of some cell. */
export const firstStep = (count: number, groups: Iterable<RecordedStates>): number | undefined => {
  const first = new FirstStep(count)
  for (const { cells, steps } of groups)
    for (let at = 0; at < cells.length; at++) if (first.take(cells[at]!, steps[at]!)) return first.step
  return undefined
}

/** Calls `onFrame` for each whole frame from step `from` on, until it returns `false`. The grid is reused, so copy what you keep. */
export const each = (
  { height, width }: { readonly width: number; readonly height: number },
  groups: Iterable<RecordedStates>,
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
  for (const { cells, states, steps } of groups) {
    for (let at = 0; at < cells.length && goesOn; at++) {
      const cell = cells[at]!
      frames.receive(steps[at]!, Math.floor(cell / width), cell % width, states[at]!)
    }
    if (!goesOn) return
  }
}
