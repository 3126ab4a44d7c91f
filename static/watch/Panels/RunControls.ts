/** Pauses the run, makes single steps and sets its speed, if the server owns its workers. */
import type { ControlRequest, ControlResponse, ControlState } from "../../../src/Protocol/Control.ts"
import { element } from "../../Element.ts"

export class RunControls {
  readonly #field = element("run", HTMLElement)
  readonly #speed = element("run-speed", HTMLSelectElement)
  readonly #send: (request: ControlRequest) => void
  #game: ControlState["game"] | undefined
  /** The state before the page asked for a game, until the server answers. */
  #before: ControlState["game"] | undefined
  /** Whether the server owns its workers and the first connection to its control channel is being opened. */
  isComing = false
  /** One line about the game: what to look for; "" if there is none. */
  note = ""
  /** Whether the run is a recording. */
  isReplay = false
  /** Whether the viewer wants a run that has not begun yet to be paused when it begins. */
  #pausesAtStart = false
  /** The step at which the run is paused. */
  #until: number | undefined

  constructor(send: (request: ControlRequest) => void) {
    this.#send = send
    this.#speed.addEventListener("change", () => send({ type: "speed", speed: Number(this.#speed.value) }))
  }

  /** The state of the game; `undefined` if the server does not own its workers. */
  get game(): ControlState["game"] | undefined {
    return this.#game
  }

  get #isBeginning(): boolean {
    return this.#game === "starting" || (this.#game === undefined && this.isComing)
  }

  /** Whether there is a run that can be paused and resumed, or will be in a moment. */
  get canPause(): boolean {
    return this.#game === "running" || this.#game === "paused" || this.#isBeginning
  }

  get isPaused(): boolean {
    return this.#game === "paused" || (this.#isBeginning && this.#pausesAtStart)
  }

  toggle(): void {
    if (this.#isBeginning) this.#pausesAtStart = !this.#pausesAtStart
    else this.#send({ type: this.isPaused ? "resume" : "pause" })
  }

  /** The next speed of the list, faster (1) or slower (-1). */
  shiftSpeed(by: 1 | -1): void {
    if (this.#field.hidden || this.#speed.disabled) return
    const speeds = [...this.#speed.options].map(({ value }) => Number(value)).sort((a, b) => a - b)
    const at = speeds.indexOf(Number(this.#speed.value)) + by
    const speed = speeds[Math.min(Math.max(0, at), speeds.length - 1)]!
    this.#speed.value = String(speed)
    this.#send({ type: "speed", speed })
  }

  /** Lets the run go on, and pauses it when all cells have reached this step. */
  runTo(step: number): void {
    this.#until = step
    if (this.isPaused) this.toggle()
  }

  /** All cells have reached this step. */
  reached(step: number): void {
    if (this.#until === undefined || step < this.#until) return
    this.#until = undefined
    if (this.#game === "running") this.#send({ type: "pause" })
  }

  step(): void {
    this.#send({ type: "step" })
  }

  show(response: ControlResponse): void {
    // A game that was asked for and is refused does not begin, and the one before goes on.
    if (response.type === "refused") this.#game = this.#before ?? this.#game
    if (response.type !== "fault") this.#before = undefined
    if (response.type !== "state") return
    this.#game = response.game
    this.isReplay = response.replay !== undefined
    this.note = response.note ?? ""
    this.isComing = false
    if (this.#pausesAtStart && response.game === "running") this.#send({ type: "pause" })
    if (response.game !== "starting") this.#pausesAtStart = false
    this.#field.hidden = false
    this.#speed.disabled = response.game !== "running" && response.game !== "paused"
    this.#showSpeed(response.speed)
  }

  /** The page has asked for a game. Until the server answers, the game counts as starting. */
  expect(): void {
    this.#before ??= this.#game
    this.#game = "starting"
    this.#until = undefined
  }

  /** Hides the controls, because the server that owned its workers is gone. */
  hide(): void {
    this.#game = this.#before = this.#until = undefined
    this.isComing = this.#pausesAtStart = false
    this.note = ""
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
