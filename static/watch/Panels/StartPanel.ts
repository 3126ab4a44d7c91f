/** Chooses a game, and shows the command that starts it; where the server owns its workers, starts it. */
import * as Either from "effect/Either"
import * as RuleSyntax from "../../../src/Life/Universe/RuleSyntax.ts"
import type { GameRequest, Start } from "../../../src/Protocol/Control.ts"
import { cellsFile, maxCells } from "../../../src/Protocol/Control.ts"
import type { PatternEntry, PatternList } from "../../../src/Protocol/PatternList.ts"
import { element } from "../../Element.ts"
import { commandFor } from "../Model/Command.ts"
import { copied, placed, toRleBody } from "../Model/Drawing.ts"
import { count } from "../Model/Format.ts"
import type { Frame } from "../Model/Model.ts"
import { extentOf, roomFor } from "../Model/Room.ts"
import { formatStartLink } from "../Model/StartLink.ts"
import type { Universe } from "../Model/Universe.ts"
import type { Size } from "../Model/Viewport.ts"
import type { ReadPattern } from "../Net/PatternReading.ts"
import { readPattern } from "../Net/PatternReading.ts"
import type { DrawingBoard } from "./DrawingBoard.ts"
import { Gallery } from "./Gallery.ts"
import type { Toast } from "./Toast.ts"

export interface StartHandlers {
  readonly board: DrawingBoard
  readonly toast: Toast
  /** Whether the control channel is being connected for the first time. */
  readonly isConnecting: () => boolean
  /** Starts a game by the control channel; false when there is no connection. */
  readonly onStart: (game: GameRequest) => boolean
}

const usualRule = "B3/S23"

/** Cells about a pattern that was brought. */
const margin = 16

/** The names of Golly's letters. */
const topologyNames: Readonly<Record<string, string>> = {
  T: "torus",
  P: "plane",
  K: "klein",
  C: "cross-surface",
  S: "sphere"
}

/** Chooses a value of a list, which is added where it is none of the usual. */
const choose = (list: HTMLSelectElement, value: string): void => {
  if (![...list.options].some((option) => option.value === value)) list.add(new Option(value, value))
  list.value = value
}

export class StartPanel {
  readonly #handlers: StartHandlers
  readonly #dialog = element("start", HTMLDialogElement)
  readonly #form = element("start-form", HTMLFormElement)
  readonly #gallery = new Gallery((pattern) => this.#makeRoom(pattern))
  readonly #about = element("pattern-about", HTMLElement)
  readonly #density = element("density", HTMLInputElement)
  readonly #densityText = element("density-text", HTMLOutputElement)
  readonly #drawnText = element("drawn-text", HTMLElement)
  readonly #width = element("width", HTMLInputElement)
  readonly #height = element("height", HTMLInputElement)
  readonly #rule = element("rule", HTMLInputElement)
  readonly #edges = element("edges", HTMLSelectElement)
  readonly #speed = element("speed", HTMLSelectElement)
  readonly #command = element("command", HTMLTextAreaElement)
  readonly #problem = element("start-problem", HTMLElement)
  readonly #copy = element("copy", HTMLButtonElement)
  readonly #ruleProblem = element("rule-problem", HTMLElement)
  readonly #begin = element("begin", HTMLButtonElement)
  #list: PatternList = { command: "effect-c10k life", hasControl: false, patterns: [] }
  #drawn: Frame | undefined
  #last: GameRequest | undefined
  /** The rule of the pattern that was chosen last, if it is for one. */
  #patternRule: string | undefined
  /** The pattern that a link asked for before the library was there. */
  #awaited: string | undefined

