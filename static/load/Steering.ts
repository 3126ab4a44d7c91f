/** The controls of the run: stop it, raise or lower its load. */
import { type LoadRequest, type LoadStart, type LoadState, MAX_LOAD } from "../../src/Protocol/LoadView.ts"
import { element } from "../Element.ts"

const STEP = 1.2
/** The least messages a second that the browser takes without a word. */
const SLOWEST = 0.001

export class Steering {
  readonly #ask: (request: LoadRequest) => void
  readonly #stop = element("stop", HTMLButtonElement)
  readonly #abort = element("abort", HTMLButtonElement)
  readonly #load = element("load", HTMLInputElement)
  readonly #phase = element("phase", HTMLElement)
  readonly #buttons = [...element("steering", HTMLFormElement).querySelectorAll("button")]
  #isWhole = true
  /** Whether no state of this run has come yet. */
  #isNew = true
  /** Requests that are not answered yet. States that come now are older than them. */
  #unanswered = 0

  /** What had the focus when the line was cut. It gets it back, unless the viewer has gone elsewhere. */
  #left: HTMLElement | undefined

  constructor(ask: (request: LoadRequest) => void) {
    this.#ask = (request) => {
      this.#unanswered++
      ask(request)
    }
    this.#stop.addEventListener("click", () => this.#ask({ type: "stop" }))
    this.#abort.addEventListener("click", () => this.#ask({ type: "abort" }))
    element("raise", HTMLButtonElement).addEventListener("click", () => this.#change(STEP))
    element("lower", HTMLButtonElement).addEventListener("click", () => this.#change(1 / STEP))
    element("steering", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault()
      this.#set(this.#load.valueAsNumber)
    })
  }

  begin({ steers }: LoadStart): void {
    this.#isWhole = steers === "clients"
    // The answers to what was asked on another connection do not come any more.
    this.#unanswered = 0
    element("load-name", HTMLElement).textContent = steers === "clients" ? "Clients" : "Messages per second"
    this.#isNew = true
    this.#load.min = String(this.#isWhole ? 1 : SLOWEST)
    this.#load.max = String(MAX_LOAD)
  }

  show({ load, phase }: LoadState): void {
    const goesOn = phase === "connecting" || phase === "loading"
    for (const control of [this.#stop, this.#load, ...this.#buttons]) this.#enable(control, goesOn)
    this.#enable(this.#abort, phase !== "ended")
    this.#left = undefined
    // The value that the viewer types or has set for this run stays.
    if (this.#isNew || (document.activeElement !== this.#load && this.#unanswered === 0))
      this.#load.value = String(Number(load.toPrecision(4)))
    this.#isNew = false
  }

  /** A request was answered. */
  answered(): void {
    this.#unanswered--
  }

  /** There is no line to the tool, so there is nothing to control. */
  end(): void {
    for (const control of [this.#stop, this.#abort, this.#load, ...this.#buttons]) this.#enable(control, false)
  }

  /**
   * Who uses the keys is at the state of the run when the control there can be used no more, and at the next one with the next Tab. At
   * that one itself, a key that is kept down would use it.
   */
  #enable(control: HTMLButtonElement | HTMLInputElement, isEnabled: boolean): void {
    if (control.disabled !== isEnabled) return
    const { activeElement } = document
    const isLeft = !isEnabled && activeElement === control
    control.disabled = !isEnabled
    if (isLeft) {
      this.#left = control
      this.#phase.focus({ preventScroll: true })
    } else if (isEnabled && control === this.#left && activeElement === this.#phase) control.focus()
  }

  #change(factor: number): void {
    const load = this.#load.valueAsNumber * factor
    // Change the load by at least one client.
    this.#set(this.#isWhole ? (factor > 1 ? Math.ceil(load) : Math.max(1, Math.floor(load))) : load)
  }

  #set(load: number): void {
    if (!(load > 0)) return
    this.#load.value = String(Number(load.toPrecision(4)))
    // The browser says what is wrong, at the field.
    if (this.#load.reportValidity()) this.#ask({ type: "steer", load })
  }
}
