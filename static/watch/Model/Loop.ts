/** Which generations a looping picture shows. Pure. */
import type { Size } from "./Viewport.ts"

/** The most pictures, and the most cells in all of them together. */
const mostPictures = 120
const mostCells = 24_000_000

export interface Loop {
  readonly steps: ReadonlyArray<number>
  /** Whether they are one period, so that the first follows the last. */
  readonly isPeriod: boolean
}

/**
 * The last of the kept generations, in their order: one period if the game has one and all its generations are kept, else as many
 * as fit. `undefined` if there are no two.
 */
export const loopOf = (
  kept: ReadonlyArray<number>,
  period: number | undefined,
  { height, width }: Size
): Loop | undefined => {
  const most = Math.max(2, Math.min(mostPictures, Math.floor(mostCells / (width * height))))
  if (period !== undefined && period <= most) {
    const steps = kept.slice(-period)
    if (steps.length === period && steps.at(-1)! - steps[0]! === period - 1) return { steps, isPeriod: true }
  }
  const steps = kept.slice(-most)
  return steps.length < 2 ? undefined : { steps, isPeriod: false }
}
