/** A short message about what was just done. */
import { element } from "../../Element.ts"

/** Milliseconds that it stays. */
const stay = 5_000

export class Toast {
  readonly #element = element("toast", HTMLElement)
  #timer: number | undefined

  show(text: string): void {
    window.clearTimeout(this.#timer)
    this.#element.hidden = false
    this.#element.textContent = text
    this.#timer = window.setTimeout(() => {
      this.#element.hidden = true
    }, stay)
  }
}
