/**
 * A rule: whether a cell lives, by its own state and by which of its neighbours live. Which they are is told by a mask:
 * bit n for direction n of `Neighbourhood.moore`.
 *
 * In a rule of more than two states (Generations) a live cell that does not survive is not dead at once: it goes through the
 * states 2, 3 and so on, a step in each. Meanwhile no neighbour counts it, and it can't be born.
 */
import { MAX_STATES } from "../../Protocol/Protocol0.ts"
import * as Neighbourhood from "./Neighbourhood.ts"

/** The state of a cell: 1 alive, 0 dead, 2 and above dying. */
export type State = number

/** The most states that a rule may have. Golly has one more: 255 marks cells here that have told no state. */
export const maxStates = MAX_STATES

/** How many of the neighbours live is all that matters. */
export interface OuterTotalistic {
  readonly _tag: "OuterTotalistic"
  /** Bit n is set when a dead cell with n live neighbours is born. */
  readonly birth: number
  /** Bit n is set when a live cell with n live neighbours survives. */
  readonly survival: number
  readonly neighbourhood: Neighbourhood.Neighbourhood
  /** How many states a cell can have: 2, or more in a Generations rule. */
  readonly states: number
}

/** How the live neighbours lie matters too, but not how the whole is turned or mirrored (Alan Hensel's rules). */
export interface Isotropic {
  readonly _tag: "Isotropic"
  /** Whether a cell lives next, at `mask` for a dead one, at `256 + mask` for a live one. */
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

/** The same rule with so many states, 2 to {@link maxStates}. */
export const withStates = (rule: Rule, states: number): Rule => ({ ...rule, states })

/** Conway's Life, B3/S23. */
export const life: Rule = make([3], [2, 3])

const totalistic = (rule: OuterTotalistic, state: State, count: number): boolean =>
  (((state === 1 ? rule.survival : rule.birth) >>> count) & 1) === 1

/** The rule of two states in which a cell lives next where `lives` says so; one of counts where that is all it is. */
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

/** Whether a dead or a live cell lives next when the neighbours in `mask` are alive. */
const lives = (rule: Rule, state: State, mask: number): boolean =>
  rule._tag === "OuterTotalistic" ? totalistic(rule, state, count(mask)) : rule.table[state * 256 + mask] === 1

/** The next state of a cell that is not to live: a dead cell stays dead, every other goes to the next state, and the last state leads to death. */
export const decayed = ({ states }: Rule, state: State): State => (state === 0 || state + 1 >= states ? 0 : state + 1)

/** The state that a cell takes when the neighbours in `mask` are alive. */
export const next = (rule: Rule, state: State, mask: number): State =>
  state <= 1 && lives(rule, state, mask) ? 1 : decayed(rule, state)

/** Whether cells are born of nothing: then an empty grid does not stay empty. */
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
