/** Chooses a game and shows the command that starts it. If the server owns its workers, the panel starts the game itself. */
import type { GameRequest, Start } from "../../../src/Protocol/Control.ts"
import { cellsFile, MAX_CELLS } from "../../../src/Protocol/Control.ts"
import type { PatternEntry, PatternList } from "../../../src/Protocol/PatternList.ts"
import { copyText } from "../../Clipboard.ts"
import { element } from "../../Element.ts"
import { commandFor } from "../Model/Command.ts"
import { copied, placed, toRleBody } from "../Model/Drawing.ts"
import { count } from "../Model/Format.ts"
import type { Frame } from "../Model/Model.ts"
import { ROOM_TO_GROW, roomFor } from "../Model/Room.ts"
import { formatStartLink } from "../Model/StartLink.ts"
import { problemOfEdges, problemOfRule, problemOfStart, type StartSource } from "../Model/StartObstacle.ts"
import type { Universe } from "../Model/Universe.ts"
import type { Size } from "../Model/Viewport.ts"
import type { ReadPattern } from "../Net/PatternReading.ts"
import { readPattern } from "../Net/PatternReading.ts"
import { noPatterns } from "../Net/Patterns.ts"
import type { Display } from "../Stage/Display.ts"
import type { DrawingBoard } from "./DrawingBoard.ts"
import { Gallery } from "./Gallery.ts"
import type { PageState, PageStore } from "./PageState.ts"
import { StartFields } from "./StartFields.ts"
import type { Toast } from "./Toast.ts"

export interface StartingParts {
  readonly display: Display
  readonly store: PageStore
  readonly toast: Toast
  /** Whether the first connection to the control channel is being opened. */
  readonly isConnecting: () => boolean
  /** Loads the patterns, which nothing needs before. */
  readonly onFirstUse: () => void
  /** The number of clients of the game that runs now, which another one ends; 0 if none runs. */
  readonly clients: () => number
  /** Starts a game through the control channel. Returns false if there is no connection. */
  readonly onStart: (game: GameRequest) => boolean
}

interface StartPanelParts extends StartingParts {
  readonly board: DrawingBoard
}

const USUAL_RULE = "B3/S23"

/** Empty cells around a pattern that the viewer loads. */
const MARGIN = 16

/** A drawing of the viewer, with the rule and the edges that it was made for. */
interface Drawing {
  readonly frame: Frame
  readonly rule: string
  readonly edges: string
}

/** The most drawings that are kept. */
const MOST_KEPT = 5

const describeDrawn = (drawn: Frame | undefined): string => {
  const alive = drawn?.states.filter((state) => state === 1).length ?? 0
  const dying = drawn?.states.filter((state) => state > 1).length ?? 0
  if (alive + dying === 0) return "Nothing is drawn yet."
  const living = `${count(alive)} living ${alive === 1 ? "cell" : "cells"}`
  return dying === 0
    ? `${living} ${alive === 1 ? "is" : "are"} drawn.`
    : `${living} and ${count(dying)} dying ${dying === 1 ? "one" : "ones"} are drawn.`
}

/** The first of these sizes that a grid may have. */
const possible = (sizes: ReadonlyArray<Size>): Size | undefined =>
  sizes.find(({ height, width }) => width * height <= MAX_CELLS)

/** The names of edges that are joined without a shift or a twist. */
const topologyNames: Readonly<Record<string, string>> = { T: "torus", P: "plane", C: "cross-surface", S: "sphere" }

export class StartPanel {
  readonly #parts: StartPanelParts
  readonly #dialog = element("start", HTMLDialogElement)
  readonly #fields = new StartFields()
  readonly #gallery = new Gallery((pattern) => this.#makeRoom(pattern))
  readonly #about = element("pattern-about", HTMLElement)
  readonly #drawnText = element("drawn-text", HTMLElement)
  readonly #command = element("command", HTMLTextAreaElement)
  readonly #problem = element("start-problem", HTMLElement)
  readonly #ends = element("start-ends", HTMLElement)
  readonly #copy = element("copy", HTMLButtonElement)
  readonly #begin = element("begin", HTMLButtonElement)
  #list: PatternList = noPatterns
  #isLoaded = false
  #drawn: Frame | undefined
  /** Whether the viewer has drawn it, or changed a part of it. */
  #isOwn = false
  /** Drawings of the viewer in whose place something else has come, the newest last. */
  readonly #kept: Array<Drawing> = []
  readonly #back = element("drawn-back", HTMLButtonElement)
  #last: GameRequest | undefined
  /** The rule of the pattern that was chosen last, if the pattern has one. */
  #patternRule: string | undefined
  /** The edges that the last loaded pattern asked for. */
  #patternEdges: string | undefined
  /** The pattern that a link asked for before the library was loaded. */
  #awaited: string | undefined

