/** A short message about what was just done. */
import { element } from "../../Element.ts"

/** Milliseconds that it stays. */
const stay = 5_000

export class Toast {
  readonly #element = element("toast", HTMLElement)
  #timer: number | undefined

  /** A dialog lies above the page and keeps all else from being reached: what is said while one is open is said in it. */
  show(text: string): void {
    window.clearTimeout(this.#timer)
    const dialog = document.querySelector<HTMLDialogElement>("dialog:modal")
    const home = dialog ?? document.body
    if (this.#element.parentElement !== home) home.append(this.#element)
    dialog?.addEventListener("close", () => document.body.append(this.#element), { once: true })
    this.#element.hidden = false
    this.#element.textContent = text
    this.#timer = window.setTimeout(() => {
      this.#element.hidden = true
    }, stay)
  }
}
