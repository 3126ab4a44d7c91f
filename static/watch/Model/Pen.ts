/** Draws strokes on a sheet. A stroke gives cells the pen's state, or makes them dead if its first cell has that state already. Pure. */
import { setCell, setLine, stateAt } from "./Drawing.ts"
import type { Sheet } from "./Sheet.ts"
import type { Point } from "./Viewport.ts"

export class Pen {
  /** The state that is drawn: 1 alive, 2 and above dying. */
  state = 1
  /** The last cell of the stroke; `undefined` while the stroke is outside the grid. */
  #last: Point | undefined
  /** The state that the stroke gives its cells. */
  #ink = 1

  /** Draws a line to `cell`, which is `undefined` outside the grid. A stroke can be undone as one change. */
  stroke(sheet: Sheet, cell: Point | undefined, isFirst: boolean): void {
    if (isFirst) {
      sheet.remember()
      this.#last = cell
      if (cell !== undefined) this.#ink = this.#inkAt(sheet, cell)
    }
    if (cell === undefined) return
    const from = this.#last ?? cell
    sheet.change((drawn) => setLine(drawn, from, cell, this.#ink))
    this.#last = cell
  }

  /** Changes one cell, as a stroke of one cell does. */
  toggle(sheet: Sheet, cell: Point): void {
    sheet.remember()
    const ink = this.#inkAt(sheet, cell)
    sheet.change((drawn) => setCell(drawn, cell, ink))
  }

  #inkAt(sheet: Sheet, cell: Point): number {
    const before = stateAt(sheet.drawn, cell)
    // The pen of living cells makes every cell dead that is not, as in a game of two states.
    return before === this.state || (this.state === 1 && before !== 0) ? 0 : this.state
  }
}
