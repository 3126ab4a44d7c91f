/** Shows a line about one cell: the cell under the mouse, else the marked one. */
import { element, setText } from "../../Element.ts"
import { describeCell } from "../Model/Inspector.ts"
import { stepRange } from "../Model/Model.ts"
import type { Point } from "../Model/Viewport.ts"
import type { Display } from "../Stage/Display.ts"

export class CellInspector {
  readonly #display: Display
  readonly #line = element("inspector", HTMLElement)
  #hovered: Point | undefined

  constructor(display: Display, grid: HTMLElement) {
    this.#display = display
    // A viewer who uses the keyboard wants the line about the marked cell, not about the one under the mouse.
    grid.addEventListener("keydown", () => {
      this.#hovered = undefined
    })
  }

  /** The mouse is over a cell; `undefined`: over none. */
  hover(cell: Point | undefined): void {
    this.#hovered = cell
    this.show()
  }

  show(): void {
    const { camera, frame } = this.#display
    const cell = this.#hovered ?? camera.marked
    this.#line.hidden = cell === undefined
    if (cell !== undefined) setText(this.#line, describeCell(frame, cell, stepRange(frame).min))
  }
}
