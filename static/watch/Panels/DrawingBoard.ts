/** Draws a first generation on the grid, which shows the drawing instead of the game. There is a pen, stamps, and a selection. */
import * as Either from "effect/Either"
import type { Grid } from "../../../src/Life/Universe/Grid.ts"
import * as Rule from "../../../src/Life/Universe/Rule.ts"
import * as RuleText from "../../../src/Life/Universe/RuleText.ts"
import type { PatternEntry } from "../../../src/Protocol/PatternList.ts"
import { copyText } from "../../Clipboard.ts"
import { element, setText } from "../../Element.ts"
import { toRle } from "../Model/Clip.ts"
import { blank, copied, scatter } from "../Model/Drawing.ts"
import { commandOf, type DrawingCommand } from "../Model/DrawingKeys.ts"
import type { Frame } from "../Model/Model.ts"
import { Pen } from "../Model/Pen.ts"
import { Sheet } from "../Model/Sheet.ts"
import type { Point, Size } from "../Model/Viewport.ts"
import type { Display } from "../Stage/Display.ts"
import { passFocus } from "./Actions.ts"
import { describeTool, StampList } from "./DrawingTools.ts"
import type { Toast } from "./Toast.ts"

/** The part of live cells when the drawing is filled at random. */
const DENSITY = 0.25

const buttons: Readonly<Record<string, DrawingCommand>> = {
  "drawing-undo": "undo",
  "drawing-redo": "redo",
  "drawing-clear": "clear",
  "drawing-random": "random",
  "drawing-take": "take",
  "drawing-select": "select",
  "drawing-done": "close",
  "stamp-place": "place",
  "stamp-turn": "turn",
  "stamp-mirror": "mirror",
  "stamp-drop": "release",
  "selected-copy": "copy",
  "selected-cut": "cut",
  "selected-erase": "erase",
  "selected-move": "lift",
  "selected-drop": "release"
}

export class DrawingBoard {
  readonly #display: Display
  readonly #toast: Toast
  readonly #bar = element("drawing", HTMLElement)
  readonly #hint = element("drawing-hint", HTMLElement)
  readonly #tool = element("drawing-tool-what", HTMLElement)
  readonly #toolKeys = element("drawing-tool-keys", HTMLElement)
  readonly #stamping = element("stamping", HTMLElement)
  readonly #selecting = element("selecting", HTMLElement)
  readonly #grid = element("grid", HTMLElement)
  readonly #undo = element("drawing-undo", HTMLButtonElement)
  readonly #redo = element("drawing-redo", HTMLButtonElement)
  readonly #select = element("drawing-select", HTMLButtonElement)
  readonly #takes = element("drawing-take", HTMLButtonElement)
  readonly #ink = element("drawing-ink", HTMLSelectElement)
  readonly #stamps: StampList
  readonly #commands: Readonly<Record<DrawingCommand, (sheet: Sheet) => void>> = {
    clear: (sheet) => this.#change(sheet, ({ states }) => states.fill(0)),
    close: () => this.close(),
    copy: (sheet) => this.#copy(sheet),
    cut: (sheet) => this.#cut(sheet),
    erase: (sheet) => sheet.clearSelected(),
    lift: (sheet) => this.#lift(sheet),
    mirror: (sheet) => sheet.mirror("horizontal"),
    "mirror-down": (sheet) => sheet.mirror("vertical"),
    place: (sheet) => this.#place(sheet),
    redo: (sheet) => sheet.redo(),
    random: (sheet) => this.#change(sheet, (frame) => scatter(frame, DENSITY, Math.random)),
    release: (sheet) => this.#release(sheet),
    restart: (sheet) => sheet.select(this.#cell(sheet)),
    select: (sheet) => this.#startSelecting(sheet),
    take: (sheet) => this.#change(sheet, (frame) => this.#take(frame)),
    toggle: (sheet) => this.#toggle(sheet),
    turn: (sheet) => sheet.turn(),
    undo: (sheet) => sheet.undo()
  }
  #sheet: Sheet | undefined
  /** The sheets of drawings that have ended, by their cells: who goes on with one can undo what was drawn before. */
  readonly #ended = new WeakMap<Frame, Sheet>()
  #watched: Frame | undefined
  /** The rule for copied patterns. */
  #rule = ""
  readonly #pen = new Pen()
  #onDone: (frame: Frame, isChanged: boolean) => void = () => {}

