/**
 * An outer-totalistic rule: whether a cell lives depends on its own state and on how many of its neighbours live.
 */
import type { Neighbourhood } from "./Neighbourhood.ts"

/** The state of a cell: 1 alive, 0 dead. */
export type State = 0 | 1

export interface Rule {
  /** Bit n is set when a dead cell with n live neighbours is born. */
  readonly birth: number
  /** Bit n is set when a live cell with n live neighbours survives. */
  readonly survival: number
  readonly neighbourhood: Neighbourhood
}

const bits = (counts: ReadonlyArray<number>): number => counts.reduce((mask, count) => mask | (1 << count), 0)

export const make = (
  birth: ReadonlyArray<number>,
  survival: ReadonlyArray<number>,
  neighbourhood: Neighbourhood = "Moore"
): Rule => ({ birth: bits(birth), survival: bits(survival), neighbourhood })

/** Conway's Life, B3/S23. */
export const life: Rule = make([3], [2, 3])

/** The state a cell takes when `count` of its neighbours are alive. */
export const next = (rule: Rule, state: State, count: number): State =>
  (((state === 1 ? rule.survival : rule.birth) >>> count) & 1) === 1 ? 1 : 0

/** Whether cells are born of nothing: then an empty grid does not stay empty. */
export const hasBirthOnZero = (rule: Rule): boolean => (rule.birth & 1) === 1

export const equals = (self: Rule, that: Rule): boolean =>
  self.birth === that.birth && self.survival === that.survival && self.neighbourhood === that.neighbourhood
