/** What mouse, touch and pen do on the grid: they move it, inspect its cells, or draw. */
import { pan, zoomAt } from "../Model/Viewport.ts"
import type { Display } from "../Stage/Display.ts"
import { Gestures } from "../Stage/Gestures.ts"
import type { CellInspector } from "./CellInspector.ts"
import type { DrawingBoard } from "./DrawingBoard.ts"

export const bindGestures = (
  grid: HTMLElement,
  display: Display,
  board: DrawingBoard,
  inspector: CellInspector
): Gestures =>
  new Gestures(grid, {
    onPan: (dx, dy) => {
      display.follow(false)
      display.setView(pan(display.view, dx, dy))
    },
    onZoom: (at, factor) => display.setView(zoomAt(display.view, display.screen, at, factor)),
    onTap: (at) => display.mark(display.cellAt(at)),
    onHover: (at) => {
      const cell = at && display.cellAt(at)
      inspector.hover(cell)
      board.hover(cell)
    },
    isDrawing: () => board.isOpen,
    onStroke: (at, isFirst) => board.stroke(at, isFirst),
    onStrokeUndone: () => board.undo()
  })