  constructor(display: Display, toast: Toast) {
    this.#display = display
    this.#toast = toast
    this.#stamps = new StampList((name, clip) => this.stamp(name, clip))
    display.camera.onMark = (cell) => this.#follow(cell)
    this.#ink.addEventListener("change", () => {
      this.#pen.state = Number(this.#ink.value)
    })
    for (const [id, command] of Object.entries(buttons))
      element(id, HTMLButtonElement).addEventListener("click", () => this.#act(this.#commands[command]))
    // Before the keys of the page, some of which mean something else while one draws.
    this.#grid.addEventListener("keydown", (event) => this.#key(event), { capture: true })
    this.#bar.addEventListener("keydown", (event) => {
      // The keys of its buttons, such as Enter, are theirs.
      if (event.key === "Escape" || event.ctrlKey || event.metaKey) this.#key(event)
    })
  }

  get isOpen(): boolean {
    return this.#sheet !== undefined
  }

  /** The patterns that the server offers as stamps. */
  set patterns(patterns: ReadonlyArray<PatternEntry>) {
    this.#stamps.patterns = patterns
  }

  /** Opens a drawing of `size` for a rule, with the cells of `before` if there are any, and the changes that led to them. */
  open(size: Size, before: Frame | undefined, rule: string, onDone: (frame: Frame, isChanged: boolean) => void): void {
    this.#watched = this.#display.seenGame
    this.#takes.disabled = this.#watched === undefined
    this.#rule = rule
    const known = Either.getOrElse(RuleText.read(rule), () => Rule.life)
    const drawn = before === undefined ? blank(size.width, size.height) : copied(before, size.width, size.height)
    const sheet = { ...drawn, stateCount: Math.max(drawn.stateCount, known.states) }
    this.#sheet = new Sheet(sheet, before && this.#ended.get(before))
    this.#onDone = onDone
    this.#offerStates(this.#sheet.frame.stateCount)
    this.#bar.hidden = this.#hint.hidden = false
    this.#display.show(this.#sheet.frame, RuleText.format(known))
    this.#show(this.#sheet)
    this.#grid.focus()
  }

  /** Ends the drawing and passes it to `onDone`, with whether the viewer has changed it. */
  close(): void {
    const sheet = this.#sheet
    if (sheet === undefined) return
    this.#sheet = undefined
    this.#ended.set(sheet.drawn, sheet)
    // The panel that opens now gives the focus back to where it was.
    passFocus(this.#bar)
    this.#bar.hidden = this.#hint.hidden = true
    this.#display.camera.outline = undefined
    this.#display.show(undefined)
    this.#onDone(sheet.drawn, sheet.canUndo)
  }

  /** Changes one cell, as a click on it does. */
  toggleAt(cell: Point): void {
    this.#act((sheet) => this.#pen.toggle(sheet, cell))
  }

  /** The states that the pen can draw, if the rule has dying cells. */
  #offerStates(stateCount: number): void {
    this.#pen.state = 1
    this.#ink.hidden = stateCount <= 2
    this.#ink.replaceChildren(
      ...Array.from(
        { length: stateCount - 1 },
        (_, index) => new Option(index === 0 ? "Pen: alive" : `Pen: dying, state ${index + 1}`, String(index + 1))
      )
    )
  }

  /** Takes back a stroke that was the beginning of a pinch. */
  discard(): void {
    this.#act((sheet) => sheet.discard())
  }

  /** Holds a pattern over the chosen cell, or in the centre. */
  stamp(name: string, clip: Grid): void {
    this.#act((sheet) => {
      const cell = this.#cell(sheet)
      const problem = sheet.startStamp(name, clip, cell)
      if (problem === undefined) this.#display.camera.mark(cell)
      else this.#toast.show(problem)
    })
    this.#grid.focus()
  }

  /** Draws to a point of the screen. */
  stroke(at: Point, isFirst: boolean): void {
    const cell = this.#display.camera.cellAt(at)
    this.#act((sheet) => {
      const { _tag } = sheet.tool
      if (_tag === "Nothing") this.#pen.stroke(sheet, cell, isFirst)
      else if (cell === undefined) return
      else if (_tag === "Stamp") {
        if (!isFirst) return
        sheet.moveTo(cell)
        this.#place(sheet)
      } else if (isFirst) sheet.select(cell)
      else sheet.moveTo(cell)
    })
  }

  /** The mouse is over a cell. A held pattern moves there. */
  hover(cell: Point | undefined): void {
    if (this.#sheet?.tool._tag === "Stamp" && cell !== undefined) this.#act((sheet) => sheet.moveTo(cell))
  }

  /** Changes the sheet and shows it. */
  #act(run: (sheet: Sheet) => void): void {
    const sheet = this.#sheet
    if (sheet === undefined) return
    run(sheet)
    // The change may have ended the drawing.
    if (this.#sheet !== sheet) return
    this.#show(sheet)
    this.#display.repaint()
  }

  #show(sheet: Sheet): void {
    const { _tag } = sheet.tool
    if (_tag !== "Stamp") passFocus(this.#stamping)
    if (_tag !== "Selection") passFocus(this.#selecting)
    this.#stamping.hidden = _tag !== "Stamp"
    this.#selecting.hidden = _tag !== "Selection"
    for (const [button, can] of [
      [this.#undo, sheet.canUndo],
      [this.#redo, sheet.canRedo]
    ] as const) {
      if (!can) passFocus(button)
      button.disabled = !can
    }
    this.#select.setAttribute("aria-pressed", String(_tag === "Selection"))
    const { keys, what } = describeTool(sheet)
    setText(this.#tool, what)
    setText(this.#toolKeys, keys)
    this.#display.camera.outline = sheet.outline
  }

  /** The chosen cell, or the one in the centre. */
  #cell({ frame: { height, width } }: Sheet): Point {
    return this.#display.camera.marked ?? { x: Math.floor(width / 2), y: Math.floor(height / 2) }
  }

  #follow(cell: Point | undefined): void {
    if (this.#sheet === undefined || this.#sheet.tool._tag === "Nothing" || cell === undefined) return
    this.#act((sheet) => sheet.moveTo(cell))
  }

  #startSelecting(sheet: Sheet): void {
    if (sheet.tool._tag === "Selection") return sheet.release()
    const cell = this.#cell(sheet)
    sheet.select(cell)
    this.#display.camera.mark(cell)
    this.#grid.focus()
  }

  #place(sheet: Sheet): void {
    sheet.place()
    this.#toast.show("Placed. “Remove” puts the pattern away.")
  }

  #release(sheet: Sheet): void {
    sheet.release()
    this.#grid.focus()
  }

  async #copy(sheet: Sheet): Promise<void> {
    const clip = sheet.selected
    if (clip === undefined) return
    this.#stamps.copied = clip
    const isCopied = await copyText(toRle(clip, this.#rule))
    this.#toast.show(
      isCopied
        ? "The selected cells were copied as a pattern."
        : "The selected cells were copied to the list “Stamp”, because this browser gives no access to its clipboard."
    )
  }

  #cut(sheet: Sheet): void {
    // Copy the cells before waiting for the clipboard.
    void this.#copy(sheet)
    sheet.clearSelected()
  }

  #lift(sheet: Sheet): void {
    sheet.lift()
    // The arrow keys move the stamp from the marked cell.
    if (sheet.tool._tag === "Stamp") this.#display.camera.mark(sheet.tool.cell)
    this.#grid.focus()
  }

  /** Drops the held pattern and changes the cells. */
  #change(sheet: Sheet, edit: (drawn: Frame) => void): void {
    sheet.release()
    sheet.remember()
    sheet.change(edit)
  }

  #take({ height, states, width }: Frame): void {
    if (this.#watched !== undefined) states.set(copied(this.#watched, width, height).states)
  }

  #toggle(sheet: Sheet): void {
    const cell = this.#display.camera.marked
    if (cell !== undefined) this.#pen.toggle(sheet, cell)
  }

  #key(event: KeyboardEvent): void {
    if (this.#sheet === undefined) return
    const command = commandOf(event, this.#sheet.tool)
    if (command === undefined) return
    // The same key may have another meaning for the page, or would close the dialog that opens now.
    event.preventDefault()
    event.stopImmediatePropagation()
    this.#act(this.#commands[command])
  }
}
