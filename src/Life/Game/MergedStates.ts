/**
 * Merges the states that several processes report, each for its own cells, into one order that is possible for cells in
 * lockstep. A process may be late with its report, so what others report is kept until it is no more steps ahead than cells can
 * be. The states of one process come in the order in which its cells published them.
 */
import { FirstStep, type StateObserver } from "./Onset.ts"

/** States as pairs of numbers: the cell's index in the grid times 256 plus its state, and the step. */
export type States = Uint32Array

/** The most states of one report. */
export const STATES_LIMIT = 32_768

export class MergedStates {
  readonly #width: number
  readonly #diameter: number
  readonly #progress: { readonly step: number }
  readonly #begin: (from: number) => StateObserver
  /** What was reported and not passed on, of each process. */
  readonly #queues: ReadonlyArray<Array<States>>
  /** Where the first report of each queue continues. */
  readonly #at: Array<number>
  #observer: StateObserver | undefined
  readonly #first: FirstStep

  /**
   * `begin` makes the observer when the first step that all cells publish is known: 0, unless `resumes`. It must pass each state
   * to `progress`, whose `step` is the newest step that is complete.
   */
  constructor(
    width: number,
    height: number,
    processes: number,
    resumes: boolean,
    progress: { readonly step: number },
    begin: (from: number) => StateObserver
  ) {
    this.#width = width
    this.#diameter = width + height
    this.#progress = progress
    this.#begin = begin
    this.#queues = Array.from({ length: processes }, () => [])
    this.#at = this.#queues.map(() => 0)
    this.#first = new FirstStep(resumes ? width * height : 0)
    if (!resumes) this.#observer = begin(0)
  }

  /** Whether all that was reported has been passed on. */
  get isEmpty(): boolean {
    return this.#queues.every((queue) => queue.length === 0)
  }

  take(process: number, states: States): void {
    this.#queues[process]!.push(states)
    if (this.#observer === undefined) this.#note(states)
    if (this.#observer !== undefined) this.#pass(this.#observer)
  }

  /** A game that is taken over begins at the highest of its cells' first steps. */
  #note(states: States): void {
    for (let at = 0; at < states.length; at += 2) {
      if (!this.#first.take(states[at]! >>> 8, states[at + 1]!)) continue
      this.#observer = this.#begin(this.#first.step)
      return
    }
  }

  #pass(observer: StateObserver): void {
    for (let hasPassed = true; hasPassed; ) {
      const before = this.#progress.step
      for (let process = 0; process < this.#queues.length; process++) this.#passQueue(process, observer)
      hasPassed = this.#progress.step > before
    }
  }

  #passQueue(process: number, observer: StateObserver): void {
    const queue = this.#queues[process]!
    const from = this.#first.step
    for (let states = queue[0]; states !== undefined; states = queue[0]) {
      let at = this.#at[process]!
      for (; at < states.length; at += 2) {
        const step = states[at + 1]!
        if (step < from) continue
        if (step >= Math.max(this.#progress.step + 1, from) + this.#diameter) break
        const packed = states[at]!
        const cell = packed >>> 8
        const row = Math.floor(cell / this.#width)
        observer(step, row, cell - row * this.#width, packed & 255)
      }
      this.#at[process] = at
      if (at < states.length) return
      queue.shift()
      this.#at[process] = 0
    }
  }
}