  constructor(parts: StartPanelParts) {
    this.#parts = parts
    this.#fields.form.addEventListener("input", () => this.#refresh())
    element("draw", HTMLButtonElement).addEventListener("click", () => this.#draw())
    this.#back.addEventListener("click", () => this.#takeBack())
    this.#copy.addEventListener("click", () => this.#copyCommand())
    element("start-close", HTMLButtonElement).addEventListener("click", () => this.#dialog.close())
    element("start-link", HTMLButtonElement).addEventListener("click", () => this.#copyLink())
    parts.store.on(["offer", "run"], (state) => this.#show(state))
    parts.store.on(["options"], () => {
      if (this.#dialog.open) this.#gallery.draw()
    })
    // Enter in any field submits too.
    this.#fields.form.addEventListener("submit", (event) => {
      event.preventDefault()
      if (this.#list.hasControl) this.#start()
      else this.#copyCommand()
    })
  }

  #show({ offer: { isLoaded, list } }: PageState): void {
    const isNew = list !== this.#list
    this.#list = list
    this.#isLoaded = isLoaded
    if (isNew) {
      this.#gallery.patterns = list.patterns
      this.#parts.board.patterns = list.patterns
    }
    if (isLoaded && this.#awaited !== undefined) this.#choose(this.#awaited)
    this.#showButtons()
    this.#refresh()
  }

  #showButtons(): void {
    const { hasControl } = this.#list
    this.#begin.textContent = hasControl ? "Start this game" : "Copy the command"
    this.#copy.hidden = !hasControl
  }

  open(grid: Size): void {
    const drawn = this.#fields.source === "drawn" ? this.#drawn : undefined
    if (grid.width > 0) this.#fields.size = drawn ?? grid
    this.#open()
  }

  /** Opens the panel with the game of a link. */
  async fill(game: GameRequest): Promise<void> {
    const { height, rule, speed, start, topology, width } = game
    // A viewer who draws may follow a link, too.
    this.#parts.board.close()
    this.#keep()
    this.#fields.size = { width, height }
    this.#fields.rule = rule
    this.#fields.edges = topology
    this.#fields.speed = speed
    this.#fields.source = start.type === "cells" ? "drawn" : start.type
    if (start.type === "random") this.#fields.density = start.density
    if (start.type === "pattern") this.#choose(start.name)
    if (start.type === "cells") this.#set(undefined)
    this.#open()
    if (start.type !== "cells") return
    const { cells, height: rows, width: columns } = await readPattern(cellsFile(start.rle))
    const size = { width: Math.max(width, columns), height: Math.max(height, rows) }
    this.#set(placed({ cells, width: columns, height: rows }, size, { x: 0, y: 0 }))
    this.#refresh()
  }

  /** Chooses the pattern of a link, now or when the server has said which ones it has. */
  #choose(name: string): void {
    this.#awaited = this.#isLoaded ? undefined : name
    if (!this.#gallery.choose(name) && this.#isLoaded)
      this.#parts.toast.show(`This server has no pattern “${name}”: choose another one.`)
  }

  /**
   * Opens the panel with a pattern that the viewer has loaded, in the centre of a grid that is large enough, or of the size that
   * the pattern asks for.
   */
  take({ cells, height, isGun, rule, topology, width }: ReadPattern): void {
    const side = isGun ? Math.max(ROOM_TO_GROW, 2 * Math.max(width, height)) : 0
    const roomy = { width: Math.max(width + MARGIN, side), height: Math.max(height + MARGIN, side) }
    const now = this.#fields.size
    const grown = { width: Math.max(now.width || 0, roomy.width), height: Math.max(now.height || 0, roomy.height) }
    // A pattern that is larger than its own edges gets a larger grid.
    const hasEdges =
      topology !== undefined && width <= (topology.width ?? width) && height <= (topology.height ?? height)
    const least = { width: (hasEdges && topology.width) || width, height: (hasEdges && topology.height) || height }
    const size = possible(
      hasEdges
        ? [{ width: topology.width ?? grown.width, height: topology.height ?? grown.height }, least]
        : [grown, roomy, least]
    )
    if (size === undefined)
      return this.#parts.toast.show(
        `This pattern is too large: it needs ${count(least.width)} columns and ${count(least.height)} rows, and a grid has at most ${count(MAX_CELLS)} cells.`
      )
    this.#keep()
    this.#fields.size = size
    // Edges that the viewer chose stay, unless the pattern has its own.
    const before = this.#fields.universe.topology === this.#patternEdges ? "torus" : undefined
    const edges = topology?.text ?? (isGun ? "plane" : before)
    if (edges !== undefined) this.#fields.edges = edges
    this.#patternEdges = topology === undefined && !isGun ? undefined : this.#fields.universe.topology
    if (rule !== undefined) this.#fields.rule = rule
    const at = { x: Math.floor((size.width - width) / 2), y: Math.floor((size.height - height) / 2) }
    this.#set(placed({ cells, width, height }, size, at))
    this.#fields.source = "drawn"
    this.#open()
  }

  /**
   * Lets the viewer edit the cells of a game, and then opens the panel to start a game from them with the same rule, edges and speed.
   * `undefined`: there is no game, so one draws on an empty grid.
   */
  edit(frame: Frame | undefined, { edges, rule }: Universe): void {
    this.#fields.source = "drawn"
    if (frame === undefined) return this.#draw()
    this.#keep()
    this.#fields.size = frame
    const { speed } = this.#parts.store.state.run
    if (speed !== undefined) this.#fields.speed = speed
    if (rule !== undefined) this.#fields.rule = rule
    const plain = /^[TPCS]\d+,\d+$/.test(edges ?? "") ? topologyNames[edges!.charAt(0)] : undefined
    if (edges !== undefined) this.#fields.edges = plain ?? edges
    this.#set(copied(frame, frame.width, frame.height))
    this.#draw()
  }

  #set(frame: Frame | undefined): void {
    this.#drawn = frame
    this.#isOwn = false
  }

  /** Something else comes in place of the drawing. If the viewer has drawn it, it can be taken back. */
  #keep(): void {
    if (!this.#isOwn || this.#drawn?.states.includes(1) !== true) return
    this.#kept.push({ frame: this.#drawn, rule: this.#fields.rule, edges: this.#fields.edges })
    if (this.#kept.length > MOST_KEPT) this.#kept.shift()
    this.#isOwn = false
  }

  #takeBack(): void {
    const drawing = this.#kept.pop()
    if (drawing === undefined) return
    this.#keep()
    this.#fields.size = drawing.frame
    this.#fields.rule = drawing.rule
    this.#fields.edges = drawing.edges
    this.#drawn = drawing.frame
    this.#isOwn = true
    this.#refresh()
  }

  #open(): void {
    if (!this.#dialog.open) {
      this.#dialog.showModal()
      this.#fields.focus()
    }
    this.#gallery.draw()
    this.#refresh()
  }

