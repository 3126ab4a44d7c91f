/** Which generations a looping picture shows. Pure. */
import type { Size } from "./Viewport.ts"

/** The most pictures, and the most cells in all of them together. */
const MOST_PICTURES = 120
const MOST_CELLS = 24_000_000

export interface Loop {
  readonly steps: ReadonlyArray<number>
  /** Whether they are one period, so that the first follows the last. */
  readonly isPeriod: boolean
}

/**
 * The last of the kept generations, in their order: one period if the game has one and all its generations are kept, else as many
 * as fit. The game has its period from step `since` on. `undefined` if there are no two.
 */
export const loopOf = (
  kept: ReadonlyArray<number>,
  period: number | undefined,
  { height, width }: Size,
  since = 0
): Loop | undefined => {
  const most = Math.max(2, Math.min(MOST_PICTURES, Math.floor(MOST_CELLS / (width * height))))
  if (period !== undefined && period <= most) {
    const steps = kept.slice(-period)
    const [first = -1, last = -1] = [steps[0], steps.at(-1)]
    if (steps.length === period && last - first === period - 1 && first >= since) return { steps, isPeriod: true }
  }
  const steps = kept.slice(-most)
  return steps.length < 2 ? undefined : { steps, isPeriod: false }
}
