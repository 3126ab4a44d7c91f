/** The bar of a recording that the server plays: its whole length, the step that is seen, and whether it begins again at its end. */
import type { ControlRequest, ReplayLength } from "../../../src/Protocol/Control.ts"
import { element, setText } from "../../Element.ts"
import { count } from "../Model/Format.ts"
import type { Model } from "../Model/Model.ts"
import type { PageStore } from "./PageState.ts"

/** Milliseconds between two requests while the slider is dragged. */
const PAUSE = 120

export class ReplayBar {
  readonly #bar = element("replay", HTMLElement)
  readonly #range = element("replay-range", HTMLInputElement)
  readonly #shown = element("replay-shown", HTMLElement)
  readonly #loops = element("replay-loops", HTMLInputElement)
  readonly #send: (request: ControlRequest) => void
  #length: ReplayLength | undefined
  #timer: number | undefined
  /** Whether the viewer drags the slider, which then does not follow the game. */
  #isDragged = false

  constructor(store: PageStore, model: Model, send: (request: ControlRequest) => void) {
    this.#send = send
    this.#range.addEventListener("input", () => {
      this.#isDragged = true
      this.#write(Number(this.#range.value))
      this.#timer ??= window.setTimeout(() => this.#seek(), PAUSE)
    })
    this.#range.addEventListener("change", () => {
      this.#seek()
      this.#isDragged = false
    })
    store.on(["run"], ({ run }) => {
      if (run.replay !== undefined && run.replay !== this.#length) this.#begin(run.replay)
    })
    store.on(["readAt"], () => this.#follow(model.steps.min))
    this.#loops.addEventListener("change", () => send({ type: "loop", loops: this.#loops.checked }))
  }

  #begin(length: ReplayLength): void {
    this.#length = length
    this.#range.min = String(length.from)
    this.#range.max = String(length.to)
    this.#loops.checked = length.loops
    this.#bar.hidden = false
  }

  /** The newest step of the game has changed. */
  #follow(step: number): void {
    if (this.#length === undefined || this.#isDragged || step < 0) return
    this.#range.value = String(step)
    this.#write(step)
  }

  #seek(): void {
    window.clearTimeout(this.#timer)
    this.#timer = undefined
    this.#send({ type: "seek", step: Number(this.#range.value) })
  }

  #write(step: number): void {
    const text = `Step ${count(step)} of ${count(this.#length?.to ?? step)}`
    setText(this.#shown, text)
    this.#range.setAttribute("aria-valuetext", text)
  }
}
