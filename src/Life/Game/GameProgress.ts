import type { StateObserver } from "./Onset.ts"

/** A game's newest complete step and its population. `published` is called for every state, so it only adds. */
export class GameProgress {
  readonly cells: number
  connected = 0
  subscribed = 0
  running = false
  /** The first step that all cells publish: 0, unless the game was taken over. */
  from = 0
  /** The newest step that all cells have published; -1 if there is none yet. */
  step = -1
  /** The cells that are not dead at this step. */
  population = 0
  /** How often a cell got a new connection after it had lost one. */
  reconnected = 0
  /** For each incomplete step: the cells that have published it, and those of them that are not dead. The steps of two cells differ by at most the diameter of the grid. */
  readonly #heard: Int32Array
  readonly #alive: Int32Array

  /** `cells`: how many cells of the grid are counted. All, unless given. */
  constructor(width: number, height: number, cells: number = width * height) {
    this.cells = cells
    const window = width + height + 4
    this.#heard = new Int32Array(window)
    this.#alive = new Int32Array(window)
  }

  /** A cell publishes `state` at `step` for the first time. */
  published(step: number, state: number): void {
    if (step < this.from) return
    const slot = step % this.#heard.length
    if (state !== 0) this.#alive[slot]!++
    if (++this.#heard[slot]! < this.cells) return
    this.step = step
    this.population = this.#alive[slot]!
    this.#heard[slot] = this.#alive[slot] = 0
  }
}

/** Makes the observer of a game from step `from` on: it passes each published state to the progress, and then to `observe`'s observer. */
export const counted =
  (progress: GameProgress, observe: ((from: number) => StateObserver) | undefined) =>
  (from: number): StateObserver => {
    const observer = observe?.(from)
    progress.from = from
    return (step, row, col, state) => {
      progress.published(step, state)
      observer?.(step, row, col, state)
    }
  }
