/** Disturbs clients of a run that the server owns, and shows how their neighbours wait and that no cell is lost. */
import type { Clients, ControlRequest, ControlResponse } from "../../../src/Protocol/Control.ts"
import { element, setText } from "../../Element.ts"
import { count } from "../Model/Format.ts"
import type { Model } from "../Model/Model.ts"
import type { Display } from "../Stage/Display.ts"
import { passFocus } from "./Actions.ts"
import type { PageStore } from "./PageState.ts"
import type { Settings } from "./Settings.ts"
import type { Toast } from "./Toast.ts"

/** The number of clients of the button "Disconnect 100". */
const SOME = 100

/** The theme that shows which cells wait: those that are behind. */
const WAITING_THEME = "lag"

/** Cells are in step again when they are at most this number of steps apart. */
const IN_STEP = 2

export interface FaultsParts {
  readonly display: Display
  readonly model: Model
  readonly store: PageStore
  readonly settings: Settings
  readonly toast: Toast
  readonly send: (request: ControlRequest) => void
}

type Fault = Extract<ControlResponse, { readonly type: "fault" }>

export class Faults {
  readonly #parts: FaultsParts
  readonly #button = element("break", HTMLButtonElement)
  readonly #menu = element("break-menu", HTMLElement)
  readonly #one = element("disconnect-one", HTMLButtonElement)
  readonly #freeze = element("freeze-one", HTMLButtonElement)
  /** When the last fault ends, in milliseconds of `performance.now()`; `undefined` if all is well. */
  #until: number | undefined
  #epoch = -1

  constructor(parts: FaultsParts) {
    this.#parts = parts
    const all = () => ({ count: Math.max(1, parts.model.frame.states.length) })
    const actions = {
      "disconnect-one": { type: "disconnect", clients: () => this.#chosen },
      "disconnect-some": { type: "disconnect", clients: () => ({ count: SOME }) },
      "disconnect-all": { type: "disconnect", clients: all },
      "freeze-one": { type: "freeze", clients: () => this.#chosen }
    } as const
    for (const [id, { clients, type }] of Object.entries(actions))
      element(id, HTMLButtonElement).addEventListener("click", () => {
        this.#menu.hidePopover()
        parts.send({ type, clients: clients() })
      })
    parts.store.on(["run", "tickedAt"], ({ run }) => this.#show(run.game === "running" && run.replay === undefined))
    element("kill", HTMLButtonElement).addEventListener("click", () => {
      this.#menu.hidePopover()
      parts.send({ type: "kill" })
    })
  }

  /** The client of the marked cell, or any one. */
  get #chosen(): Clients {
    const { marked } = this.#parts.display.camera
    return marked === undefined ? { count: 1 } : { row: marked.y, col: marked.x }
  }

  /** The server has disturbed clients. */
  begin({ count: clients, fault, time }: Fault): void {
    const { model, settings, toast } = this.#parts
    const seconds = Math.round(time / 1000)
    const who = clients === 1 ? "One client" : `${count(clients)} clients`
    const what =
      fault === "kill"
        ? `were in one process, which was killed. It starts again in ${seconds} s`
        : fault === "freeze"
          ? `${clients === 1 ? "is" : "are"} frozen for ${seconds} s`
          : `${clients === 1 ? "is" : "are"} disconnected, and back in ${seconds} s`
    const then =
      fault === "kill" ? "and every cell resumes" : "The neighbours wait, then their neighbours: watch the wave"
    toast.show(`${who} ${what}${fault === "kill" ? "," : "."} ${then}.`)
    this.#until = performance.now() + time
    this.#epoch = model.epoch
    settings.lend(WAITING_THEME)
  }

  #offer(canBreak: boolean): void {
    if (!canBreak) {
      // A menu that closes gives the focus back to its button.
      this.#menu.hidePopover()
      passFocus(this.#button)
    }
    this.#button.hidden = !canBreak
  }

  /** Shows the buttons if the run can be disturbed, and says when all cells are in step again. */
  #show(canBreak: boolean): void {
    const { display, model, settings, toast } = this.#parts
    if (this.#button.hidden === canBreak) this.#offer(canBreak)
    const isMarked = display.camera.marked !== undefined
    setText(this.#one, isMarked ? "Disconnect this client" : "Disconnect one client")
    setText(this.#freeze, isMarked ? "Freeze this client for 5 s" : "Freeze one client for 5 s")
    if (this.#until === undefined) return
    const { max, min } = model.steps
    const isOther = model.epoch !== this.#epoch
    const cells = model.frame.states.length
    const isWell = performance.now() > this.#until && model.status?.connected === cells && max - min <= IN_STEP
    if (!isOther && !isWell) return
    this.#until = undefined
    settings.lend(undefined)
    if (isWell)
      toast.show(`All ${count(cells)} clients are in lockstep again, at generation ${count(min)}. No cell was lost.`)
  }
}
