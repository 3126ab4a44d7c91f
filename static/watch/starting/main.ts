/** The start panel and the drawing board. This is a separate script, which is loaded when a viewer first starts or draws a game. */
import { DrawingBoard } from "../Panels/DrawingBoard.ts"
import type { StartingTools } from "../Panels/Starting.ts"
import { type StartingParts, StartPanel } from "../Panels/StartPanel.ts"

export const make = (parts: StartingParts): StartingTools => {
  const board = new DrawingBoard(parts.display, parts.toast)
  return { board, panel: new StartPanel({ ...parts, board }) }
}
