/**
 * What a running game has to show: how far it is and how many cells are alive, counted from what the cells tell.
 * `told` is called for every step of every cell, so it only adds.
 */
export class GameProgress {
  readonly cells: number
  connected = 0
  subscribed = 0
  running = false
  /** The first step that all cells tell: 0, unless the game was taken over. */
  from = 0
  /** The newest step that all cells have told; -1 before. */
  step = -1
  /** Cells at that step that are not dead. */
  population = 0
  /** Times that a cell's connection was lost and is there again. */
  reconnected = 0
  /** Cells heard and not dead at each step that is not complete. Cells differ by at most the diameter of the grid. */
  readonly #heard: Int32Array
  readonly #alive: Int32Array

  constructor(width: number, height: number) {
    this.cells = width * height
    const window = width + height + 4
    this.#heard = new Int32Array(window)
    this.#alive = new Int32Array(window)
  }

  /** A cell tells `state` at `step`, for the first time. */
  told(step: number, state: number): void {
    if (step < this.from) return
    const slot = step % this.#heard.length
    if (state !== 0) this.#alive[slot]!++
    if (++this.#heard[slot]! < this.cells) return
    this.step = step
    this.population = this.#alive[slot]!
    this.#heard[slot] = this.#alive[slot] = 0
  }
}
