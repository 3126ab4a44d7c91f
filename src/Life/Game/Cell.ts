/**
 * One cell of a distributed Game of Life. It knows its neighbours only by their messages.
 *
 * Cells keep in lockstep without a clock: a cell computes step N + 1 when it has received the states of all its neighbours
 * at step N. So a neighbour is never more than one step ahead, and a cell keeps two sets of states: those of its own step
 * and those of the next. (step, row, col) identifies a message, so a repeated or an old message changes nothing.
 *
 * `receive` is called for every message of every cell, so it allocates nothing.
 */
import * as Rule from "../Universe/Rule.ts"
import type { Neighbour } from "../Universe/Topology.ts"

/** Numbers that are kept of a neighbour. */
const STRIDE = 3

export class Cell {
  readonly row: number
  readonly col: number
  readonly rule: Rule.Rule

  /** The last step that the cell computed, the state at this step and, if it is known, the state at the step before. */
  step = 0
  state: Rule.State
  previousState: Rule.State | undefined

  /** The last step of the game, which the cell does not pass. */
  readonly #lastStep: number

  /**
   * Of each neighbour its row, its column, and the directions in which it lies as a mask. They are in one array, because
   * every message looks here, and of 10,000 cells none is in the cache. A neighbour's slot is also its bit in the masks.
   */
  readonly #neighbours: ReadonlyArray<number>
  readonly #everyone: number

  /** For this step and for the next: the neighbours whose states have come (a bit for each slot), and the directions in which cells are alive. */
  #heard = 0
  #alive = 0
  #heardNext = 0
  #aliveNext = 0

  constructor(
    row: number,
    col: number,
    state: Rule.State,
    rule: Rule.Rule,
    neighbours: ReadonlyArray<Neighbour>,
    lastStep: number = Number.POSITIVE_INFINITY
  ) {
    this.row = row
    this.col = col
    this.state = state
    this.previousState = undefined
    this.rule = rule
    this.#lastStep = lastStep
    // A cell without neighbours (a plane of 1 x 1) subscribes to itself, in no direction. Otherwise it would never advance.
    const heard = neighbours.length === 0 ? [{ row, col, directions: 0 }] : neighbours
    const grown = heard.flatMap((neighbour) => [neighbour.row, neighbour.col, neighbour.directions])
    // A copy has no spare room: an array that has grown takes 150 bytes more.
    this.#neighbours = grown.slice()
    this.#everyone = (1 << heard.length) - 1
  }

  /** The number of cells to subscribe to: 1 to 8. */
  get degree(): number {
    return this.#neighbours.length / STRIDE
  }

  /** Whether the cell has made its last step, and the states of all its neighbours at this step have come. */
  get isComplete(): boolean {
    return this.step >= this.#lastStep && this.#heard === this.#everyone
  }

  subscriptions(): ReadonlyArray<{ readonly row: number; readonly col: number }> {
    return Array.from({ length: this.degree }, (_, slot) => ({
      row: this.#neighbours[slot * STRIDE]!,
      col: this.#neighbours[slot * STRIDE + 1]!
    }))
  }

  /**
   * Takes a neighbour's state. Returns how many steps the cell advanced. After 1, the caller publishes `state` at `step`.
   * 2 happens only when all other messages of two steps came before one late message. The caller then publishes
   * `previousState` at `step - 1` first. Cells that are no neighbours, old steps and repeated messages return 0.
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
        if (state === 1) this.#aliveNext |= this.#directionsOf(slot)
      }
      return 0
    }
    if ((this.#heard & bit) !== 0) return 0
    this.#heard |= bit
    if (state === 1) this.#alive |= this.#directionsOf(slot)
    if (this.#heard !== this.#everyone || this.step >= this.#lastStep) return 0
    this.#advance()
    if (this.#heard !== this.#everyone || this.step >= this.#lastStep) return 1
    this.#advance()
    return 2
  }

  /** Takes over a cell that has computed `state` at `step`. Its neighbours' states from there on must come again. */
  restore(step: number, state: Rule.State, previousState?: Rule.State): void {
    this.step = step
    this.state = state
    this.previousState = previousState
    this.#heard = this.#alive = this.#heardNext = this.#aliveNext = 0
  }

  #directionsOf(slot: number): number {
    return this.#neighbours[slot * STRIDE + 2]!
  }

  #slotOf(row: number, col: number): number {
    const neighbours = this.#neighbours
    for (let at = 0; at < neighbours.length; at += STRIDE) {
      if (neighbours[at] === row && neighbours[at + 1] === col) return at / STRIDE
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
