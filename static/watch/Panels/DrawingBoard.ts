/** Draws a first generation on the grid, in place of the game that is watched. */
import { element } from "../../Element.ts"
import { blank, copied, scatter, setCell, setLine, stateAt } from "../Model/Drawing.ts"
import type { Frame } from "../Model/Model.ts"
import type { Point, Size } from "../Model/Viewport.ts"
import type { Display } from "../Stage/Display.ts"

/** The share of living cells of a random start. */
const density = 0.25

export class DrawingBoard {
  readonly #display: Display
  readonly #bar = element("drawing", HTMLElement)
  readonly #grid = element("grid", HTMLElement)
  #frame: Frame | undefined
  #watched: Frame | undefined
  #last: Point | undefined
  #ink = 1
  #onDone: (frame: Frame) => void = () => {}

  constructor(display: Display) {
    this.#display = display
    const on = (id: string, run: (frame: Frame) => void) =>
      element(id, HTMLButtonElement).addEventListener("click", () => {
        if (this.#frame === undefined) return
        run(this.#frame)
        this.#display.repaint()
      })
    on("drawing-clear", (frame) => frame.states.fill(0))
    on("drawing-random", (frame) => scatter(frame, density, Math.random))
    on("drawing-take", (frame) => {
      if (this.#watched !== undefined) frame.states.set(copied(this.#watched, frame.width, frame.height).states)
    })
    on("drawing-done", (frame) => {
      this.#frame = undefined
      this.#bar.hidden = true
      this.#display.show(undefined)
      this.#onDone(frame)
    })
    this.#grid.addEventListener("keydown", (event) => {
      const cell = this.#display.marked
      if (this.#frame === undefined || event.key !== "Enter" || cell === undefined) return
      event.preventDefault()
      setCell(this.#frame, cell, 1 - stateAt(this.#frame, cell))
      this.#display.repaint()
    })
  }

  get isOpen(): boolean {
    return this.#frame !== undefined
  }

  /** Opens a grid of `size`, with the cells of `before` if there are any. */
  open(size: Size, before: Frame | undefined, onDone: (frame: Frame) => void): void {
    this.#watched = this.#display.frame
    this.#frame = before === undefined ? blank(size.width, size.height) : copied(before, size.width, size.height)
    this.#onDone = onDone
    this.#bar.hidden = false
    this.#display.show(this.#frame)
    this.#grid.focus()
  }

  /** Draws to a point of the screen: life where the first cell was dead, death where it was alive. */
  stroke(at: Point, isFirst: boolean): void {
    if (this.#frame === undefined) return
    const cell = this.#display.cellAt(at)
    if (isFirst) {
      this.#last = cell
      if (cell !== undefined) this.#ink = 1 - stateAt(this.#frame, cell)
    }
    if (cell === undefined) return
    setLine(this.#frame, this.#last ?? cell, cell, this.#ink)
    this.#last = cell
    this.#display.repaint()
  }
}
