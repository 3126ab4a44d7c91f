/** Shows a line about one cell: the cell under the mouse, else the marked one. Of the marked cell it also shows the client. */
import { UNKNOWN } from "../../../src/Protocol/WatchProtocol.ts"
import { element, setText } from "../../Element.ts"
import { type Announcer, PAUSE } from "../Instruments/Announcer.ts"
import { awaited, type ClientLog } from "../Model/ClientLog.ts"
import { count } from "../Model/Format.ts"
import { wholeGeneration } from "../Model/Generation.ts"
import { describeCell } from "../Model/Inspector.ts"
import type { Frame, Model, StepRange } from "../Model/Model.ts"
import { stepRange } from "../Model/Model.ts"
import { isTorus, parseUniverse } from "../Model/Universe.ts"
import type { Point } from "../Model/Viewport.ts"
import { Script } from "../Net/Script.ts"
import type { Display } from "../Stage/Display.ts"
import { passFocus } from "./Actions.ts"
import type { PageStore } from "./PageState.ts"

type Census = typeof import("../Model/Census.ts")

const script = new Script<Census>("census/main.js")

/** In larger grids whose cells are of several steps, the page does not look for a whole generation each time. */
const LARGEST = 262_144

export interface CellInspectorParts {
  readonly display: Display
  readonly model: Model
  readonly grid: HTMLElement
  readonly store: PageStore
  readonly log: ClientLog
  readonly announcer: Announcer
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
  #census: Census | undefined
  #hovered: Point | undefined
  #shown: string | undefined
  #epoch = -1
  /** What was spoken last of the marked cell. */
  #announced: { readonly cell: Point; readonly object: string | undefined; readonly at: number } | undefined

  constructor(parts: CellInspectorParts) {
    this.#parts = parts
    parts.store.on(["readAt"], () => this.#show())
    // A viewer who uses the keyboard wants the line about the marked cell, not about the one under the mouse.
    parts.grid.addEventListener("keydown", () => {
      this.#hovered = undefined
    })
    element("client-close", HTMLButtonElement).addEventListener("click", () => {
      parts.display.camera.mark(undefined)
      passFocus(this.#client)
    })
  }

  /** The mouse is over a cell; `undefined`: over none. */
  hover(cell: Point | undefined): void {
    this.#hovered = cell
    this.#show()
  }

  #show(): void {
    const { camera, frame } = this.#parts.display
    const cell = this.#hovered ?? camera.marked
    this.#line.hidden = cell === undefined
    if (cell !== undefined) this.#describe(frame, cell)
    // Whoever comes back to a cell hears of it again.
    else this.#announced = undefined
    this.#showClient(camera.marked)
  }

  /** Shows the line. It changes with every step. */
  #describe(frame: Frame, cell: Point): void {
    const steps = stepRange(frame)
    const object = this.#objectAt(frame, cell, steps)
    const { seenGame } = this.#parts.display
    const text = `${describeCell(frame, cell, seenGame === undefined ? undefined : steps.min)}${object === undefined ? "" : `: ${object}`}`
    setText(this.#line, text)
    if (this.#hovered === undefined) this.#announce(cell, object, text)
  }

  /** The line is spoken for another cell, and when the cell belongs to something else. In an unsteady place this is soon so again. */
  #announce(cell: Point, object: string | undefined, text: string): void {
    const at = performance.now()
    const last = this.#announced?.cell.x === cell.x && this.#announced.cell.y === cell.y ? this.#announced : undefined
    if (last !== undefined) {
      if (object === undefined || object === last.object) return
      if (last.object !== undefined && at - last.at < PAUSE) return
    }
    if (this.#parts.announcer.answer(text)) this.#announced = { cell, object, at }
  }

  /** What the cell belongs to, as far as the page can say. */
  #objectAt(frame: Frame, cell: Point, { max, min }: StepRange): string | undefined {
    const { display, model } = this.#parts
    const { rule } = display
    const state = frame.states[cell.y * frame.width + cell.x]
    if (rule === undefined || state === 0 || state === UNKNOWN) return undefined
    if (this.#census === undefined) {
      // Without it the line has only less to say.
      script.load().then(
        (census) => {
          this.#census = census
          this.#show()
        },
        () => {}
      )
      return undefined
    }
    if (max > min && frame.steps.length > LARGEST) return undefined
    const generation = wholeGeneration(frame)
    const isJoined = display.seenGame !== undefined && isTorus(parseUniverse(model.topology))
    return generation && this.#census.describe(generation, cell, rule, isJoined)
  }

  /** The client is the one of now, so an earlier frame and a drawing have none. */
  #showClient(marked: Point | undefined): void {
    const { display, listen, log, model } = this.#parts
    const { frame } = model
    const isLive = display.seenGame !== undefined && !display.isPast
    const cell = marked !== undefined && isLive ? marked.y * frame.width + marked.x : undefined
    // The client of the same cell in another game has other messages.
    if (log.client !== undefined && (log.client.cell !== cell || model.epoch !== this.#epoch)) log.clear()
    this.#epoch = model.epoch
    listen(cell)
    const { client } = log
    if (client === undefined) passFocus(this.#client)
    this.#client.hidden = client === undefined
    if (client === undefined || marked === undefined) return
    const place = (at: number) => `${Math.floor(at / frame.width)},${at % frame.width}`
    const waits = awaited(client, frame)
    setText(this.#title, `The client of row ${marked.y}, column ${marked.x}`)
    setText(
      this.#connection,
      client.connection !== undefined
        ? `number ${count(client.connection + 1)}, subscribed to ${count(client.neighbours.length)} cells`
        : log.isCounted && model.status?.connected === frame.steps.length
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
