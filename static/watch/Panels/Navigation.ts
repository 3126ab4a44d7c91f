/** Handles mouse, touch and pen on the grid: they move it, inspect its cells, or draw. */
import type { Point } from "../Model/Viewport.ts"
import { pan, zoomAt } from "../Model/Viewport.ts"
import type { Display } from "../Stage/Display.ts"
import { Gestures } from "../Stage/Gestures.ts"
import type { CellInspector } from "./CellInspector.ts"
import type { Starting } from "./Starting.ts"

export interface NavigationParts {
  readonly grid: HTMLElement
  readonly display: Display
  readonly starting: Starting
  readonly inspector: CellInspector
  /** A click on a cell while the run is paused. Returns whether this draws; else it chooses the cell. */
  readonly draw: (cell: Point) => boolean
  /** Whether the wheel always zooms. In a frame it scrolls the page around it, until the grid has the focus. */
  readonly ownsWheel: boolean
}

export const bindGestures = ({ display, draw, grid, inspector, ownsWheel, starting }: NavigationParts): Gestures =>
  new Gestures(grid, {
    takesWheel: (event) => ownsWheel || event.ctrlKey || document.activeElement === grid,
    onPan: (dx, dy) => {
      display.camera.follow(false)
      display.camera.setView(pan(display.camera.view, dx, dy))
    },
    onZoom: (at, factor) => display.camera.setView(zoomAt(display.camera.view, display.camera.screen, at, factor)),
    onTap: (at, isShifted) => {
      const cell = display.camera.cellAt(at)
      if (cell === undefined || isShifted || !draw(cell)) display.camera.mark(cell)
    },
    onHover: (at) => {
      const cell = at && display.camera.cellAt(at)
      inspector.hover(cell)
      starting.tools?.board.hover(cell)
    },
    isDrawing: () => starting.isDrawing,
    onStroke: (at, isFirst) => starting.tools?.board.stroke(at, isFirst),
    onStrokeUndone: () => starting.tools?.board.discard()
  })
