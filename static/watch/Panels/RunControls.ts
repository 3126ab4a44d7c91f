/** Pauses the run, makes single steps and sets its speed, if the server owns its workers. */
import type { ControlRequest, ControlResponse, ControlState } from "../../../src/Protocol/Control.ts"
import { element } from "../../Element.ts"

export class RunControls {
  readonly #field = element("run", HTMLElement)
  readonly #speed = element("run-speed", HTMLSelectElement)
  readonly #send: (request: ControlRequest) => void
  #game: ControlState["game"] | undefined

  constructor(send: (request: ControlRequest) => void) {
    this.#send = send
    this.#speed.addEventListener("change", () => send({ type: "speed", speed: Number(this.#speed.value) }))
  }

  /** The state of the game; `undefined` if the server does not own its workers. */
  get game(): ControlState["game"] | undefined {
    return this.#game
  }

  /** Whether there is a run that can be paused and resumed. */
  get canPause(): boolean {
    return this.#game === "running" || this.#game === "paused"
  }

  get isPaused(): boolean {
    return this.#game === "paused"
  }

  toggle(): void {
    this.#send({ type: this.isPaused ? "resume" : "pause" })
  }

  step(): void {
    this.#send({ type: "step" })
  }

  show(response: ControlResponse): void {
    if (response.type !== "state") return
    this.#game = response.game
    this.#field.hidden = false
    this.#speed.disabled = !this.canPause
    this.#showSpeed(response.speed)
  }

  /** The page has asked for a game. Until the server answers, the game counts as starting. */
  expect(): void {
    this.#game = "starting"
  }

  /** Hides the controls, because the server that owned its workers is gone. */
  hide(): void {
    this.#game = undefined
    this.#field.hidden = true
  }

  /** Selects a speed. The list has the usual speeds; another one, from the command line, is added. */
  #showSpeed(speed: number): void {
    const value = String(speed)
    if (![...this.#speed.options].some((option) => option.value === value))
      this.#speed.add(new Option(`${value} a second`, value))
    this.#speed.value = value
  }
}
