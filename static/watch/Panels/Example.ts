/** Plays a small game on the page while the server has none. */
import * as Grid from "../../../src/Life/Universe/Grid.ts"
import * as Rule from "../../../src/Life/Universe/Rule.ts"
import { Simulator } from "../../../src/Life/Universe/Simulator.ts"
import * as Topology from "../../../src/Life/Universe/Topology.ts"
import { MAX_AGE } from "../../../src/Protocol/WatchProtocol.ts"
import { blank } from "../Model/Drawing.ts"
import type { Frame } from "../Model/Model.ts"
import type { Display } from "../Stage/Display.ts"

const size = { width: 72, height: 40 }

/** The acorn, which grows for thousands of steps from seven cells. */
const acorn = [".O.....", "...O...", "OO..OOO"]

/** It begins at this step, when it fills much of its grid. */
const GROWN = 120

/** Milliseconds per step, and the number of steps until the example begins again. */
const PACE = 160
const LENGTH = 1_200

/** The step for viewers who prefer reduced motion. */
const STILL_STEP = 180

const begin = (): Simulator => {
  const grid = Grid.make(size.width, size.height)
  acorn.forEach((row, y) => {
    ;[...row].forEach((cell, x) => {
      if (cell === "O") grid.cells[(y + 18) * size.width + x + 32] = 1
    })
  })
  const simulator = new Simulator(grid, Rule.life, Topology.torus(size.width, size.height))
  simulator.run(GROWN)
  return simulator
}

export class Example {
  readonly #display: Display
  /** Whether the grid shows something else instead of the game: a drawing. */
  readonly #isOccupied: () => boolean
  readonly #isStill: () => boolean
  #simulator = begin()
  #frame: Frame = blank(size.width, size.height)
  #timer: number | undefined

  constructor(display: Display, isOccupied: () => boolean, isStill: () => boolean) {
    this.#display = display
    this.#isOccupied = isOccupied
    this.#isStill = isStill
    // A dead cell as old as the example has never lived, so it leaves no trace.
    this.#frame.ages.fill(GROWN)
  }

  show(isShown: boolean): void {
    if (isShown === (this.#timer !== undefined)) return
    if (isShown) {
      this.#tick()
      this.#timer = window.setInterval(() => this.#tick(), PACE)
    } else {
      window.clearInterval(this.#timer)
      this.#timer = undefined
      if (this.#display.isShowing(this.#frame)) this.#display.show(undefined)
    }
  }

  #tick(): void {
    if (document.hidden || this.#isOccupied()) return
    const isStill = this.#isStill()
    if (isStill && this.#simulator.generation >= STILL_STEP && this.#display.isShowing(this.#frame)) return
    do this.#step()
    while (isStill && this.#simulator.generation < STILL_STEP)
    if (this.#display.isShowing(this.#frame)) this.#display.repaint()
    else this.#display.show(this.#frame, "B3/S23")
  }

  #step(): void {
    if (this.#simulator.generation >= LENGTH) this.#simulator = begin()
    this.#simulator.run(1)
    const { cells } = this.#simulator.grid()
    const { ages, states, steps } = this.#frame
    steps.fill(this.#simulator.generation)
    for (let index = 0; index < cells.length; index++) {
      ages[index] = cells[index] === states[index] ? Math.min(MAX_AGE, ages[index]! + 1) : 0
      states[index] = cells[index]!
    }
  }
}