  async #copyLink(): Promise<void> {
    const { toast } = this.#parts
    const hash = formatStartLink(this.#game)
    if (hash === undefined)
      return toast.show("There are too many cells for a link. Start the game and save the pattern instead.")
    if (await copyText(`${location.origin}${location.pathname}${hash}`))
      return toast.show("The link was copied: it opens this panel with this game.")
    history.replaceState(null, "", hash)
    toast.show("The link is in the address bar.")
  }

  /** Whether this page has started a game here, which it can start again. */
  get canRepeat(): boolean {
    return this.#last !== undefined
  }

  /** Starts the last game of this page again. Returns false if there was none or there is no connection. */
  again(): boolean {
    return this.#last !== undefined && this.#parts.onStart(this.#last)
  }

  /** Sets the grid, the rule and the edges that a pattern needs. The grid only grows. */
  #makeRoom(pattern: PatternEntry): void {
    const room = roomFor(pattern)
    const fields = this.#fields
    fields.growTo(room)
    if (room.edges !== undefined) fields.edges = room.edges
    // A rule that the viewer wrote stays, unless the pattern has its own rule.
    if (pattern.rule !== undefined || fields.rule === this.#patternRule) fields.rule = pattern.rule ?? USUAL_RULE
    this.#patternRule = pattern.rule
    this.#refresh()
  }

