/** A short message about what was just done. */
import { element } from "../../Element.ts"

/** Milliseconds that it stays. */
const stay = 5_000

export class Toast {
  readonly #element = element("toast", HTMLElement)
  #timer: number | undefined

  constructor() {
    // The event does not bubble. It comes a task after the dialog was closed, and another may be open by then.
    document.addEventListener("close", () => this.#place(), { capture: true })
  }

  show(text: string): void {
    window.clearTimeout(this.#timer)
    this.#place()
    this.#element.hidden = false
    this.#element.textContent = text
    this.#timer = window.setTimeout(() => {
      this.#element.hidden = true
    }, stay)
  }

  /** A dialog lies above the page and keeps all else from being reached: what is said while one is open is said in it. */
  #place(): void {
    const home = document.querySelector("dialog:modal") ?? document.body
    if (this.#element.parentElement !== home) home.append(this.#element)
  }
}
