/** The viewer's controls of the run: stop it, raise and lower its load. */
import type { LoadRequest, LoadStart, LoadState } from "../../src/Protocol/LoadView.ts"
import { element } from "../Element.ts"

const STEP = 1.2

export class Steering {
  readonly #ask: (request: LoadRequest) => void
  readonly #stop = element("stop", HTMLButtonElement)
  readonly #abort = element("abort", HTMLButtonElement)
  readonly #load = element("load", HTMLInputElement)
  readonly #buttons = [...element("steering", HTMLFormElement).querySelectorAll("button")]
  #isWhole = true
  /** Requests that were not heard yet: the states that come are of before. */
  #unheard = 0

  constructor(ask: (request: LoadRequest) => void) {
    this.#ask = (request) => {
      this.#unheard++
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
    element("load-name", HTMLElement).textContent = steers === "clients" ? "Clients" : "Messages a second"
    this.#load.value = ""
  }

  show({ load, phase }: LoadState): void {
    const goesOn = phase === "connecting" || phase === "loading"
    this.#stop.disabled = !goesOn
    this.#abort.disabled = phase === "ended"
    this.#load.disabled = !goesOn
    for (const button of this.#buttons) button.disabled = !goesOn
    // What the viewer types, or has set, stays.
    if (document.activeElement !== this.#load && this.#unheard === 0)
      this.#load.value = String(Number(load.toPrecision(4)))
  }

  /** A request was heard. */
  heard(): void {
    this.#unheard--
  }

  /** Nobody is there to ask. */
  end(): void {
    for (const control of [this.#stop, this.#abort, this.#load, ...this.#buttons]) control.disabled = true
  }

  #change(factor: number): void {
    const load = this.#load.valueAsNumber * factor
    // One client more or less at least.
    this.#set(this.#isWhole ? (factor > 1 ? Math.ceil(load) : Math.max(1, Math.floor(load))) : load)
  }

  #set(load: number): void {
    if (!(load > 0)) return
    this.#load.value = String(Number(load.toPrecision(4)))
    this.#ask({ type: "steer", load })
  }
}