  get #firstGeneration(): Start {
    switch (this.#fields.source) {
      case "pattern":
        return { type: "pattern", name: this.#gallery.chosen?.name ?? "" }
      case "drawn":
        return { type: "cells", rle: this.#drawn === undefined ? "!" : toRleBody(this.#fitted(this.#drawn)) }
      default:
        return { type: "random", density: this.#fields.density }
    }
  }

  /** A drawing on the grid of the panel, which may have another size. */
  #fitted(frame: Frame): Frame {
    const { height, width } = this.#fields.size
    return frame.width === width && frame.height === height ? frame : copied(frame, width, height)
  }

  get #game(): GameRequest {
    return { ...this.#fields.universe, start: this.#firstGeneration }
  }

  get #source(): StartSource {
    switch (this.#fields.source) {
      case "pattern":
        return { _tag: "Pattern", pattern: this.#gallery.chosen, isLoading: !this.#isLoaded }
      case "drawn":
        return { _tag: "Drawn", frame: this.#drawn }
      default:
        return { _tag: "Random" }
    }
  }

  /** Shows the problem of the game, if there is one, and whether it can be started. */
  #refresh(): void {
    this.#about.textContent = this.#gallery.chosen?.about ?? ""
    this.#drawnText.textContent = describeDrawn(this.#drawn)
    this.#back.hidden = this.#kept.length === 0
    const { size } = this.#fields
    const problem = problemOfStart(size, this.#source)
    const ruleProblem = problemOfRule(this.#fields.rule)
    const edgesProblem = problem === undefined ? problemOfEdges(this.#fields.universe.topology, size) : undefined
    this.#problem.textContent = problem ?? ""
    const clients = this.#parts.clients()
    this.#ends.hidden = clients === 0
    this.#ends.textContent = `This ends the game that runs here now, of ${count(clients)} ${clients === 1 ? "client" : "clients"}, for all who watch it.`
    this.#fields.show(ruleProblem, edgesProblem)
    const isReady = [problem, ruleProblem, edgesProblem].every((each) => each === undefined)
    this.#copy.disabled = !isReady
    // A click before the connection is open would be lost.
    this.#begin.disabled = !isReady || (this.#list.hasControl && this.#parts.isConnecting())
    this.#command.value = isReady
      ? commandFor(this.#list.command, this.#game, `${location.origin}${location.pathname}`.replace(/\/$/, ""))
      : "–"
  }

  #draw(): void {
    const { rule, size } = this.#fields
    if (!(size.width > 0 && size.height > 0 && size.width * size.height <= MAX_CELLS)) return
    this.#dialog.close()
    // On a smaller grid some of the cells would be lost.
    if (this.#drawn !== undefined && problemOfStart(size, this.#source) !== undefined) this.#keep()
    this.#parts.board.open(size, this.#drawn, rule, (frame, isChanged) => {
      this.#drawn = frame
      this.#isOwn ||= isChanged
      this.#open()
    })
  }

  async #copyCommand(): Promise<void> {
    const { toast } = this.#parts
    if (await copyText(this.#command.value)) return toast.show("The command was copied: run it in a terminal.")
    this.#command.select()
    toast.show("This browser gives no access to its clipboard. The command is selected: copy it by hand.")
  }

  #start(): void {
    const game = this.#game
    if (!this.#parts.onStart(game)) return this.#parts.toast.show("There is no connection to the server now.")
    this.#last = game
    this.#dialog.close()
    // The keys are for the game now.
    element("grid", HTMLElement).focus({ preventScroll: true })
  }
}
