/** Draws a first generation on the grid, in place of the game that is watched: by a pen, by stamps, and by parts that are selected. */
import * as Either from "effect/Either"
import type { Grid } from "../../../src/Life/Universe/Grid.ts"
import * as RuleSyntax from "../../../src/Life/Universe/RuleSyntax.ts"
import type { PatternEntry } from "../../../src/Protocol/PatternList.ts"
import { element, setText } from "../../Element.ts"
import { toRle } from "../Model/Clip.ts"
import { blank, copied, scatter, setCell, setLine, stateAt } from "../Model/Drawing.ts"
import type { Frame } from "../Model/Model.ts"
import { Sheet } from "../Model/Sheet.ts"
import type { Point, Size } from "../Model/Viewport.ts"
import type { Display } from "../Stage/Display.ts"
import { describeHeld, StampList } from "./DrawingTools.ts"
import type { Toast } from "./Toast.ts"

/** The share of living cells of a random start. */
const density = 0.25

export class DrawingBoard {
  readonly #display: Display
  readonly #toast: Toast
  readonly #bar = element("drawing", HTMLElement)
  readonly #hint = element("drawing-hint", HTMLElement)
  readonly #tool = element("drawing-tool", HTMLElement)
  readonly #stamping = element("stamping", HTMLElement)
  readonly #selecting = element("selecting", HTMLElement)
  readonly #grid = element("grid", HTMLElement)
  readonly #undo = element("drawing-undo", HTMLButtonElement)
  readonly #select = element("drawing-select", HTMLButtonElement)
  readonly #stamps: StampList
  #sheet: Sheet | undefined
  #watched: Frame | undefined
  /** By which a copy is told. */
  #rule = ""
  /** Where the stroke is, and what it draws. */
  #last: Point | undefined
  #ink = 1
  #onDone: (frame: Frame) => void = () => {}

