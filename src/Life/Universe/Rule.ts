/**
 * A rule gives the next state of a cell from its own state and from which of its neighbours are alive. The live neighbours are
 * a mask: bit n is direction n of `Neighbourhood.moore`.
 *
 * In a rule of more than two states (Generations) a live cell that does not survive is not dead at once. It first goes through
 * the states 2, 3 and so on, one step in each. During this time it does not count as alive, and it can't be born.
 */
import * as Neighbourhood from "./Neighbourhood.ts"

/** The state of a cell: 0 dead, 1 alive, 2 and above dying. */
export type State = number

/** A rule that depends only on the number of live neighbours. */
export interface OuterTotalistic {
  readonly _tag: "OuterTotalistic"
  /** Bit n is set when a dead cell with n live neighbours is born. */
  readonly birth: number
  /** Bit n is set when a live cell with n live neighbours survives. */
  readonly survival: number
  readonly neighbourhood: Neighbourhood.Neighbourhood
  /** The number of states: 2, or more in a Generations rule. */
  readonly states: number
}

/** A rule that also depends on the arrangement of the live neighbours, but not on its rotation or reflection (Alan Hensel's notation). */
export interface Isotropic {
  readonly _tag: "Isotropic"
  /** 1 if the cell is alive in the next step: at index `mask` for a dead cell, at `256 + mask` for a live cell. */
  readonly table: Uint8Array
  readonly neighbourhood: "Moore"
  readonly states: number
}

export type Rule = OuterTotalistic | Isotropic

const bits = (counts: ReadonlyArray<number>): number => counts.reduce((mask, count) => mask | (1 << count), 0)

export const make = (
  birth: ReadonlyArray<number>,
  survival: ReadonlyArray<number>,
  neighbourhood: Neighbourhood.Neighbourhood = "Moore"
): OuterTotalistic => ({
  _tag: "OuterTotalistic",
  birth: bits(birth),
  survival: bits(survival),
  neighbourhood,
  states: 2
})

/** The same rule with another number of states, from 2 to `MAX_STATES` of protocol 0. */
export const withStates = (rule: Rule, states: number): Rule => ({ ...rule, states })

/** Conway's Life, B3/S23. */
export const life: Rule = make([3], [2, 3])

const totalistic = (rule: OuterTotalistic, state: State, count: number): boolean =>
  (((state === 1 ? rule.survival : rule.birth) >>> count) & 1) === 1

/** The rule of two states given by `lives`: whether a cell is alive in the next step. It is an `OuterTotalistic` rule if only the counts matter. */
export const isotropic = (lives: (state: State, mask: number) => boolean): Rule => {
  const table = Uint8Array.from({ length: 512 }, (_, index) => (lives(index < 256 ? 0 : 1, index & 255) ? 1 : 0))
  const byCount = make(
    Neighbourhood.counts.filter((count) => table[Neighbourhood.firstOf(count)] === 1),
    Neighbourhood.counts.filter((count) => table[256 + Neighbourhood.firstOf(count)] === 1)
  )
  const isByCount = table.every((next, index) => (next === 1) === totalistic(byCount, index >> 8, count(index & 255)))
  return isByCount ? byCount : { _tag: "Isotropic", table, neighbourhood: "Moore", states: 2 }
}

const count = Neighbourhood.countIn

/** Whether a dead or live cell is alive in the next step when the neighbours in `mask` are alive. */
const lives = (rule: Rule, state: State, mask: number): boolean =>
  rule._tag === "OuterTotalistic" ? totalistic(rule, state, count(mask)) : rule.table[state * 256 + mask] === 1

/** The next state of a cell that will not be alive. A dead cell stays dead, other cells go to the next state, and after the last state a cell is dead. */
export const decayed = ({ states }: Rule, state: State): State => (state === 0 || state + 1 >= states ? 0 : state + 1)

/** The state that a cell takes when the neighbours in `mask` are alive. */
export const next = (rule: Rule, state: State, mask: number): State =>
  state <= 1 && lives(rule, state, mask) ? 1 : decayed(rule, state)

/** Whether a cell without live neighbours is born. Then an empty grid does not stay empty. */
export const hasBirthOnZero = (rule: Rule): boolean => next(rule, 0, 0) === 1

export const equals = (self: Rule, that: Rule): boolean => {
  if (self.states !== that.states) return false
  if (self._tag === "Isotropic")
    return that._tag === "Isotropic" && self.table.every((next, index) => next === that.table[index])
  return (
    that._tag === "OuterTotalistic" &&
    self.birth === that.birth &&
    self.survival === that.survival &&
    self.neighbourhood === that.neighbourhood
  )
}
