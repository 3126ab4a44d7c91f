/** Shows a line about one cell: the cell under the mouse, else the marked one. Of the marked cell it also shows the client. */
import { element, setText } from "../../Element.ts"
import { awaited, type ClientLog } from "../Model/ClientLog.ts"
import { count } from "../Model/Format.ts"
import { describeCell } from "../Model/Inspector.ts"
import type { Model } from "../Model/Model.ts"
import { stepRange } from "../Model/Model.ts"
import type { Point } from "../Model/Viewport.ts"
import type { Display } from "../Stage/Display.ts"

export interface CellInspectorParts {
  readonly display: Display
  readonly model: Model
  readonly grid: HTMLElement
  readonly log: ClientLog
  /** Asks the server for the messages of this cell's client; `undefined`: no longer. */
  readonly listen: (cell: number | undefined) => void
}

export class CellInspector {
  readonly #parts: CellInspectorParts
  readonly #line = element("inspector", HTMLElement)
  readonly #client = element("client", HTMLElement)
  readonly #title = element("client-title", HTMLElement)
  readonly #connection = element("client-connection", HTMLElement)
  readonly #step = element("client-step", HTMLElement)
  readonly #waits = element("client-waits", HTMLElement)
  readonly #messages = element("client-messages", HTMLElement)
  #hovered: Point | undefined
  #shown: string | undefined

  constructor(parts: CellInspectorParts) {
    this.#parts = parts
    // A viewer who uses the keyboard wants the line about the marked cell, not about the one under the mouse.
    parts.grid.addEventListener("keydown", () => {
      this.#hovered = undefined
    })
    element("client-close", HTMLButtonElement).addEventListener("click", () => {
      parts.display.camera.mark(undefined)
      parts.grid.focus()
    })
  }

  /** The mouse is over a cell; `undefined`: over none. */
  hover(cell: Point | undefined): void {
    this.#hovered = cell
    this.show()
  }

  show(): void {
    const { camera, frame } = this.#parts.display
    const cell = this.#hovered ?? camera.marked
    this.#line.hidden = cell === undefined
    if (cell !== undefined) setText(this.#line, describeCell(frame, cell, stepRange(frame).min))
    this.#showClient(camera.marked)
  }

  /** The client is the one of now, so an earlier frame and a drawing have none. */
  #showClient(marked: Point | undefined): void {
    const { display, listen, log, model } = this.#parts
    const { frame } = model
    const isLive = marked !== undefined && model.hasGame && !display.isPast && display.grid.width === frame.width
    const cell = isLive ? marked.y * frame.width + marked.x : undefined
    if (log.client !== undefined && log.client.cell !== cell) log.clear()
    listen(cell)
    const { client } = log
    this.#client.hidden = client === undefined
    if (client === undefined || marked === undefined) return
    const place = (at: number) => `${Math.floor(at / frame.width)},${at % frame.width}`
    const waits = awaited(client, frame)
    setText(this.#title, `The client of row ${marked.y}, column ${marked.x}`)
    setText(
      this.#connection,
      client.connection !== undefined
        ? `number ${count(client.connection + 1)}, subscribed to ${count(client.neighbours.length)} cells`
        : model.status?.connected === frame.steps.length
          ? "at another process of the server"
          : "none now: it is away"
    )
    const step = frame.steps[client.cell] ?? -1
    setText(this.#step, step < 0 ? "not begun" : count(step))
    setText(
      this.#waits,
      client.neighbours.length === 0
        ? "–"
        : waits.length === 0
          ? `none: it has the states of all ${client.neighbours.length} neighbours`
          : `${waits.length} of ${client.neighbours.length} neighbours: ${waits.map(place).join("  ")}`
    )
    const text = log.messages.map(({ isOwn, text }) => `${isOwn ? "→" : "←"} ${text}`).join("\n")
    if (text === this.#shown) return
    this.#shown = text
    this.#messages.textContent = text
  }
}