  constructor(display: Display, toast: Toast) {
    this.#display = display
    this.#toast = toast
    this.#stamps = new StampList((name, clip) => this.stamp(name, clip))
    display.camera.onMark = (cell) => this.#follow(cell)
    const changes: Readonly<Record<string, (frame: Frame) => void>> = {
      "drawing-clear": ({ states }) => states.fill(0),
      "drawing-random": (frame) => scatter(frame, density, Math.random),
      "drawing-take": (frame) => this.#take(frame)
    }
    for (const [id, edit] of Object.entries(changes))
      this.#on(id, (sheet) => {
        sheet.release()
        sheet.remember()
        sheet.change(edit)
      })
    this.#on("drawing-undo", (sheet) => sheet.undo())
    this.#on("drawing-select", (sheet) => this.#startSelecting(sheet))
    this.#on("stamp-place", (sheet) => this.#place(sheet))
    this.#on("stamp-turn", (sheet) => sheet.turn())
    this.#on("stamp-mirror", (sheet) => sheet.mirror("horizontal"))
    this.#on("stamp-drop", (sheet) => this.#release(sheet))
    this.#on("selected-copy", (sheet) => this.#copy(sheet))
    this.#on("selected-cut", (sheet) => this.#cut(sheet))
    this.#on("selected-erase", (sheet) => sheet.clearSelected())
    this.#on("selected-move", (sheet) => this.#lift(sheet))
    this.#on("selected-drop", (sheet) => this.#release(sheet))
    element("drawing-done", HTMLButtonElement).addEventListener("click", () => this.close())
    this.#grid.addEventListener("keydown", (event) => this.#key(event))
    this.#bar.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || this.#sheet === undefined) return
      event.preventDefault()
      if (this.#sheet.held._tag === "Nothing") this.close()
      else this.#act((sheet) => this.#release(sheet))
    })
  }

  get isOpen(): boolean {
    return this.#sheet !== undefined
  }

  /** What the server offers to stamp. */
  set patterns(patterns: ReadonlyArray<PatternEntry>) {
    this.#stamps.patterns = patterns
  }

  /** Opens a grid of `size` for a game of a rule, with the cells of `before` if there are any. */
  open(size: Size, before: Frame | undefined, rule: string, onDone: (frame: Frame) => void): void {
    this.#watched = this.#display.frame
    this.#rule = rule
    const { states } = Either.getOrElse(RuleSyntax.read(rule), () => ({ states: 2 }))
    const drawn = before === undefined ? blank(size.width, size.height) : copied(before, size.width, size.height)
    this.#sheet = new Sheet({ ...drawn, stateCount: Math.max(drawn.stateCount, states) })
    this.#onDone = onDone
    this.#bar.hidden = this.#hint.hidden = false
    this.#display.show(this.#sheet.frame)
    this.#show(this.#sheet)
    this.#grid.focus()
  }

  /** Ends the drawing, and hands it to who asked for it. */
  close(): void {
    const sheet = this.#sheet
    if (sheet === undefined) return
    this.#sheet = undefined
    this.#bar.hidden = this.#hint.hidden = true
    this.#display.camera.outline = undefined
    this.#display.show(undefined)
    this.#onDone(sheet.drawn)
  }

  /** Takes the last change back: a stroke, say, that was the beginning of a pinch. */
  undo(): void {
    this.#act((sheet) => sheet.undo())
  }

  /** Holds a pattern over the cells: where the chosen cell is, or in the middle. */
  stamp(name: string, clip: Grid): void {
    this.#act((sheet) => {
      const cell = this.#cell(sheet)
      const problem = sheet.hold(name, clip, cell)
      if (problem === undefined) this.#display.camera.mark(cell)
      else this.#toast.show(problem)
    })
    this.#grid.focus()
  }

  /** Draws to a point of the screen: life where the first cell was dead, death where it was not. */
  stroke(at: Point, isFirst: boolean): void {
    const cell = this.#display.camera.cellAt(at)
    this.#act((sheet) => {
      const { _tag } = sheet.held
      if (_tag === "Nothing") this.#draw(sheet, cell, isFirst)
      else if (cell === undefined) return
      else if (_tag === "Stamp") {
        if (!isFirst) return
        sheet.moveTo(cell)
        this.#place(sheet)
      } else if (isFirst) sheet.select(cell)
      else sheet.moveTo(cell)
    })
  }

  /** The mouse is over a cell: what is held goes there. */
  hover(cell: Point | undefined): void {
    if (this.#sheet?.held._tag === "Stamp" && cell !== undefined) this.#act((sheet) => sheet.moveTo(cell))
  }

  #on(id: string, run: (sheet: Sheet) => void): void {
    element(id, HTMLButtonElement).addEventListener("click", () => this.#act(run))
  }

  /** Does something to the sheet, and shows it. */
  #act(run: (sheet: Sheet) => void): void {
    const sheet = this.#sheet
    if (sheet === undefined) return
    run(sheet)
    this.#show(sheet)
    this.#display.repaint()
  }

  #show(sheet: Sheet): void {
    const { _tag } = sheet.held
    // A button that has the focus must not vanish with it.
    const hadFocus = [this.#stamping, this.#selecting].some((part) => part.contains(document.activeElement))
    this.#stamping.hidden = _tag !== "Stamp"
    this.#selecting.hidden = _tag !== "Selection"
    if (hadFocus && this.#stamping.hidden && this.#selecting.hidden) this.#grid.focus()
    this.#undo.disabled = !sheet.canUndo
    this.#select.setAttribute("aria-pressed", String(_tag === "Selection"))
    setText(this.#tool, describeHeld(sheet))
    this.#display.camera.outline = sheet.outline
  }

  /** The cell that was chosen, or the one in the middle. */
  #cell({ frame: { height, width } }: Sheet): Point {
    return this.#display.camera.marked ?? { x: Math.floor(width / 2), y: Math.floor(height / 2) }
  }

  #follow(cell: Point | undefined): void {
    if (this.#sheet === undefined || this.#sheet.held._tag === "Nothing" || cell === undefined) return
    this.#act((sheet) => sheet.moveTo(cell))
  }

  #startSelecting(sheet: Sheet): void {
    if (sheet.held._tag === "Selection") return sheet.release()
    const cell = this.#cell(sheet)
    sheet.select(cell)
    this.#display.camera.mark(cell)
    this.#grid.focus()
  }

  #place(sheet: Sheet): void {
    sheet.place()
    this.#toast.show("Placed. Esc puts the pattern away.")
  }

  #release(sheet: Sheet): void {
    sheet.release()
    this.#grid.focus()
  }

  #copy(sheet: Sheet): void {
    const clip = sheet.selected
    if (clip === undefined) return
    this.#stamps.copied = clip
    const copied = navigator.clipboard?.writeText(toRle(clip, this.#rule)) ?? Promise.reject(new Error("none"))
    copied.then(
      () => this.#toast.show("The selected cells were copied as a pattern."),
      () =>
        this.#toast.show(
          "The selected cells were copied: “Stamp” has them. This browser gives no access to its clipboard."
        )
    )
  }

  #cut(sheet: Sheet): void {
    this.#copy(sheet)
    sheet.clearSelected()
  }

  #lift(sheet: Sheet): void {
    sheet.lift()
    // From here the keys move it.
    if (sheet.held._tag === "Stamp") this.#display.camera.mark(sheet.held.cell)
    this.#grid.focus()
  }

  #take({ height, states, width }: Frame): void {
    if (this.#watched !== undefined) states.set(copied(this.#watched, width, height).states)
  }

  #draw(sheet: Sheet, cell: Point | undefined, isFirst: boolean): void {
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

  /** What a key does on the grid; undefined if nothing: then it is a key of the page. */
  #meaning(event: KeyboardEvent, sheet: Sheet): ((sheet: Sheet) => void) | undefined {
    const { _tag } = sheet.held
    const key = event.key.toLowerCase()
    if (event.ctrlKey || event.metaKey) {
      if (key === "z") return () => sheet.undo()
      if (_tag === "Selection" && key === "c") return () => this.#copy(sheet)
      return _tag === "Selection" && key === "x" ? () => this.#cut(sheet) : undefined
    }
    if (key === "s") return () => this.#startSelecting(sheet)
    if (_tag !== "Nothing" && key === "escape") return () => this.#release(sheet)
    if (_tag === "Stamp") {
      if (key === "enter") return () => this.#place(sheet)
      if (key === "r") return () => sheet.turn()
      if (key === "x") return () => sheet.mirror("horizontal")
      return key === "y" ? () => sheet.mirror("vertical") : undefined
    }
    if (_tag === "Selection") {
      if (key === "delete" || key === "backspace") return () => sheet.clearSelected()
      if (key === "m") return () => this.#lift(sheet)
      return key === "enter" ? () => sheet.select(this.#cell(sheet)) : undefined
    }
    if (key === "escape") return () => this.close()
    return key === "enter" && this.#display.camera.marked !== undefined ? () => this.#toggle(sheet) : undefined
  }

  #toggle(sheet: Sheet): void {
    const cell = this.#cell(sheet)
    sheet.remember()
    sheet.change((drawn) => setCell(drawn, cell, stateAt(drawn, cell) === 0 ? 1 : 0))
  }

  #key(event: KeyboardEvent): void {
    if (this.#sheet === undefined) return
    const meaning = this.#meaning(event, this.#sheet)
    if (meaning === undefined) return
    // The same key may have a meaning for the page, or close the dialog that opens now.
    event.preventDefault()
    event.stopImmediatePropagation()
    this.#act(meaning)
  }
}
