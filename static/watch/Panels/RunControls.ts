/** Pauses the run, makes single steps and sets its speed, if the server owns its workers. */
import type { ControlRequest, ControlResponse, ControlState } from "../../../src/Protocol/Control.ts"
import { element } from "../../Element.ts"
import type { PageStore, Run } from "./PageState.ts"

export class RunControls {
  readonly #field = element("run", HTMLElement)
  readonly #speed = element("run-speed", HTMLSelectElement)
  readonly #store: PageStore
  readonly #send: (request: ControlRequest) => void
  #game: ControlState["game"] | undefined
  /** The state before the page asked for a game, until the server answers. */
  #before: ControlState["game"] | undefined
  /** Whether the server owns its workers and the first connection to its control channel is being opened. */
  #isComing = false
  /** Whether the viewer wants a run that has not begun yet to be paused when it begins. */
  #pausesAtStart = false
  /** The step to which the viewer wants a run to go that has not begun yet. */
  #until: number | undefined

  constructor(store: PageStore, send: (request: ControlRequest) => void) {
    this.#store = store
    this.#send = send
    this.#speed.addEventListener("change", () => send({ type: "speed", speed: Number(this.#speed.value) }))
  }

  get #isBeginning(): boolean {
    return this.#game === "starting" || (this.#game === undefined && this.#isComing)
  }

  #publish(news: Partial<Run>): void {
    const game = this.#game
    const isBeginning = this.#isBeginning
    const canPause = game === "running" || game === "paused" || isBeginning
    const isPaused = game === "paused" || (isBeginning && this.#pausesAtStart)
    this.#store.set({ run: { ...this.#store.state.run, game, canPause, isPaused, ...news } })
  }

  toggle(): void {
    if (!this.#isBeginning) return this.#send({ type: this.#store.state.run.isPaused ? "resume" : "pause" })
    this.#pausesAtStart = !this.#pausesAtStart
    this.#publish({})
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

  /** Lets the run go on to a step, at which the server pauses it. A recording goes there at once. */
  runTo(step: number): void {
    if (this.#store.state.run.replay !== undefined) {
      this.#send({ type: "pause" })
      this.#send({ type: "seek", step })
    } else if (this.#isBeginning) {
      this.#until = step
      this.#pausesAtStart = false
      this.#publish({})
    } else this.#send({ type: "resume", step })
  }

  step(): void {
    this.#send({ type: "step" })
  }

  /** Whether the server owns its workers, so that it will say what they do. */
  expectServer(isComing: boolean): void {
    this.#isComing = isComing
    this.#publish({})
  }

  receive(response: ControlResponse): void {
    // A game that was asked for and is refused does not begin, and the one before goes on.
    if (response.type === "refused") this.#game = this.#before ?? this.#game
    if (response.type !== "fault") this.#before = undefined
    if (response.type !== "state") return this.#publish({})
    this.#game = response.game
    this.#isComing = false
    if (this.#pausesAtStart && response.game === "running") this.#send({ type: "pause" })
    else if (this.#until !== undefined && response.game === "running") this.#send({ type: "resume", step: this.#until })
    if (response.game !== "starting") {
      this.#pausesAtStart = false
      this.#until = undefined
    }
    this.#field.hidden = false
    this.#speed.disabled = response.game !== "running" && response.game !== "paused"
    this.#showSpeed(response.speed)
    this.#publish({ speed: response.speed, note: response.note ?? "", replay: response.replay })
  }

  /** The page has asked for a game. Until the server answers, the game counts as starting. */
  expectGame(): void {
    this.#before ??= this.#game
    this.#game = "starting"
    this.#until = undefined
    this.#publish({})
  }

  /** The server that owned its workers is gone. */
  lose(): void {
    this.#game = this.#before = this.#until = undefined
    this.#isComing = this.#pausesAtStart = false
    this.#field.hidden = true
    this.#publish({ speed: undefined, note: "" })
  }

  /** Selects a speed. The list has the usual speeds; another one, from the command line, is added. */
  #showSpeed(speed: number): void {
    const value = String(speed)
    if (![...this.#speed.options].some((option) => option.value === value))
      this.#speed.add(new Option(`${speed.toLocaleString("en")} a second`, value))
    this.#speed.value = value
  }
}
