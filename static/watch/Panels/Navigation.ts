/** Handles mouse, touch and pen on the grid: they move it, inspect its cells, or draw. */
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
      display.camera.follow(false)
      display.camera.setView(pan(display.camera.view, dx, dy))
    },
    onZoom: (at, factor) => display.camera.setView(zoomAt(display.camera.view, display.camera.screen, at, factor)),
    onTap: (at) => display.camera.mark(display.camera.cellAt(at)),
    onHover: (at) => {
      const cell = at && display.camera.cellAt(at)
      inspector.hover(cell)
      board.hover(cell)
    },
    isDrawing: () => board.isOpen,
    onStroke: (at, isFirst) => board.stroke(at, isFirst),
    onStrokeUndone: () => board.undo()
  })
