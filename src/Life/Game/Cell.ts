/**
 * One cell of a distributed Game of Life, which knows its neighbours only by their messages.
 *
 * Cells keep in lockstep without a clock: having heard all neighbours at step N, a cell takes step N + 1. So a
 * neighbour is never more than one step ahead, and two sets of states suffice: those of the cell's own step, and of the
 * next. A message is named by (step, row, col): hearing it again changes nothing, and hearing an old one neither.
 *
 * `receive` is called for every message of every cell, so it allocates nothing.
 */
import * as Rule from "../Universe/Rule.ts"
import type { Neighbour } from "../Universe/Topology.ts"

export class Cell {
  readonly row: number
  readonly col: number
  readonly rule: Rule.Rule

  /** The last step published, and the states published at it and, if that is known, at the step before. */
  step = 0
  state: Rule.State
  previousState: Rule.State | undefined

  /** The cells to listen to; the slot of a neighbour is its place in these arrays and its bit in the masks. */
  readonly #rows: Array<number> = []
  readonly #cols: Array<number> = []
  /** The directions in which each of them lies, as a mask. */
  readonly #directions: Array<number> = []
  readonly #everyone: number

  /** The neighbours that have been heard at this step and at the next (a bit for each slot), and the directions in which cells are alive. */
  #heard = 0
  #alive = 0
  #heardNext = 0
  #aliveNext = 0

  constructor(row: number, col: number, state: Rule.State, rule: Rule.Rule, neighbours: ReadonlyArray<Neighbour>) {
    this.row = row
    this.col = col
    this.state = state
    this.previousState = undefined
    this.rule = rule
    // A cell without neighbours (a plane of 1 x 1) hears itself in no direction: something has to pace it.
    for (const neighbour of neighbours.length === 0 ? [{ row, col, directions: 0 }] : neighbours) {
      this.#rows.push(neighbour.row)
      this.#cols.push(neighbour.col)
      this.#directions.push(neighbour.directions)
    }
    this.#everyone = (1 << this.#rows.length) - 1
  }

  /** How many cells this one listens to: 1 to 8. */
  get degree(): number {
    return this.#rows.length
  }

  /** The cells to subscribe to. */
  subscriptions(): ReadonlyArray<{ readonly row: number; readonly col: number }> {
    return this.#rows.map((row, slot) => ({ row, col: this.#cols[slot]! }))
  }

  /**
   * Takes a neighbour's state, and returns how many steps it made this cell advance. After 1 the cell has `state` to
   * publish at `step`. 2 happens only when a whole step had been heard ahead of one late message; then `previousState`
   * at `step - 1` is to be published first. Strangers, old steps and repeated messages return 0.
   */
  receive(step: number, row: number, col: number, state: Rule.State): 0 | 1 | 2 {
    const ahead = step - this.step
    if (ahead !== 0 && ahead !== 1) return 0
    const slot = this.#slotOf(row, col)
    if (slot === -1) return 0
    const bit = 1 << slot
    if (ahead === 1) {
      if ((this.#heardNext & bit) === 0) {
        this.#heardNext |= bit
        if (state === 1) this.#aliveNext |= this.#directions[slot]!
      }
      return 0
    }
    if ((this.#heard & bit) !== 0) return 0
    this.#heard |= bit
    if (state === 1) this.#alive |= this.#directions[slot]!
    if (this.#heard !== this.#everyone) return 0
    this.#advance()
    if (this.#heard !== this.#everyone) return 1
    this.#advance()
    return 2
  }

  /**
   * Makes this the cell as it was when it published `state` at `step`, having heard nobody yet: how a replacement
   * carries on. The neighbours' states of that step and the next must be delivered to it again.
   */
  restore(step: number, state: Rule.State, previousState?: Rule.State): void {
    this.step = step
    this.state = state
    this.previousState = previousState
    this.#heard = this.#alive = this.#heardNext = this.#aliveNext = 0
  }

  #slotOf(row: number, col: number): number {
    for (let slot = 0; slot < this.#cols.length; slot++) {
      if (this.#cols[slot] === col && this.#rows[slot] === row) return slot
    }
    return -1
  }

  #advance(): void {
    this.previousState = this.state
    this.state = Rule.next(this.rule, this.state, this.#alive)
    this.step++
    this.#heard = this.#heardNext
    this.#alive = this.#aliveNext
    this.#heardNext = this.#aliveNext = 0
  }
}
