/** Describes one cell. */
import { MAX_AGE, NO_STEP } from "../../../src/Protocol/WatchProtocol.ts"
import { count } from "./Format.ts"
import type { Frame } from "./Model.ts"
import type { Point } from "./Viewport.ts"

const describeState = (state: number, stateCount: number): string =>
  state === 0 ? "dead" : state === 1 ? "alive" : `dying (state ${state} of 0 to ${stateCount - 1})`

/**
 * One line about a cell of a frame: its position, state, step, age, and how far it is ahead of the slowest cell. A drawing has no
 * steps, so there `slowest` is `undefined` and the line ends with the state.
 */
export const describeCell = (frame: Frame, cell: Point, slowest: number | undefined): string => {
  const index = cell.y * frame.width + cell.x
  const step = frame.steps[index] ?? NO_STEP
  const place = `row ${cell.y}, column ${cell.x}`
  if (step === NO_STEP) return `${place}: no state yet`
  const state = `${place}: ${describeState(frame.states[index]!, frame.stateCount)}`
  if (slowest === undefined) return state
  const age = frame.ages[index]!
  const { agesUpTo = MAX_AGE } = frame
  const lead = step - slowest
  const parts = [
    state,
    `step ${count(step)}`,
    `for ${count(age)}${age >= agesUpTo ? " or more" : ""} ${age === 1 && agesUpTo > 1 ? "step" : "steps"}`
  ]
  if (lead > 0) parts.push(`${count(lead)} ahead of the slowest`)
  return parts.join(", ")
}
