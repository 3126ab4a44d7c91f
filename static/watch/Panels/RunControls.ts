/** Pauses, steps and paces the run itself, where the server owns its workers. */
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

  /** How the game stands; undefined where the workers are somebody else's. */
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

  /** A game was asked for: until the server answers, that is how it stands. */
  expect(): void {
    this.#game = "starting"
  }

  /** The server that owned its workers is gone. */
  hide(): void {
    this.#game = undefined
    this.#field.hidden = true
  }

  /** The list holds the usual speeds; one that was given on the command line is added to it. */
  #showSpeed(speed: number): void {
    const value = String(speed)
    if (![...this.#speed.options].some((option) => option.value === value))
      this.#speed.add(new Option(`${value} a second`, value))
    this.#speed.value = value
  }
}