  constructor(handlers: StartHandlers) {
    this.#handlers = handlers
    this.#form.addEventListener("input", () => this.refresh())
    element("draw", HTMLButtonElement).addEventListener("click", () => this.#draw())
    this.#copy.addEventListener("click", () => this.#copyCommand())
    element("start-close", HTMLButtonElement).addEventListener("click", () => this.#dialog.close())
    element("start-link", HTMLButtonElement).addEventListener("click", () => this.#copyLink())
    // Also by Enter, in any field.
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault()
      if (this.#list.hasControl) this.#start()
      else this.#copyCommand()
    })
  }

  /** What the server offers. */
  set list(list: PatternList) {
    this.#list = list
    this.#gallery.patterns = list.patterns
    if (this.#awaited !== undefined) this.#gallery.choose(this.#awaited)
    this.#begin.textContent = list.hasControl ? "Start this game" : "Copy the command"
    this.#copy.hidden = !list.hasControl
    this.refresh()
  }

  open(grid: Size): void {
    if (grid.width > 0) {
      this.#width.value = String(grid.width)
      this.#height.value = String(grid.height)
    }
    this.#dialog.showModal()
    this.#gallery.draw()
    this.refresh()
  }

  /** Opens with the game of a link. */
  async fill(game: GameRequest): Promise<void> {
    const { height, rule, speed, start, topology, width } = game
    this.#width.value = String(width)
    this.#height.value = String(height)
    this.#rule.value = rule
    choose(this.#edges, topology)
    choose(this.#speed, String(speed))
    this.#source = start.type === "cells" ? "drawn" : start.type
    if (start.type === "random") this.#density.value = String(Math.round(start.density * 100))
    if (start.type === "pattern" && !this.#gallery.choose(start.name)) this.#awaited = start.name
    if (start.type === "cells") {
      const { cells, height: rows, width: columns } = await readPattern(cellsFile(start.rle))
      this.#drawn = placed({ cells, width: columns, height: rows }, { width, height }, { x: 0, y: 0 })
    }
    this.#show()
  }

  /** Opens with a pattern that the viewer brought, in the middle of a grid that grows for it. */
  take({ cells, height, rule, width }: ReadPattern): void {
    const grow = (field: HTMLInputElement, extent: number) => {
      if (!(field.valueAsNumber >= extent)) field.value = String(extent)
    }
    grow(this.#width, width + margin)
    grow(this.#height, height + margin)
    const size = this.#size
    if (size.width * size.height > maxCells)
      return this.#handlers.toast.show(`This pattern is too large: a grid has at most ${count(maxCells)} cells.`)
    if (rule !== undefined) this.#rule.value = rule
    const at = { x: Math.floor((size.width - width) / 2), y: Math.floor((size.height - height) / 2) }
    this.#drawn = placed({ cells, width, height }, size, at)
    this.#source = "drawn"
    this.#show()
  }

  /** Changes the cells of a game, then opens to start one from them, of the same rule and edges. */
  edit(frame: Frame, { edges, rule }: Universe): void {
    if (frame.width === 0) return this.open(frame)
    this.#width.value = String(frame.width)
    this.#height.value = String(frame.height)
    if (rule !== undefined) this.#rule.value = rule
    if (edges !== undefined) choose(this.#edges, topologyNames[edges.charAt(0)] ?? edges)
    this.#source = "drawn"
    this.#drawn = copied(frame, frame.width, frame.height)
    this.#draw()
  }

  #show(): void {
    if (!this.#dialog.open) this.#dialog.showModal()
    this.#gallery.draw()
    this.refresh()
  }

  #copyLink(): void {
    const { toast } = this.#handlers
    const hash = formatStartLink(this.#game)
    if (hash === undefined) return toast.show("These cells are too many for a link: start them, and save the pattern.")
    const link = `${location.origin}${location.pathname}${hash}`
    const copied = navigator.clipboard?.writeText(link) ?? Promise.reject(new Error("none"))
    copied.then(
      () => toast.show("The link was copied: it opens this panel with this game."),
      () => {
        history.replaceState(null, "", hash)
        toast.show("The link is in the address bar.")
      }
    )
  }

  /** Starts once more what was started last from this page; false when nothing was, or there is no connection. */
  again(): boolean {
    return this.#last !== undefined && this.#handlers.onStart(this.#last)
  }

  /** The grid grows for a pattern that needs more, and has the rule and the edges that it needs. */
  #makeRoom(pattern: PatternEntry): void {
    const room = roomFor(pattern)
    const { height, width } = this.#size
    if (!(width >= room.width)) this.#width.value = String(room.width)
    if (!(height >= room.height)) this.#height.value = String(room.height)
    if (room.edges !== undefined) this.#edges.value = room.edges
    // A rule that the viewer wrote stays, unless the pattern is for another.
    if (pattern.rule !== undefined || this.#rule.value === this.#patternRule)
      this.#rule.value = pattern.rule ?? usualRule
    this.#patternRule = pattern.rule
    this.refresh()
  }

  get #source(): string {
    return String(new FormData(this.#form).get("source"))
  }

  set #source(source: "pattern" | "random" | "drawn") {
    for (const radio of this.#form.querySelectorAll<HTMLInputElement>('[name="source"]'))
      radio.checked = radio.value === source
  }

  get #chosen(): PatternEntry | undefined {
    return this.#gallery.chosen
  }

  get #size(): Size {
    return { width: this.#width.valueAsNumber, height: this.#height.valueAsNumber }
  }

  get #firstGeneration(): Start {
    switch (this.#source) {
      case "pattern":
        return { type: "pattern", name: this.#chosen?.name ?? "" }
      case "drawn":
        return { type: "cells", rle: this.#drawn === undefined ? "!" : toRleBody(this.#drawn) }
      default:
        return { type: "random", density: this.#density.valueAsNumber / 100 }
    }
  }

  get #game(): GameRequest {
    return {
      ...this.#size,
      rule: this.#rule.value.trim(),
      topology: this.#edges.value,
      speed: Number(this.#speed.value),
      start: this.#firstGeneration
    }
  }

  /** What keeps the game from being started, in a sentence. */
  get #obstacle(): string | undefined {
    const { height, width } = this.#size
    if (!(Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0))
      return "Columns and rows are whole numbers from 1 on."
    if (width * height > maxCells) return `A grid has at most ${count(maxCells)} cells.`
    if (this.#source === "drawn" && !this.#drawn?.states.includes(1)) return "Draw some living cells first."
    if (this.#source !== "pattern") return undefined
    const pattern = this.#chosen
    if (pattern === undefined) return "The server offers no patterns; choose random cells or draw some."
    const extent = extentOf(pattern)
    if (extent.width > width || extent.height > height)
      return `This pattern needs ${extent.width} columns and ${extent.height} rows.`
    return undefined
  }

  /** What is wrong with the rule as it is written. */
  get #ruleObstacle(): string | undefined {
    const text = this.#rule.value.trim()
    if (text === "") return "A rule is needed, such as B3/S23."
    const rule = RuleSyntax.read(text)
    return Either.isLeft(rule) ? `Not a rule: ${rule.left}. Write it like B3/S23.` : undefined
  }

  /** Shows what is wrong with the game, if anything, and whether it can be started now. */
  refresh(): void {
    const source = this.#source
    for (const part of this.#form.querySelectorAll<HTMLElement>("[data-source]"))
      part.hidden = part.getAttribute("data-source") !== source
    const pattern = this.#chosen
    this.#about.textContent = pattern?.about ?? ""
    this.#densityText.textContent = `${this.#density.value} %`
    const alive = this.#drawn?.states.filter((state) => state > 0).length ?? 0
    this.#drawnText.textContent = alive === 0 ? "Nothing is drawn yet." : `${count(alive)} living cells are drawn.`
    const obstacle = this.#obstacle
    this.#problem.textContent = obstacle ?? ""
    const ruleObstacle = this.#ruleObstacle
    this.#ruleProblem.textContent = ruleObstacle ?? ""
    this.#rule.setAttribute("aria-invalid", String(ruleObstacle !== undefined))
    const isReady = obstacle === undefined && ruleObstacle === undefined
    this.#copy.disabled = !isReady
    // What is pressed meanwhile would be lost.
    this.#begin.disabled = !isReady || (this.#list.hasControl && this.#handlers.isConnecting())
    this.#command.value = isReady
      ? commandFor(this.#list.command, this.#game, `${location.origin}${location.pathname}`.replace(/\/$/, ""))
      : "–"
  }

  #draw(): void {
    const { height, width } = this.#size
    if (!(width > 0 && height > 0 && width * height <= maxCells)) return
    this.#dialog.close()
    this.#handlers.board.open(this.#size, this.#drawn, this.#rule.value.trim(), (frame) => {
      this.#drawn = frame
      this.#dialog.showModal()
      this.refresh()
    })
  }

  #copyCommand(): void {
    const { toast } = this.#handlers
    const copied = navigator.clipboard?.writeText(this.#command.value) ?? Promise.reject(new Error("none"))
    copied.then(
      () => toast.show("The command was copied: run it in a terminal."),
      () => {
        this.#command.select()
        toast.show("This browser gives no access to its clipboard: the command is selected, copy it by hand.")
      }
    )
  }

  #start(): void {
    this.#last = this.#game
    const isSent = this.#handlers.onStart(this.#last)
    if (isSent) this.#dialog.close()
    else this.#handlers.toast.show("There is no connection to the server at present.")
  }
}
