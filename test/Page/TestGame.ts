/** Plays a game into a server's state like workers: one message per cell and step. */
import type { WatchState } from "../../src/Server/Watch/WatchState.ts"

export class TestGame {
  readonly #state: WatchState
  #cells: Uint8Array
  step = 0
  /** Called by `tellSome` when the first cell takes a step. */
  onStep: (step: number) => void = () => {}
  /** The next cell that publishes its step. */
  #next = 0

  constructor(state: WatchState, isAlive: (row: number, column: number) => boolean) {
    this.#state = state
    this.#cells = Uint8Array.from(state.states, (_, index) =>
      isAlive(Math.floor(index / state.width), index % state.width) ? 1 : 0
    )
  }

  /** A running game: all workers are connected and have published their first states. */
  static running(
    state: WatchState,
    width: number,
    height: number,
    isAlive: (row: number, column: number) => boolean,
    topology = "torus"
  ): TestGame {
    state.reset(width, height, topology)
    state.setCounts(width * height, width * height)
    state.setPhase("running")
    const game = new TestGame(state, isAlive)
    game.publish()
    return game
  }

  publish(): void {
    this.#cells.forEach((cell, index) => {
      this.#state.record(index, this.step, cell)
    })
    this.#state.deliveries += 8 * this.#cells.length
  }

  /** Takes the step and publishes it for the next `count` cells. The others follow later. Returns `count`. */
  publishSome(count: number): number {
    for (let k = 0; k < count; k++) {
      if (this.#next === 0) {
        this.#compute()
        this.onStep(this.step + 1)
      }
      this.#state.record(this.#next, this.step + 1, this.#cells[this.#next]!)
      this.#next = (this.#next + 1) % this.#cells.length
      if (this.#next === 0) this.step++
    }
    this.#state.deliveries += 8 * count
    return count
  }

  advance(): void {
    this.#compute()
    this.step++
    this.publish()
  }

  #compute(): void {
    const { height, width } = this.#state
    const before = this.#cells
    this.#cells = before.map((cell, index) => {
      const row = Math.floor(index / width)
      const column = index % width
      let neighbours = -cell
      for (let dy = height - 1; dy <= height + 1; dy++)
        for (let dx = width - 1; dx <= width + 1; dx++)
          neighbours += before[((row + dy) % height) * width + ((column + dx) % width)]!
      return neighbours === 3 || (cell === 1 && neighbours === 2) ? 1 : 0
    })
  }
}

/** A repeatable start: about one cell in four is alive. */
export const scattered = (row: number, column: number): boolean => {
  const mixed = Math.imul((row * 73_856_093) ^ (column * 19_349_663) ^ 0x9e3779b9, 0x85ebca6b)
  return ((mixed ^ (mixed >>> 13)) >>> 0) % 4 === 0
}
