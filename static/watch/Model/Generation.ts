/** Whole generations: how they are found in frames, whose cells are rarely at the same step, and how their states are packed. Pure. */
import { MAX_AGE, NO_STEP, UNKNOWN } from "../../../src/Protocol/WatchProtocol.ts"
import type { Frame, Model } from "./Model.ts"
import { emptyFrame, stepRange } from "./Model.ts"

/** Whether all cells of a frame are at the same step. */
const isWhole = (frame: Frame): boolean => {
  const { steps } = frame
  const first = steps[0] ?? NO_STEP
  if (first === NO_STEP) return false
  for (let index = 1; index < steps.length; index++) if (steps[index] !== first) return false
  return true
}

/**
 * The newest generation that all cells of `frame` have reached. A cell that is ahead already had its current state in this
 * generation if the state is old enough. If it changed in the very next step, it had the preceding state, because the order of
 * states is fixed. `undefined` if a cell may have changed more than once since, or has no state.
 */
export const wholeGeneration = (frame: Frame): Frame | undefined => {
  if (isWhole(frame)) return frame
  const { ages, height, stateCount, states, steps, width } = frame
  const { min } = stepRange(frame)
  if (min === NO_STEP) return undefined
  const whole = emptyFrame(width, height, stateCount)
  whole.heats.set(frame.heats)
  whole.steps.fill(min)
  for (let index = 0; index < steps.length; index++) {
    const step = steps[index]!
    if (step === NO_STEP) return undefined
    const age = ages[index]!
    const ageThen = age === MAX_AGE ? MAX_AGE : age - (step - min)
    // `MAX_AGE` means "at least this age". It says nothing about a cell that is further ahead than that.
    if (age === MAX_AGE && step - min > MAX_AGE) return undefined
    if (ageThen < -1) return undefined
    whole.states[index] = ageThen >= 0 ? states[index]! : (states[index]! + stateCount - 1) % stateCount
    whole.ages[index] = Math.max(0, ageThen)
  }
  return whole
}

/** The number of cells that are not dead. */
export const populationOf = ({ states }: Frame): number => {
  let count = 0
  for (let index = 0; index < states.length; index++) if (states[index] !== 0 && states[index] !== UNKNOWN) count++
  return count
}

/** Looks for new whole generations in the frames of a model. */
export class GenerationWatch {
  #epoch = -1
  #step = -1

  /** A new whole generation; `undefined` if there is none. */
  check({ epoch, frame }: Model): Frame | undefined {
    if (epoch !== this.#epoch) this.#step = -1
    this.#epoch = epoch
    const whole = wholeGeneration(frame)
    const step = whole?.steps[0]
    if (step === undefined || step <= this.#step) return undefined
    this.#step = step
    return whole
  }
}

/** Bits per cell of packed states: one for two states, else two, four or eight. A power of two, so that no cell lies across two bytes. */
export const bitsFor = (stateCount: number): number =>
  stateCount <= 2 ? 1 : stateCount <= 4 ? 2 : stateCount <= 16 ? 4 : 8

/** Makes room for `cells` cells, all in state 0. */
export const emptyPacked = (cells: number, bits: number): Uint8Array => new Uint8Array(Math.ceil((cells * bits) / 8))

/** The state of cell `index`. Its bits begin at bit `index * bits`, the lowest first. */
export const stateAt = (packed: Uint8Array, bits: number, index: number): number => {
  const at = index * bits
  return (packed[at >> 3]! >> (at & 7)) & ((1 << bits) - 1)
}

/** Sets the state of a cell. The cell must be in state 0. */
export const putState = (packed: Uint8Array, bits: number, index: number, state: number): void => {
  const at = index * bits
  packed[at >> 3]! |= state << (at & 7)
}

export const pack = (states: Uint8Array, bits: number): Uint8Array => {
  const packed = emptyPacked(states.length, bits)
  for (let index = 0; index < states.length; index++) putState(packed, bits, index, states[index]!)
  return packed
}
