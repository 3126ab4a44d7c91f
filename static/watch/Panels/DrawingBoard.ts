/** Draws a first generation on the grid, in place of the game that is watched. */
import { element } from "../../Element.ts"
import { blank, copied, scatter, setCell, setLine, stateAt } from "../Model/Drawing.ts"
import type { Frame } from "../Model/Model.ts"
import type { Point, Size } from "../Model/Viewport.ts"
import type { Display } from "../Stage/Display.ts"

/** The share of living cells of a random start. */
const density = 0.25

/** Cells of all drawings kept to be gone back to. */
const memoryLimit = 32 * 2 ** 20

export class DrawingBoard {
  readonly #display: Display
  readonly #bar = element("drawing", HTMLElement)
  readonly #hint = element("drawing-hint", HTMLElement)
  readonly #grid = element("grid", HTMLElement)
  readonly #undo = element("drawing-undo", HTMLButtonElement)
  #frame: Frame | undefined
  #watched: Frame | undefined
  #last: Point | undefined
  #ink = 1
  /** The cells before each change, the oldest first. */
  #past: Array<Uint8Array> = []
  #onDone: (frame: Frame) => void = () => {}

  constructor(display: Display) {
    this.#display = display
    const on = (id: string, run: (frame: Frame) => void) =>
      element(id, HTMLButtonElement).addEventListener("click", () => {
        if (this.#frame === undefined) return
        if (id !== "drawing-undo") this.#remember(this.#frame)
        run(this.#frame)
        this.#display.repaint()
      })
    on("drawing-clear", (frame) => frame.states.fill(0))
    on("drawing-random", (frame) => scatter(frame, density, Math.random))
    on("drawing-take", (frame) => {
      if (this.#watched !== undefined) frame.states.set(copied(this.#watched, frame.width, frame.height).states)
    })
    on("drawing-undo", () => this.undo())
    element("drawing-done", HTMLButtonElement).addEventListener("click", () => this.close())
    this.#grid.addEventListener("keydown", (event) => this.#key(event))
    this.#bar.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.#leave(event)
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
    this.#past = []
    this.#showUndo()
    this.#bar.hidden = this.#hint.hidden = false
    this.#display.show(this.#frame)
    this.#grid.focus()
  }

  /** Ends the drawing, and hands it to who asked for it. */
  close(): void {
    const frame = this.#frame
    if (frame === undefined) return
    this.#frame = undefined
    this.#past = []
    this.#bar.hidden = this.#hint.hidden = true
    this.#display.show(undefined)
    this.#onDone(frame)
  }

  /** The same key would close the dialog that opens now. */
  #leave(event: KeyboardEvent): void {
    event.preventDefault()
    this.close()
  }

  /** Takes the last change back: a stroke, say, that was the beginning of a pinch. */
  undo(): void {
    const before = this.#past.pop()
    if (before === undefined || this.#frame === undefined) return
    this.#frame.states.set(before)
    this.#showUndo()
    this.#display.repaint()
  }

  #remember(frame: Frame): void {
    this.#past.push(frame.states.slice())
    if (this.#past.length > 2 && this.#past.length * frame.states.length > memoryLimit) this.#past.shift()
    this.#showUndo()
  }

  #showUndo(): void {
    this.#undo.disabled = this.#past.length === 0
  }

  #key(event: KeyboardEvent): void {
    const frame = this.#frame
    if (frame === undefined) return
    if (event.key === "z" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault()
      this.undo()
    }
    if (event.key === "Escape") this.#leave(event)
    const cell = this.#display.marked
    if (event.key !== "Enter" || cell === undefined) return
    event.preventDefault()
    this.#remember(frame)
    setCell(frame, cell, 1 - stateAt(frame, cell))
    this.#display.repaint()
  }

  /** Draws to a point of the screen: life where the first cell was dead, death where it was alive. */
  stroke(at: Point, isFirst: boolean): void {
    if (this.#frame === undefined) return
    const cell = this.#display.cellAt(at)
    if (isFirst) {
      this.#remember(this.#frame)
      this.#last = cell
      if (cell !== undefined) this.#ink = 1 - stateAt(this.#frame, cell)
    }
    if (cell === undefined) return
    setLine(this.#frame, this.#last ?? cell, cell, this.#ink)
    this.#last = cell
    this.#display.repaint()
  }
}
