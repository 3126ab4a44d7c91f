/** Draws strokes on a sheet. A stroke makes cells live if its first cell was dead, and dead if it was not. Pure. */
import { setCell, setLine, stateAt } from "./Drawing.ts"
import type { Sheet } from "./Sheet.ts"
import type { Point } from "./Viewport.ts"

export class Pen {
  /** The last cell of the stroke; `undefined` while the stroke is outside the grid. */
  #last: Point | undefined
  /** The state that the stroke gives its cells. */
  #ink = 1

  /** Draws a line to `cell`, which is `undefined` outside the grid. A stroke can be undone as one change. */
  stroke(sheet: Sheet, cell: Point | undefined, isFirst: boolean): void {
    if (isFirst) {
      sheet.remember()
      this.#last = cell
      if (cell !== undefined) this.#ink = stateAt(sheet.drawn, cell) === 0 ? 1 : 0
    }
    if (cell === undefined) return
    const from = this.#last ?? cell
    sheet.change((drawn) => setLine(drawn, from, cell, this.#ink))
    this.#last = cell
  }
}

/** Makes a living cell dead, and a dead one live. */
export const toggle = (sheet: Sheet, cell: Point): void => {
  sheet.remember()
  sheet.change((drawn) => setCell(drawn, cell, stateAt(drawn, cell) === 0 ? 1 : 0))
}
