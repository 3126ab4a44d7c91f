/** Pauses, steps and paces the run itself, where the server owns its workers. */
import type { ControlRequest, ControlResponse } from "../../../src/Protocol/Control.ts"
import { element } from "../../Element.ts"

export class RunControls {
  readonly #group = element("run", HTMLElement)
  readonly #pause = element("run-pause", HTMLButtonElement)
  readonly #step = element("run-step", HTMLButtonElement)
  readonly #speed = element("run-speed", HTMLSelectElement)
  #isPaused = false

  constructor(send: (request: ControlRequest) => void) {
    this.#pause.addEventListener("click", () => send({ type: this.#isPaused ? "resume" : "pause" }))
    this.#step.addEventListener("click", () => send({ type: "step" }))
    this.#speed.addEventListener("change", () => send({ type: "speed", speed: Number(this.#speed.value) }))
  }

  show(response: ControlResponse): void {
    if (response.type !== "state") return
    const { game, speed } = response
    this.#group.hidden = false
    this.#isPaused = game === "paused"
    this.#pause.textContent = this.#isPaused ? "Continue the run" : "Pause the run"
    this.#pause.disabled = game !== "running" && game !== "paused"
    this.#step.disabled = game !== "paused"
    this.#speed.disabled = this.#pause.disabled
    this.#showSpeed(speed)
  }

  /** The list holds the usual speeds; one that was given on the command line is added to it. */
  #showSpeed(speed: number): void {
    const value = String(speed)
    if (![...this.#speed.options].some((option) => option.value === value))
      this.#speed.add(new Option(`${value} a second`, value))
    this.#speed.value = value
  }
}
